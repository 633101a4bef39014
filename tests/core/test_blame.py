"""Whose fault a server's no is: real replies of real servers, addresses and hosts made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.blame import ENHANCED, blame
from worker.outcomes import (
    Cause,
)

DOWN = Cause.DOWN
ADDRESS, UNSAID, FULL, LATER = Cause.ADDRESS, Cause.UNSAID, Cause.FULL, Cause.LATER
MESSAGE, POLICY, RATE, SIZE = Cause.MESSAGE, Cause.POLICY, Cause.RATE, Cause.SIZE

TO_RECIPIENT = [
    # there is no such mailbox, by a code
    ("550 5.1.1 <ann@x.org>: Recipient address rejected: User unknown in local table", ADDRESS),
    ("550 5.1.1 <ann@x.org>: User unknown in relay recipient table", ADDRESS),  # Postfix
    (("550 5.1.1 The email account that you tried to reach does not exist.\n5.1.1 Please try"
     " double-checking the recipient's email address\n5.1.1 for typos. gsmtp"), ADDRESS),  # Gmail
    ("550 5.2.1 The email account that you tried to reach is disabled.", ADDRESS),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address", ADDRESS),
    ("550 5.1.2 <ann@x.org>: Recipient address rejected: Domain not found", ADDRESS),
    ("501 5.1.3 Bad recipient address syntax", ADDRESS),
    ("550 5.1.6 Mailbox has moved", ADDRESS),
    ("554 5.1.1 unknown user", ADDRESS),
    ("551 5.1.6 User not local", ADDRESS),
    ("556 5.1.10 Recipient address has null MX", ADDRESS),
    ("556 Domain does not accept mail", ADDRESS),  # RFC 7504, without a code
    # no, and it is not said why
    ("550 Requested action not taken: mailbox unavailable", UNSAID),
    ("550 No such person at this address.", UNSAID),  # Exim
    ("550 Unrouteable address", UNSAID),  # Exim
    ("550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).", UNSAID),  # Outlook
    ("550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", UNSAID),  # Exchange
    ("550 5.1.0 Address rejected.", UNSAID),
    ("550 5.2.0 mailbox trouble", UNSAID),
    ("550 Message was not accepted -- invalid mailbox.", UNSAID),  # mail.ru
    ("550 #5.1.0 Address rejected.", UNSAID),  # Cisco: the code is not where it belongs
    ("551 User not local; please try elsewhere", UNSAID),
    ("553 sorry, no such user", UNSAID),
    ("501 syntax error in address", UNSAID),
    ("550 " + "x" * 3000, UNSAID),
    ("550", UNSAID),
    # full
    ("552 5.2.2 <ann@x.org>: Mailbox over quota", FULL),
    ("550 5.2.2 The email account that you tried to reach is over quota", FULL),
    ("452 4.2.2 The email account that you tried to reach is over quota. gsmtp", FULL),
    ("452 4.2.2 <ann@x.org> Mailbox is full / Blocks limit exceeded", FULL),  # Dovecot
    ("552 Requested mail action aborted: exceeded storage allocation", FULL),
    ("552 no", FULL),
    ("450 user mailbox full", FULL),
    ("422 mailbox full", FULL),
    # later
    ("450 4.2.0 <ann@x.org>: Recipient address rejected: Greylisted, see http://x.org", LATER),
    ("450 4.7.1 <ann@x.org>: Recipient address rejected: Greylisted for 5 minutes", LATER),
    ("451 4.7.1 Greylisting in action, please come back in 00:04:58", LATER),  # milter-greylist
    ("451 4.7.1 Gray-listed, wait", LATER),
    ("451 4.7.0 Grey listing", LATER),
    ("451 4.7.1 Try again later", LATER),  # Rspamd
    ("450 4.7.1 You are being graylisted: too many unknown", LATER),
    ("451 4.7.1 Please try again later", LATER),
    ("451 Temporary local problem - please try later", LATER),  # Exim
    ("451 Temporarily greylisted, please try again later", LATER),
    ("450 4.2.1 The user you are trying to contact is receiving mail too quickly.", LATER),  # Gmail
    ("451 4.3.0 Error: queue file write error", DOWN),  # Postfix
    ("452 4.3.1 Insufficient system storage", DOWN),
    ("452 4.5.3 Error: too many recipients", LATER),
    ("450 4.1.1 <ann@x.org>: unverified address: Address verification in progress", LATER),
    ("421 4.4.2 mx.x.org Error: timeout exceeded", DOWN),
    ("450 mailbox unavailable", LATER),
    ("451", LATER),
    # we come too fast
    (("421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from"
     " your\n4.7.28 IP address. To protect our users from spam, mail sent from your\n4.7.28 IP"
     " address has been temporarily rate limited. gsmtp"), RATE),  # Gmail
    ("421 4.7.0 Try again later, closing connection. (MAIL)", RATE),  # Gmail
    (("421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or"
     " user complaints - 4.16.55.1; see https://postmaster.yahooinc.com"), RATE),  # Yahoo
    (("451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP"
     " reputation."), RATE),  # Outlook
    ("451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77714)", RATE),
    ("450 4.7.1 Error: too many messages, try again later", RATE),
    ("450 4.7.1 Client host rejected: cannot find your hostname", RATE),
    ("421 4.3.2 The maximum number of concurrent connections has exceeded a limit", DOWN),
    ("421 4.3.2 too many concurrent connections", RATE),
    ("421 Too many concurrent SMTP connections", RATE),
    # what we are or send is not welcome
    ("550 5.7.1 <ann@x.org>: Relay access denied", POLICY),  # Postfix
    ("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus", POLICY),
    (("550 5.7.26 This mail has been blocked because the sender is unauthenticated.\n5.7.26 Gmail"
     " requires all senders to authenticate with either SPF or DKIM."), POLICY),
    (("550 5.7.515 Access denied, sending domain X.ORG does not meet the required authentication"
     " level."), POLICY),  # Outlook
    ("554 5.7.9 Message not accepted for policy reasons.", POLICY),  # Yahoo
    ("550 relay not permitted", POLICY),  # Exim
    ("550 Administrative prohibition", POLICY),  # Exim
    ("550 Verification failed for <b+t@bounce.x.org>\nSender verify failed", POLICY),  # Exim
    ("550 5.1.8 <b+t@bounce.x.org>: Sender address rejected: Domain not found", POLICY),
    ("550 5.1.7 bad sender", POLICY),
    ("550 5.1.0 <b+t@x.org>: Sender address rejected: User unknown", POLICY),
    ("554 <b+t@x.org>: Sender address rejected: Access denied", POLICY),
    ("553 sorry, that domain isn't in my list of allowed rcpthosts; we do not relay", POLICY),
    ("550 5.1.1 rejected as spam", POLICY),
    ("550 5.2.1 looks like SPAM to us", POLICY),
    ("551 your IP is on a block list", POLICY),
    ("550 Reverse DNS lookup failed for host 192.0.2.1", POLICY),
    ("550 authentication required", POLICY),
    # too large
    ("552 5.3.4 Message size exceeds fixed limit", SIZE),
    ("552 5.2.3 Message too long", SIZE),
    ("552 message size exceeds maximum permitted", SIZE),  # Exim
    # no to the message
    ("554 5.5.1 Error: no valid recipients", MESSAGE),
    ("554 delivery error", MESSAGE),
    ("550 5.6.0 headers", MESSAGE),
    ("503 5.5.1 bad sequence", MESSAGE),
    ("501 5.5.4 Invalid arguments", MESSAGE),
]  # fmt: skip

AFTER_THE_DOT = [
    ("550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found", ADDRESS),  # Exchange asks so late
    ("550 no such user", MESSAGE),
    ("550 Requested action not taken: mailbox unavailable", MESSAGE),
    ("554 Transaction failed", MESSAGE),
    ("554 5.0.0 no", MESSAGE),
    ("550 5.4.1 no", MESSAGE),
    ("554 5.7.1 Message rejected as spam by Content Filtering.", POLICY),  # Exchange
    ("550 This message was classified as SPAM and may not be delivered", POLICY),
    ("554 rejected due to virus", POLICY),
    ("554 message content rejected", POLICY),
    (("552 5.7.0 This message was blocked because its content presents a potential security"
     " issue."), POLICY),  # Gmail
    ("550 5.7.26 Unauthenticated email from x.org is not accepted due to domain's DMARC policy",
     POLICY),
    ("552 5.3.4 Error: message file too big", SIZE),  # Postfix
    ("552 Message size exceeds maximum permitted", SIZE),  # Exim
    ("552 no", SIZE),
    ("552 Quota exceeded", FULL),
    ("552 5.2.2 over quota", FULL),
    ("452 4.2.2 mailbox full", FULL),
    ("451 4.7.1 Greylisted", LATER),
    ("421 4.7.28 rate", RATE),
]  # fmt: skip


def blamed(reply: str, *, of_recipient: bool) -> Cause:
    return blame(int(reply[:3]), reply[4:], of_recipient=of_recipient)


@pytest.mark.parametrize(("reply", "cause"), TO_RECIPIENT)
def test_a_no_to_the_recipient_has_its_cause(reply: str, cause: Cause) -> None:
    assert blamed(reply, of_recipient=True) is cause


@pytest.mark.parametrize(("reply", "cause"), AFTER_THE_DOT)
def test_a_no_after_the_message_has_its_cause(reply: str, cause: Cause) -> None:
    assert blamed(reply, of_recipient=False) is cause


codes = st.integers(400, 599)
texts = st.text(max_size=60) | st.builds(
    "{}.{}.{} {}".format, st.integers(2, 5), st.integers(0, 9), st.integers(0, 30), st.text()
)


@given(codes, texts, st.booleans())
def test_only_a_definite_no_ever_costs_an_address_a_whole_strike(
    code: int, text: str, of_recipient: bool
) -> None:
    cause = blame(code, text, of_recipient=of_recipient)
    if code < 500:
        assert cause in {Cause.LATER, Cause.DOWN, Cause.RATE, Cause.FULL}
    else:
        assert cause not in {Cause.LATER, Cause.DOWN, Cause.RATE}


@given(codes, texts, st.sampled_from(["looks like spam", "listed in RBL", "virus found"]))
def test_who_complains_of_what_we_send_never_costs_a_reader_anything(
    code: int, text: str, complaint: str
) -> None:
    cause = blame(code, f"{text} {complaint}", of_recipient=True)
    assert cause not in {Cause.ADDRESS, Cause.UNSAID}


@pytest.mark.parametrize("name", ["spam.reports", "content", "policy", "rbl", "too.many", "retry"])
@pytest.mark.parametrize("shown", ["<{}@junk.example>: ", "{}@virus.example... ", ""])
def test_what_an_address_is_called_says_nothing_of_why(name: str, shown: str) -> None:
    said = shown.format(name)
    assert blame(550, f"5.1.1 {said}User unknown", of_recipient=True) is ADDRESS
    assert blame(550, f"{said}User unknown", of_recipient=True) is UNSAID
    assert blame(450, f"4.2.0 {said}mailbox busy", of_recipient=True) is LATER


@pytest.mark.parametrize("text", ["1.5.1.1", "5.1.1.2", "v5.1.1", "5.1.1111", "3.1.1", "5.1"])
def test_what_only_looks_like_a_status_code_is_none(text: str) -> None:
    assert ENHANCED.search(text) is None
