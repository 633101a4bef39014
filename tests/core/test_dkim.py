"""Signed mail as its receivers see it. dkimpy is the oracle; DNS is a dictionary."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import example, given
from hypothesis import strategies as st

from tests.made import KEY, LETTERHEAD, NOON, delivery, pick
from tests.signing import both, ed25519_pem, pem, published, rsa_pem, signer, verdicts
from worker import shipped
from worker.core import canonical
from worker.core.compose import Composer
from worker.core.dkim import COVERED, Signer, Signing
from worker.core.dkimkey import Kind, read_key
from worker.core.keys import Keys
from worker.core.render import Templates

GOLDEN = sorted((Path(__file__).parent.parent / "golden").glob("*.eml"))
PLAIN = b"From: a@example.org\r\nSubject: x\r\n\r\nHello\r\n"
HOLD = [True, True]
BREAK = [False, False]


def checked(message: bytes, signing: Signing | None = None) -> list[bool]:
    return verdicts(message, published(signing or both()))


@pytest.fixture(scope="module")
def mail() -> bytes:
    return both().signed(GOLDEN[0].read_bytes(), NOON)


def tags(signed: bytes) -> list[dict[str, str]]:
    """The tags of each signature, without the spaces in their values."""
    found = re.findall(rb"DKIM-Signature:((?:.|\r\n )*)\r\n", signed)
    flat = [re.sub(r"\s", "", one.decode()) for one in found]
    return [dict(tag.split("=", 1) for tag in one.split(";")) for one in flat]


# --- what verifies


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_golden_mail_verifies_by_both_algorithms(path: Path) -> None:
    message = path.read_bytes()
    signed = both().signed(message, NOON)
    assert checked(signed) == HOLD
    assert signed.endswith(message)
    assert [one["a"] for one in tags(signed)] == ["rsa-sha256", "ed25519-sha256"]


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_one_key_alone_makes_one_signature_that_verifies(kind: Kind) -> None:
    signing = Signing("example.org", (signer(kind),))
    assert checked(signing.signed(PLAIN, NOON), signing) == [True]


def test_a_mail_is_signed_by_its_composer_and_is_the_same_below_the_signature() -> None:
    plain = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
    one = delivery(pick(1))
    signed = replace(plain, signing=both())(one)
    assert checked(signed.content) == HOLD
    assert signed.content.endswith(plain(one).content)
    assert {tag["t"] for tag in tags(signed.content)} == {str(int(one.planned_at.timestamp()))}


pieces = st.sampled_from(
    (
        *(b" ", b"  ", b"\t", b"\r\n", b"\r\n\r\n", b" \r\n", b"\t \r\n", b"\r\n.\r\n"),
        *(b".", b"..", b"=20", b"word", b"x" * 1500, b"\xe9", b"\0", b"\v", b"\f "),
    )
)
bodies = st.lists(pieces, max_size=25).map(b"".join)


@given(bodies)
@example(b"")
@example(b" ")
@example(b"\r\n\r\n\r\n")
@example(b"a \t b\t\r\n\r\n \r\n")
def test_any_body_verifies(body: bytes) -> None:
    signed = both().signed(b"From: a@example.org\r\n\r\n" + body, NOON)
    on_the_wire = signed if signed.endswith(b"\r\n") else signed + b"\r\n"
    assert checked(on_the_wire) == HOLD


spaces = st.text(" \t", max_size=3)
folds = st.lists(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
    | st.sampled_from(["\r\n ", "\r\n\t", " ", "   "]),
    max_size=12,
).map(lambda parts: "".join(parts).strip().rstrip("\r\n"))
names = st.sampled_from([*COVERED, "x-other", "sender"])
cased = st.tuples(names, st.booleans()).map(lambda pair: pair[0].upper() if pair[1] else pair[0])


@given(st.lists(st.tuples(cased, spaces, folds, spaces), max_size=12))
@example([("TO", "\t", "a \r\n b", " "), ("to", "", "", "")])
def test_any_header_verifies(fields: list[tuple[str, str, str, str]]) -> None:
    head = "".join(f"{name}:{before}{value}{after}\r\n" for name, before, value, after in fields)
    message = f"{head}From: a@example.org\r\n\r\nHello\r\n".encode()
    assert checked(both().signed(message, NOON)) == HOLD


def test_the_canonical_forms_are_those_of_the_example_in_rfc_6376() -> None:
    """Section 3.4.5, example 1."""
    head = b"A: X\r\nB : Y\t\r\n\tZ  "
    assert canonical.fields(head) == [(b"a", b"a:X"), (b"b", b"b:Y Z")]
    assert canonical.body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"


def test_a_relay_may_fold_and_space_the_header_anew(mail: bytes) -> None:
    again = mail.replace(b"List-Unsubscribe: ", b"list-unsubscribe:\r\n\t ")
    again = again.replace(b"; charset", b";  charset").replace(
        b"MIME-Version: 1.0", b"Mime-Version:1.0 "
    )
    assert again != mail
    assert checked(again) == HOLD


# --- what does not


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"List-Unsubscribe: <https://papers", b"List-Unsubscribe: <https://evil"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Clicks"),
        (b"List-Unsubscribe: ", b"X-List-Unsubscribe: "),
        (b"\r\n\r\n--=_", b"\r\n\r\nHello\r\n--=_"),
        (b"--\r\n", b"--\r\nmore\r\n"),
        (b"\r\nFrom: ", b"\r\nFrom: evil@example.net\r\nFrom: "),
        (b"\r\nSubject: ", b"\r\nSubject: Free!\r\nSubject: "),
        (b"\r\nMIME-Version: ", b"\r\nSubject: Free!\r\nMIME-Version: "),
        (b"\r\nMIME-Version: ", b"\r\nFrom: evil@example.net\r\nMIME-Version: "),
        (b"\r\nTo: ", b"\r\nTo: not."),
        (b"\r\nReply-To: ", b"\r\nReply-To: not."),
        (b"\r\nDate: ", b"\r\nDate: Mon, 01 Jan 2024 00:00:00 +0000\r\nX-Date: "),
        (b"\r\nAuto-Submitted: auto-generated", b""),
        (b"\r\nList-Id: ", b"\r\nList-Id: Another "),
        (b"\r\nContent-Type: multipart/alternative", b"\r\nContent-Type: multipart/mixed"),
    ],
)  # fmt: skip
def test_what_is_altered_on_its_way_does_not_verify(mail: bytes, old: bytes, new: bytes) -> None:
    altered = mail.replace(old, new, 1)
    assert altered != mail
    assert checked(altered) == BREAK


@pytest.mark.parametrize("top", [b"From: evil@example.net\r\n", b"Subject: Free!\r\n"])
def test_a_second_from_or_subject_on_top_does_not_verify(mail: bytes, top: bytes) -> None:
    assert checked(top + mail) == BREAK


def test_each_signature_holds_without_the_other(mail: bytes) -> None:
    first, second = mail.split(b"DKIM-Signature:")[1:]
    assert checked(b"DKIM-Signature:" + second) == [True]
    rest = second[second.index(b"\r\nFrom:") + 2 :]
    assert checked(b"DKIM-Signature:" + first + rest) == [True]


# --- how a signature looks


def test_both_unsubscribe_fields_are_covered_and_from_and_subject_twice(mail: bytes) -> None:
    for one in tags(mail):
        assert one["h"] == (
            "from:from:subject:subject:to:date:message-id:mime-version:content-type:reply-to"
            ":list-id:list-unsubscribe:list-unsubscribe-post:auto-submitted"
        )
        assert (one["v"], one["c"], one["d"]) == ("1", "relaxed/relaxed", "example.org")
        assert "l" not in one


def test_a_field_that_is_not_there_is_not_covered_but_a_subject_never_comes_in() -> None:
    signed = both().signed(b"From: a@example.org\r\n\r\nHello\r\n", NOON)
    assert tags(signed)[0]["h"] == "from:from:subject"
    assert checked(signed.replace(b"From: a", b"Subject: x\r\nFrom: a")) == BREAK


def test_the_same_arguments_give_the_same_bytes_and_another_instant_does_not() -> None:
    assert both().signed(PLAIN, NOON) == both().signed(PLAIN, NOON)
    assert both().signed(PLAIN, NOON + timedelta(seconds=1)) != both().signed(PLAIN, NOON)


def test_the_lines_of_a_signature_have_at_most_76_columns(mail: bytes) -> None:
    head = mail[: mail.index(b"\r\nFrom:")]
    assert max(len(line) for line in head.split(b"\r\n")) <= 76


def test_the_longest_names_still_verify() -> None:
    signing = Signing(".".join(["d" * 60] * 3 + ["org"]), (Signer("s" * 50, signer("rsa").key),))
    message = PLAIN.replace(b"example.org", signing.domain.encode())
    assert checked(signing.signed(message, NOON), signing) == [True]


@pytest.mark.parametrize("message", [b"", b"\r\n\r\nHello", b"To: a@example.org\r\n\r\nHello\r\n"])
def test_a_message_without_from_is_not_signed(message: bytes) -> None:
    with pytest.raises(ValueError, match="needs a From"):
        both().signed(message, NOON)


def test_an_instant_without_a_zone_is_not_taken() -> None:
    with pytest.raises(ValueError, match="aware instant"):
        both().signed(PLAIN, datetime(2025, 9, 8))  # noqa: DTZ001 - just so


@pytest.mark.parametrize(
    ("selector", "domain"),
    [("a b", "example.org"), ("a", "x; d=y"), ("", "x.org"), ("a" * 64, "x")],
)
def test_names_that_dns_could_not_have_are_refused(selector: str, domain: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        Signing(domain, (Signer(selector, signer("rsa").key),))


# --- keys


def test_ed25519_keys_and_signatures_are_those_of_rfc_8463() -> None:
    """Appendix A: the seed there has the public key there."""
    seed = base64.b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    private = Ed25519PrivateKey.from_private_bytes(seed)
    assert (
        read_key(pem(private), "ed25519").public == "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    )


def test_no_key_shows_in_what_is_printed() -> None:
    shown = repr(both()) + str(both())
    assert "PrivateKey" not in shown
    assert "private" not in shown


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (b"", "rsa", "no private key in PEM"),
        (
            b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n",
            "rsa",
            "no private",
        ),
        (rsa_pem(1024), "rsa", "has 1024 bits; from 2048 to 4096"),
        (rsa_pem(), "ed25519", "another kind than ed25519"),
        (ed25519_pem(), "rsa", "another kind than rsa"),
    ],
    ids=["empty", "broken", "short", "rsa", "ed25519"],
)
def test_a_file_that_is_no_such_key_is_refused(content: bytes, kind: Kind, says: str) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        read_key(content, kind)
    assert "c2Vj" not in str(refused.value)


def test_a_locked_key_and_a_public_one_are_refused() -> None:
    private = Ed25519PrivateKey.generate()
    locked = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"sesame")
    )
    with pytest.raises(ValueError, match="locked with a password"):
        read_key(locked, "ed25519")
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(ValueError, match="no private key"):
        read_key(public, "ed25519")
