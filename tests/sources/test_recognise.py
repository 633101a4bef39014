"""One form for one file: what another form may claim as well comes behind it, and never wins.

A polyglot is what its outermost wrapping is: a mail is opened, and a file is what it begins as.
"""

from __future__ import annotations

import gzip
from base64 import encodebytes
from pathlib import Path

import pytest

from tests.sources.daily import ROOT, SEEDS, daily_file
from worker.model import Unreadable
from worker.sources import forms
from worker.sources.unpack import text_of

CORPUS = ROOT / "tests" / "corpus"
FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file() and path.parent != CORPUS)
HEAD = "From: a@example.org\nSubject: Papers\nMIME-Version: 1.0\n"
RECORD = (
    "\\\\\narXiv:2509.90001\nTitle: A Paper on Doors\nAuthors: Ada Quill\n\\\\\n  We open doors.\n"
    "\\\\ ( https://arxiv.org/abs/2509.90001 ,  9kb)\n"
)
JSON = '[{"title": "A Paper on Doors", "id": "2509.90001", "abstract": "%s"}]'
PAGE = '<html><body><p><a href="https://arxiv.org/abs/2509.1">A Page</a></p></body></html>'
RSS = "<rss><channel><item><title>A Paper on Doors</title></item></channel></rss>"


def claims(content: bytes | str) -> list[str]:
    """The names of the forms that would read it, in the order in which they are asked."""
    text = text_of(daily_file(content), None).text
    return [form.name for form in forms.FORMS if form.recognise(text)]


def name_of(path: Path) -> str:
    """The form that the folder of the corpus is of."""
    return path.parent.name.replace("_", "-")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_is_of_the_form_of_its_folder_and_of_no_other(path: Path) -> None:
    """The page with its links is also a page as text: there ``hf-links`` is asked before."""
    alike = {"hf-links": {"hf-text", "markdown"}}
    first, *others = claims(path.read_bytes())
    assert first == name_of(path)
    assert set(others) <= alike.get(first, set())


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_the_first_files_of_all_are_of_one_form(path: Path) -> None:
    assert claims(path.read_bytes()) == ["hf-text"]


def test_every_form_has_its_own_name() -> None:
    names = [form.name for form in forms.FORMS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "inner",
    [PAGE, RSS, RECORD, HEAD, "Daily Papers", "# Papers", "@misc{a,title={b}}", "TY  - JOUR"],
)
def test_what_stands_in_a_value_of_json_changes_nothing(inner: str) -> None:
    written = inner.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    assert claims(JSON % written) == ["json"]


@pytest.mark.parametrize(
    ("around", "form"),
    [
        ("<html><body><pre>%s</pre></body></html>", "html"),
        ("<rss><channel><item><description>%s</description></item></channel></rss>", "feed"),
        ("@misc{a, title={A}, abstract={%s}}", "bibtex"),
        ("TY  - JOUR\nTI  - A\nAB  - %s\nER  - \n", "ris"),
    ],
)
@pytest.mark.parametrize("inner", [JSON % "", "\n# Papers\n\n- a\n", "Daily Papers", "\n" + RECORD])
def test_a_file_is_what_it_begins_as(around: str, form: str, inner: str) -> None:
    assert claims(around % inner)[0] == form


def mail(body: str, kind: str = "text/plain", more: str = "") -> str:
    return f"{HEAD}Content-Type: {kind}\n{more}\n{body}\n"


@pytest.mark.parametrize(
    "content",
    [
        mail(mail(RECORD), "message/rfc822"),
        mail(mail(mail(RECORD), "message/rfc822"), "message/rfc822"),
        mail(JSON % "", "application/json"),
        mail(RSS, "application/rss+xml"),
        mail(
            encodebytes(gzip.compress((JSON % "We open doors.").encode())).decode(),
            'application/gzip; name="papers.json.gz"',
            "Content-Transfer-Encoding: base64\n",
        ),
        gzip.compress(mail(RECORD).encode()),
        gzip.compress(mail(JSON % "We open doors.", "application/json").encode()),
    ],
    ids=[
        "mail",
        "mail-in-mail",
        "json",
        "rss",
        "packed-in-mail",
        "packed-mail",
        "packed-json-mail",
    ],
)
def test_what_is_wrapped_is_read_as_what_it_is(content: bytes | str) -> None:
    (listing,) = forms.read(daily_file(content), None).listings
    assert listing.title == "A Paper on Doors"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (gzip.compress(gzip.compress(b"[]")), "a packed file in a packed file"),
        ("  " + mail(JSON % ""), "no form"),
        ('{"html": "' + PAGE.replace('"', "'") + '"}', "the whole is an object"),
    ],
    ids=["packed-twice", "indented-mail", "page-in-json"],
)
def test_what_is_wrapped_once_too_often_is_refused(content: bytes | str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        forms.read(daily_file(content), None)
