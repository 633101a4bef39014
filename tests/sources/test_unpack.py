"""What is in a file's bytes: packed ones, their encoding, and what is refused for what it is."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import stat
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.daily import daily_file
from tests.texts import unhurried
from worker.model import Incomplete, Unreadable
from worker.sources.decode import Decoded, decoded
from worker.sources.packed import RATIO_FLOOR, RATIO_LIMIT, SIZE_LIMIT, unpacked
from worker.sources.unpack import text_of

PAPERS = "".join(f"Paper {n} is on the {n}th thing.\n" for n in range(100)).encode()


def zipped(
    *entries: tuple[str, bytes] | tuple[zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries:
            if isinstance(name, str):  # of one time, so that a test is called the same each time
                name = zipfile.ZipInfo(name, (2025, 9, 8, 0, 0, 0))
                name.compress_type = method
            archive.writestr(name, content)
    return out.getvalue()


def reason(content: bytes, name: str = "papers.txt") -> str:
    with pytest.raises(Unreadable) as caught:
        text_of(daily_file(content, name), None)
    return str(caught.value)


def text(content: bytes, name: str = "papers.txt") -> str:
    return text_of(daily_file(content, name), None).text


# --- gzip -------------------------------------------------------------------


def test_a_gzip_is_unpacked() -> None:
    assert text(gzip.compress(PAPERS)) == PAPERS.decode()


def test_the_members_of_a_gzip_are_one_text() -> None:
    halves = gzip.compress(PAPERS[:1000]) + gzip.compress(b"") + gzip.compress(PAPERS[1000:])
    assert text(halves + bytes(512)) == PAPERS.decode()


def test_a_cut_gzip_is_incomplete_at_every_byte() -> None:
    """B24. Between two members it cannot be told."""
    first = gzip.compress(PAPERS[:1000], mtime=0)
    whole = first + gzip.compress(PAPERS[1000:], mtime=0)
    for at in range(2, len(whole)):
        if at != len(first):
            with pytest.raises(Incomplete, match="the gzip breaks off"):
                unpacked(whole[:at])


def test_a_damaged_gzip_is_said_to_be_damaged() -> None:
    whole = bytearray(gzip.compress(PAPERS))
    whole[-5] ^= 1
    assert "damaged gzip" in reason(bytes(whole))
    assert "damaged gzip" in reason(gzip.compress(PAPERS) + b"and more behind it")


def test_a_gzip_of_very_many_members_is_refused_in_no_time() -> None:
    begun = time.process_time()
    assert "more than 10,000 members" in reason(gzip.compress(b"") * 200_000)
    assert time.process_time() - begun < 5


# --- the cap ----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gzip", "zip"])
def test_a_bomb_is_refused_before_it_goes_off(kind: str) -> None:
    """B42."""

    def packed(content: bytes) -> bytes:
        return gzip.compress(content) if kind == "gzip" else zipped(("a.txt", content))

    assert "more than 100 times as large" in reason(packed(b"a" * 20_000_000))
    noise = random.Random(1).randbytes(700_000)
    assert "larger than 64 MB when unpacked" in reason(packed(noise + b"a" * SIZE_LIMIT))


@pytest.mark.parametrize("kind", ["gzip", "zip"])
def test_a_bomb_takes_no_more_memory_than_the_cap(kind: str) -> None:
    """B42."""
    large = bytes(100_000_000)
    bomb = gzip.compress(large) if kind == "gzip" else zipped(("a.txt", large))
    tracemalloc.start()
    with pytest.raises(Unreadable):
        unpacked(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * RATIO_LIMIT * len(bomb)


def test_a_small_file_may_be_packed_tighter() -> None:
    small = b"a" * RATIO_FLOOR
    packed = gzip.compress(small)
    assert len(small) > RATIO_LIMIT * len(packed)
    assert unpacked(packed).content == small


# --- zip --------------------------------------------------------------------


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_of_one_file_is_unpacked(method: int) -> None:
    assert text(zipped(("../../etc/papers.txt", PAPERS), method=method)) == PAPERS.decode()


def test_what_a_desktop_leaves_in_a_zip_does_not_count() -> None:
    left = [("day/", b""), ("__MACOSX/day/._a.txt", b"x"), ("day/.DS_Store", b"x"), ("._a", b"x")]
    assert text(zipped(*left, ("day/a.txt", PAPERS))) == PAPERS.decode()


def test_the_name_in_a_zip_tells_the_date_that_its_own_does_not() -> None:
    inside = zipped(("2020-01-02/2025-09-08.json", b"[]"))
    assert text_of(daily_file(inside, "today.zip"), None).name == "2025-09-08.json"
    assert text_of(daily_file(inside, "2025-09-09.zip"), None).name == "2025-09-09.zip"
    assert text_of(daily_file(zipped(("a.json", b"[]")), "today.zip"), None).name == "today.zip"


def _entry(name: str, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    entry.flag_bits |= flags
    return entry


def _encrypted() -> bytes:
    content = bytearray(zipped(("a.txt", PAPERS)))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (zipped(), "holds no file, not one daily file"),
        (zipped(("a/", b"")), "holds no file, not one daily file"),
        (zipped(("a.txt", b"a"), ("b\n.txt", b"b")), "holds 2 files (“a.txt”, “b .txt”), not"),
        (zipped(*((f"{n}", b"") for n in range(9))), "9 files (“0”, “1”, “2”, …)"),
        (zipped(*((f"{n}", b"") for n in range(1001))), "zip of more than 1,000 files"),
        (zipped((_entry("a.txt", stat.S_IFLNK | 0o777), b"/etc/passwd")), "a link or a device"),
        (_encrypted(), "encrypted: unpack it first"),
        (zipped(("a.txt", PAPERS), method=zipfile.ZIP_BZIP2), "packed in a rare way"),
        (zipped(("[Content_Types].xml", b""), ("word/a.xml", b"")), "this is an Office document"),
        (zipped(("mimetype", b""), ("content.xml", b"")), "this is an OpenDocument file"),
        (zipped(("a.zip", zipped(("a.txt", b"a")))), "a packed file in a packed file"),
        (zipped(("a.gz", gzip.compress(PAPERS, mtime=0))), "a packed file in a packed file"),
        (gzip.compress(gzip.compress(PAPERS, mtime=0), mtime=0), "a packed file in a packed file"),
        (gzip.compress(b"%PDF-1.7", mtime=0), "this is PDF"),
    ],
)
def test_a_zip_of_anything_else_is_refused_with_the_reason(content: bytes, why: str) -> None:
    """B42."""
    assert why in reason(content)


def test_a_cut_zip_is_incomplete_at_every_byte() -> None:
    """B24."""
    whole = zipped(("a.txt", PAPERS))
    for at in range(4, len(whole)):
        with pytest.raises(Incomplete, match="the zip breaks off"):
            unpacked(whole[:at])


@unhurried
@given(st.integers(0), st.binary(min_size=1, max_size=8), st.booleans())
def test_no_damage_raises_anything_but_unreadable(at: int, noise: bytes, is_zip: bool) -> None:
    """B50."""
    whole = zipped(("é.txt", PAPERS)) if is_zip else gzip.compress(PAPERS)
    start = at % len(whole)
    with suppress(Unreadable):
        unpacked(whole[:start] + noise + whole[start + len(noise) :])


# --- other kinds ------------------------------------------------------------


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.size = len(PAPERS)
        archive.addfile(entry, io.BytesIO(PAPERS))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (bz2.compress(PAPERS), "bzip2"),
        (bz2.compress(b""), "bzip2"),
        (lzma.compress(PAPERS), "xz"),
        (b"\x28\xb5\x2f\xfd\x04", "zstd"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
        (b"Rar!\x1a\x07\x01\0", "rar"),
        (_tar(), "tar"),
        (gzip.compress(_tar()), "tar"),
        (b"%PDF-1.7\n", "PDF"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document or an Outlook message"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
    ],
)
def test_other_kinds_are_named(content: bytes, kind: str) -> None:
    assert reason(content) == f"file: this is {kind}, not text: unpack or convert it first"


@pytest.mark.parametrize("content", [b"BZh is how it begins", b"a" * 257 + b"ustar", b"GIFs"])
def test_a_text_that_begins_like_an_archive_is_a_text(content: bytes) -> None:
    assert text(content) == content.decode()


def test_a_file_over_the_limit_is_refused_unread() -> None:
    assert reason(bytes(SIZE_LIMIT + 1)) == "file: larger than 64 MB"


# --- encodings --------------------------------------------------------------

PAGE = "Daily Papers\n\nSep 8\n\nOn Gödel, über Alles\n\nAn abstract of “two” lines – or so."


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-be-mark", "utf-32-be-mark"]
)
def test_the_byte_order_mark_tells_the_encoding(encoding: str) -> None:
    """B25."""
    marked = f"\ufeff{PAGE}" if encoding.endswith("-mark") else PAGE
    assert decoded(marked.encode(encoding.removesuffix("-mark"))).text == PAGE


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_told_without_its_mark(encoding: str) -> None:
    """B25."""
    assert decoded(PAGE.encode(encoding)).text == PAGE


@pytest.mark.parametrize(
    ("said", "encoding"),
    [
        ("ISO-8859-1", "iso-8859-1"),
        ("windows-1252", "cp1252"),
        ("iso-8859-15", "iso-8859-15"),
        ("GB2312", "gb2312"),
        ("Shift_JIS", "shift_jis"),
        ("iso-2022-jp", "iso-2022-jp"),
        ("utf-8", "utf-8"),
        ("ISO-8859-1", "utf-8"),  # as is said and as is
    ],
)
@pytest.mark.parametrize(
    "form", ['<?xml version="1.0" encoding="{}"?>\n<a>{}</a>', "<html><meta charset={}>\n<p>{}"]
)
def test_a_declaration_tells_the_encoding(form: str, said: str, encoding: str) -> None:
    words = "中文" if encoding in {"gb2312", "shift_jis", "iso-2022-jp"} else "Gödel über"
    written = form.format(said, words)
    assert decoded(written.encode(encoding)) == Decoded(written)


@pytest.mark.parametrize("said", ["rot13", "zlib", "idna", "unicode_escape", "utf-7", "nonsense"])
def test_a_declaration_of_anything_but_a_charset_is_nothing(said: str) -> None:
    content = f'<?xml version="1.0" encoding="{said}"?>\\u0041'.encode()
    assert decoded(content).text == content.decode()
    assert decoded(b"\\u0041 +AEE-", said).text == "\\u0041 +AEE-"


def test_an_old_bibtex_file_is_read_as_windows_1252_and_that_is_said() -> None:
    found = decoded("@article{a, author={Müller, Jörg and “Zoë”}}".encode("cp1252"))
    assert found.text == "@article{a, author={Müller, Jörg and “Zoë”}}"
    assert found.notes == ("The file is no UTF-8; it was read as Windows-1252 (Western European).",)


@pytest.mark.parametrize(
    ("bad", "note"),
    [
        (b"\xff", "1 place is no UTF-8 and shows as \ufffd."),
        (b"\xff ... \xe2\x28", "2 places are no UTF-8 and show as \ufffd."),
    ],
)
def test_bytes_that_cannot_be_read_are_replaced_and_counted(bad: bytes, note: str) -> None:
    """B25. A replacement that somebody else made is none of ours."""
    found = text_of(daily_file("Gödel \ufffd über Çà et là\n".encode() + bad), None)
    assert found.text.startswith("Gödel \ufffd über Çà et là\n\ufffd")
    assert found.notes == (note,)


def test_half_a_character_of_utf_16_is_counted() -> None:
    assert decoded("\ufeffab".encode("utf-16-le") + b"c").notes == (
        "1 place is no UTF-16 and shows as \ufffd.",
    )


def test_lines_end_in_one_way() -> None:
    assert decoded(b"a\r\nb\rc\nd").text == "a\nb\nc\nd"


@unhurried
@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "gb18030", "hz", "utf-16", "\0"]))
def test_any_bytes_give_a_text(content: bytes, said: str) -> None:
    """B50."""
    found = decoded(content, said)
    assert "\r" not in found.text
    assert found.text.isascii() or found.text


@pytest.mark.parametrize(
    "worst",
    [
        b"<meta " * 200_000 + b"\xff",
        b"<?xml" + b" " * 1_000_000 + b"\xff",
        b"\xc3" * 1_000_000,
        b"a\0" * 500_000,
    ],
)
def test_a_megabyte_of_the_worst_is_decoded_in_no_time(worst: bytes) -> None:
    begun = time.process_time()
    decoded(worst)
    assert time.process_time() - begun < 1


def test_what_a_zlib_stream_is_nobody_asks() -> None:
    assert "no UTF-8" in " ".join(decoded(zlib.compress(PAPERS)).notes)
