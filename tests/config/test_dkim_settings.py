"""How the section ``[dkim]`` is read, and which keys it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.reading import SITE, Read, problems
from tests.made import NOON
from tests.signing import ed25519_pem, published, rsa_pem, verdicts
from worker.config.dkim import key_files
from worker.config.settings import read_settings
from worker.model import Refused

FROM = "[mail]\nfrom = 'a@papers.example.net'\nbase_url = 'https://papers.example.net'\n"
ON = f"{FROM}[dkim]\nselector = 'paperround'\n"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Both keys where they belong."""
    for name, content in (("dkim-rsa.pem", rsa_pem()), ("dkim-ed25519.pem", ed25519_pem())):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
    return tmp_path


def test_without_a_selector_nothing_is_signed_and_no_key_is_read(read: Read) -> None:
    settings = read(f"{SITE}{FROM}[dkim]\ndomain = 'other.example'\nrsa_key = 'nowhere'\n")
    assert settings.signing is None
    assert settings.warnings == ()


def test_with_a_selector_both_keys_sign_for_the_domain_of_the_sender(
    read: Read, keys: Path
) -> None:
    settings = read(SITE + ON)
    assert settings.warnings == ()
    assert settings.signing is not None
    dns = published(settings.signing)
    assert list(dns) == [
        "paperround-rsa._domainkey.papers.example.net",
        "paperround-ed25519._domainkey.papers.example.net",
    ]
    message = settings.signing.signed(b"From: a@papers.example.net\r\n\r\nHello\r\n", NOON)
    assert verdicts(message, dns) == [True, True]


def test_a_selector_may_come_from_the_environment(read: Read, keys: Path) -> None:
    signing = read(FROM, PAPERROUND_DKIM_SELECTOR="Other").signing
    assert signing is not None
    assert signing.signers[0].selector == "other-rsa"


@pytest.mark.parametrize("domain", ["papers.example.net", "example.net", "Example.NET"])
def test_the_domain_is_that_of_the_sender_or_above_it(read: Read, keys: Path, domain: str) -> None:
    signing = read(f"{ON}domain = '{domain}'").signing
    assert signing is not None
    assert signing.domain == domain.lower()


@pytest.mark.parametrize("domain", ["x.papers.example.net", "example.org", "apers.example.net"])
def test_any_other_domain_is_refused(read: Read, keys: Path, domain: str) -> None:
    (told,) = problems(read, f"{ON}domain = '{domain}'")
    assert told.startswith("paperround.toml:6: [dkim] domain: must be papers.example.net, ")


@pytest.mark.parametrize("selector", ["a.b", "a b", "-a", "a_b", "ä", "a;b", "a" * 56])
def test_a_selector_that_is_no_label_is_refused(read: Read, selector: str) -> None:
    (told,) = problems(read, f"[dkim]\nselector = '{selector}'")
    assert told.startswith("paperround.toml:2: [dkim] selector: must be letters, digits and")


def test_names_that_are_too_long_together_are_refused(read: Read, keys: Path) -> None:
    domain = ".".join(["d" * 60] * 3)
    mail = f"mail.from = 'a@{domain}.example.net'\n"
    (told,) = problems(read, f"{mail}dkim.selector = '{'s' * 55}'")
    assert told.endswith("[dkim] selector: domain and selector make no name that DNS can have")


def test_one_key_is_enough_but_ed25519_alone_is_warned_of(read: Read, keys: Path) -> None:
    one = read(f"{SITE}{ON}ed25519_key = ''")
    assert one.signing is not None
    assert ([signer.key.kind for signer in one.signing.signers], one.warnings) == (["rsa"], ())
    (warning,) = read(f"{SITE}{ON}rsa_key = ''").warnings
    assert "many receivers" in warning


def test_no_key_at_all_is_refused(read: Read) -> None:
    (told,) = problems(read, f"{ON}rsa_key = ''\ned25519_key = ''")
    assert told == "paperround.toml:5: [dkim] selector: needs a key; set rsa_key or ed25519_key"


def test_each_missing_key_is_told_with_what_to_do(read: Read) -> None:
    told = problems(read, ON)
    assert [line.partition(": ")[2].split(":")[0] for line in told] == [
        "[dkim] ed25519_key", "[dkim] rsa_key",
    ]  # fmt: skip
    for line in told:
        assert "no such file; `paperround init --dkim` makes it" in line


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no private key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n", "holds no private key in PEM"),
        (b"\xff\xfe", "not UTF-8"),
        (b"x" * 30_000, "larger than 20000 bytes"),
        (rsa_pem(1024), "has 1024 bits; from 2048 to 4096 will do"),
        (ed25519_pem(), "is a key of another kind than rsa"),
    ],
    ids=["empty", "cut", "binary", "large", "short", "other"],
)
def test_a_key_that_cannot_be_used_is_one_clear_line_without_the_key(
    read: Read, keys: Path, content: bytes, says: str
) -> None:
    (keys / "dkim-rsa.pem").write_bytes(content)
    (told,) = problems(read, ON)
    assert told.startswith("paperround.toml:4: [dkim] rsa_key: ")
    assert "dkim-rsa.pem: " in told
    assert says in told
    assert "init --dkim" in told
    assert not any(secret in told for secret in ("SECRET", "BEGIN", "MII", "xxxx"))


def test_a_folder_in_place_of_a_key_is_refused(read: Read, keys: Path) -> None:
    (keys / "dkim-rsa.pem").unlink()
    (keys / "dkim-rsa.pem").mkdir()
    (told,) = problems(read, ON)
    assert "dkim-rsa.pem: cannot be read: Is a directory" in told or "not a regular file" in told


def test_a_key_that_others_can_read_is_warned_of(read: Read, keys: Path) -> None:
    (keys / "dkim-rsa.pem").chmod(0o644)
    (warning,) = read(SITE + ON).warnings
    assert warning.endswith("dkim-rsa.pem: anybody on this machine can read the key; chmod 600 it")


def test_no_key_shows_in_the_settings(read: Read, keys: Path) -> None:
    shown = repr(read(ON))
    assert "PrivateKey" not in shown
    assert "private" not in shown


def test_where_keys_belong_is_known_before_they_are_there(tmp_path: Path) -> None:
    config = tmp_path / "paperround.toml"
    config.write_text(f"{ON}rsa_key = '/etc/rsa.pem'\ned25519_key = ''\nselector2 = 1")
    (file,) = key_files(config, {}, tmp_path)
    assert (file.kind, file.path) == ("rsa", Path("/etc/rsa.pem"))
    both = key_files(None, {"PAPERROUND_DKIM_ED25519_KEY": "e.pem"}, tmp_path)
    assert [file.path for file in both] == [tmp_path / "dkim-rsa.pem", tmp_path / "e.pem"]
    config.write_text("[dkim]\nrsa_key = 5")
    with pytest.raises(Refused, match="rsa_key: must be"):
        key_files(config, {}, tmp_path)
    with pytest.raises(Refused, match="rsa_key: must be"):
        read_settings(config, {}, tmp_path)
