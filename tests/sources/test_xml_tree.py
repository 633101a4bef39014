"""XML becomes a tree, or is refused before it does harm."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.texts import texts, unhurried
from worker.model import Incomplete, Unreadable
from worker.sources import xml_tree
from worker.sources.xml_tree import (
    ATTRIBUTES_LIMIT,
    DEPTH_LIMIT,
    SCOPE_LIMIT,
    Element,
    parse,
)

ATOM = "http://www.w3.org/2005/Atom"
SMALL = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!-- a -->\n<r xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' k="é &amp; 1"><dc:a>&#233;&nbsp;x</dc:a><![CDATA[ <b> ]]>\n<?p q?><e/></r>\n'
)


def root(text: str) -> Element:
    return parse(text).root


def refusal(text: str) -> str:
    with pytest.raises(Unreadable) as refused:
        parse(text)
    assert not isinstance(refused.value, Incomplete)
    return str(refused.value)


# --- names ------------------------------------------------------------------


def test_a_name_has_the_usual_prefix_whatever_the_files_is() -> None:
    assert root(f'<a:feed xmlns:a="{ATOM}"/>').name == "atom:feed"
    assert root(f'<feed xmlns="{ATOM}"/>').name == "atom:feed"
    assert root("<feed/>").name == "feed"


def test_prefixes_declared_on_an_element_hold_in_it_and_not_behind_it() -> None:
    rss = '<rss><x:link xmlns:x="http://www.w3.org/2005/Atom"/><link/></rss>'
    assert [child.name for child in root(rss).children] == ["atom:link", "link"]
    inner = f'<feed xmlns="{ATOM}"><div xmlns="http://www.w3.org/1999/xhtml"><p/></div><id/></feed>'
    div, id_ = root(inner).children
    assert (div.name, id_.name) == ("xhtml:div", "atom:id")
    assert next(div.children).name == "xhtml:p"


def test_a_prefix_that_nobody_declared_goes_by_its_name() -> None:
    assert next(root("<item><dc:creator>A</dc:creator></item>").children).name == "dc:creator"


@pytest.mark.parametrize("version", ["basic/2.0/", "basic/3.0/", "1.2/basic/"])
def test_every_version_of_prism_is_prism(version: str) -> None:
    uri = f"http://prismstandard.org/namespaces/{version}"
    assert root(f'<q:doi xmlns:q="{uri}"/>').name == "prism:doi"


# --- what is mended ---------------------------------------------------------


def test_entities_of_html_are_known_without_a_doctype() -> None:
    assert root("<t>caf&eacute;&nbsp;&ndash; &LT;</t>").text == "café\xa0– <"


def test_a_bare_ampersand_is_one() -> None:
    assert root("<t>AT&T, &unknown; &amp; ?a=1&b=2</t>").text == "AT&T, &unknown; & ?a=1&b=2"


def test_entities_are_decoded_once() -> None:
    assert root("<t>&amp;eacute; &amp;amp;</t>").text == "&eacute; &amp;"


def test_cdata_is_left_alone() -> None:
    assert root("<t><![CDATA[&eacute; & <b> &amp;]]></t>").text == "&eacute; & <b> &amp;"


def test_nested_cdata_loses_no_text() -> None:
    assert root("<t><![CDATA[a <![CDATA[b]]> c]]></t>").text == "a <![CDATA[b c]]>"


def test_forbidden_characters_are_dropped_and_counted() -> None:
    document = parse("<t>a\0b\x1bc&#0;d&#xFFFE;e&#55296;f\ufffeg\ud800</t>")
    assert document.root.text == "abcdefg"
    assert document.dropped == 7


def test_a_reference_beyond_unicode_is_dropped() -> None:
    assert root("<t>a&#x110000;b&#9999999;</t>").text == "ab"


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16", "no-such-thing"])
def test_a_declared_encoding_does_not_count(encoding: str) -> None:
    assert root(f'<?xml version="1.1" encoding="{encoding}"?><t>é</t>').text == "é"


def test_a_blank_line_before_the_declaration_is_borne() -> None:
    assert root('\n \n<?xml version="1.0"?>\n<t>x</t>').text == "x"


# --- what is refused --------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "subset",
    [
        pytest.param(f'[<!ENTITY l0 "lol">{LAUGHS}]', id="billion laughs"),
        pytest.param(f'[<!ENTITY a "{"x" * 50_000}">]', id="quadratic blow-up"),
        pytest.param('[<!ENTITY a SYSTEM "file:///etc/passwd">]', id="a file"),
        pytest.param('[<!ENTITY a SYSTEM "http://127.0.0.1/x">]', id="an address"),
        pytest.param('[<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]', id="a parameter"),
        pytest.param('SYSTEM "http://127.0.0.1/x.dtd"', id="a remote DTD"),
    ],
)
def test_a_doctype_is_refused_before_anything_in_it_is_read(subset: str) -> None:
    """B36."""
    hostile = f"<?xml version='1.0'?>\n<!DOCTYPE r {subset}><r>{'&a;&l9;' * 1000}</r>"
    assert refusal(hostile).startswith("line 2: a DOCTYPE")


def test_deep_nesting_is_refused() -> None:
    """B37."""
    assert root("<a>" * DEPTH_LIMIT + "</a>" * DEPTH_LIMIT).name == "a"
    assert "100 elements in one another" in refusal("<a>" * 200_000 + "</a>" * 200_000)


def test_a_million_attributes_are_refused() -> None:
    """B37."""
    many = " ".join(f"a{n}=''" for n in range(1_000_000))
    assert f"more than {ATTRIBUTES_LIMIT:,} attributes" in refusal(f"<a {many}/>")


def test_a_crowd_of_elements_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_tree, "ELEMENTS_LIMIT", 1_000)
    assert root(f"<a>{'<b/>' * 999}</a>").name == "a"
    assert "more than 1,000 elements" in refusal(f"<a>{'<b/>' * 1_000}</a>")


def test_a_crowd_of_namespaces_is_refused() -> None:
    crowd = " ".join(f"xmlns:p{n}='u{n}'" for n in range(SCOPE_LIMIT + 1))
    assert "namespaces at one place" in refusal(f"<a {crowd}/>")


@pytest.mark.parametrize(
    "broken",
    ["<a><b></a>", "<a>1 < 2</a>", "<a b=c/>", "<a/><a/>", "plain text", "<a b='1' b='2'/>"],
)
def test_what_is_no_xml_says_where(broken: str) -> None:
    assert refusal("\n\n" + broken).startswith("line 3: no XML: ")


# --- what breaks off --------------------------------------------------------


@pytest.mark.parametrize("cut", range(len(SMALL.rstrip())))
def test_a_document_that_is_cut_anywhere_breaks_off(cut: int) -> None:
    """B24."""
    with pytest.raises(Incomplete):
        parse(SMALL[:cut])


def test_the_whole_document_does_not_break_off() -> None:
    assert root(SMALL).attributes["k"] == "é & 1"
    assert root(SMALL).text == "é\xa0x <b>"


# --- anything at all --------------------------------------------------------


@pytest.mark.parametrize("hostile", ["<![CDATA[", "<!--", "<?", "&#", "&a", "]]>", "<a b='", "<!"])
def test_no_text_takes_long(hostile: str) -> None:
    begun = process_time()
    with pytest.raises(Unreadable):
        parse("<r>" + hostile * (1_000_000 // len(hostile)))
    assert process_time() - begun < 2.5


PIECES = (
    "<a>",
    "</a>",
    "<a:b ",
    "xmlns:a='u'",
    ">",
    "/>",
    "<![CDATA[",
    "]]>",
    "&#x1;",
    "&lt;",
    "<?",
)


@unhurried
@given(st.lists(texts | st.sampled_from(PIECES)))
def test_any_text_is_a_tree_or_refused(pieces: list[str]) -> None:
    found = outcome("".join(("<a>", *pieces, "</a>")))
    where = found.reasons[0].where if isinstance(found, Unreadable) else found.name
    assert where == "a" or where.startswith("line ")


def outcome(text: str) -> Element | Unreadable:
    try:
        return root(text)
    except Unreadable as refused:
        return refused
