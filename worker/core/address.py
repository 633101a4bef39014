"""E-mail addresses that can be mailed: one check for files, forms and headers (RFC 5321, 5322)."""

from __future__ import annotations

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from worker.model import Refused

# RFC 5321, section 4.5.3.1; in octets. Who writes more is refused before anything looks at it.
LONGEST_LOCAL_PART, LONGEST = 64, 254
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address and the name shown with it, possibly empty (RFC 5322, section 3.4)."""

    name: str
    address: str


def normalise(address: str) -> str:
    """Give the address as it is stored and mailed; Refused says why there is none.

    The domain is in lower case and ASCII (IDNA 2008); the local part is kept as written, and has
    to be ASCII, as many mail servers take no other (RFC 6531). No quotes, no IP addresses, no
    reserved domains; the domain is not looked up. What is refused is not repeated.
    """
    if len(address) > LONGEST:
        raise _refused(f"it is longer than {LONGEST} characters")
    try:
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        why = str(error)
        raise _refused(why[:1].lower() + why[1:]) from None
    local_part, _, domain = str(found.ascii_email).rpartition("@")
    if len(local_part) > LONGEST_LOCAL_PART:
        raise _refused(f"over {LONGEST_LOCAL_PART} characters before the @-sign")
    return f"{local_part}@{domain.lower()}"


def mailbox(text: str) -> Mailbox:
    """Read ``Name <address>`` or a bare address; Refused says why it is neither."""
    if not text.endswith(">"):
        return Mailbox("", normalise(text))
    before, _, address = text[:-1].rpartition("<")
    name = before.strip()
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        name = name[1:-1].strip()
    if not _is_name(name):
        line = f'the name before it is {LONGEST_NAME} printable characters at most, none of <>@"\\'
        raise _refused(line)
    return Mailbox(" ".join(name.split()), normalise(address))


def _is_name(name: str) -> bool:
    """Whether nobody can take it for a header, an address or an encoded word (RFC 2047)."""
    return (
        len(name) <= LONGEST_NAME
        and name.isprintable()
        and not set(name) & set('<>@"\\')
        and "=?" not in name
    )


def _refused(why: str) -> Refused:
    return Refused(f"not an e-mail address that can be mailed: {why}")
