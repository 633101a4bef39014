"""What is to be known beside the DNS records, for whoever publishes them."""

from __future__ import annotations

from typing import Final

from worker.core.dnsrecords import Sending, strangers

_SPF_NOTE: Final = (
    "SPF: a name has one such record and no more; if there is one already, add to it what is new "
    "here. It has to allow the servers that the mail leaves from: your provider tells his, as an "
    "include:"
)
_UNSIGNED: Final = (
    "DKIM: mail is not signed here, and the large receivers want it to be. Either your mail "
    "server does it, or `paperround init --dkim` makes the keys"
)
_DMARC_NOTE: Final = "DMARC: begin with p=none, read the reports for some weeks, then p=quarantine"
_REVERSE_DNS: Final = (
    "reverse DNS: the address that the mail leaves from needs a name, and that name this address "
    "(PTR, and A or AAAA); the PTR is set by whoever gave you the address"
)
_TLS_NOTE: Final = (
    "TLS: to your mail server as [smtp] says; receivers want it on the way from there, too, so "
    "the server that carries the mail on has to use STARTTLS wherever it is offered"
)


def notes(sending: Sending) -> tuple[str, ...]:
    """What is to be known beside the records, a sentence or two each."""
    apart = strangers(sending.bounce_domain, sending.from_domain)
    return (
        _SPF_NOTE,
        *([_bounces_apart(sending)] if apart else []),
        *([] if sending.signing else [_UNSIGNED]),
        _DMARC_NOTE,
        _REVERSE_DNS,
        _TLS_NOTE,
        _one_click(sending.base_url),
    )


def _bounces_apart(sending: Sending) -> str:
    return (
        f"SPF is checked for {sending.bounce_domain}, where bounces go, but readers see "
        f"{sending.from_domain}: for DMARC it counts only if both are of one organisation, and "
        "else only DKIM does"
    )


def _one_click(base_url: str) -> str:
    if base_url.startswith("https:"):
        return (
            f"one-click: receivers unsubscribe by a POST to {base_url}/u/<token>; it must be "
            "reachable from everywhere, with a certificate that holds, and must not redirect"
        )
    return "one-click: not offered, as base_url is not https; the large receivers want it"
