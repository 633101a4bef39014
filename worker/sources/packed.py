"""What is in a packed file: gzip (RFC 1952), or a zip that holds one file. Never more than a cap.

Other archives, documents and pictures are named and refused. A gzip of several members that was
cut exactly between two of them looks whole.
"""

from __future__ import annotations

import re
import stat
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from worker.core.clean import clean_line
from worker.model import Incomplete, Rejected, Unreadable

SIZE_LIMIT: Final = 64 * 1024 * 1024  # bytes, packed or unpacked
RATIO_LIMIT: Final = 100
RATIO_FLOOR: Final = 1024 * 1024  # bytes; so little may well be packed tighter than that

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ENTRY: Final = b"PK\x01\x02"
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22  # bytes
_FOREIGN: Final = (
    (rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", "bzip2"),
    (rb"\xfd7zXZ\0", "xz"),
    (rb"\x28\xb5\x2f\xfd", "zstd"),
    (rb"\x04\x22\x4d\x18", "lz4"),
    (rb"7z\xbc\xaf\x27\x1c", "7z"),
    (rb"Rar!\x1a\x07", "rar"),
    (rb"\x1f\x9d", "compress (.Z)"),
    (rb"(?s:(?=.{0,99}\0).{257}ustar)", "tar"),
    (rb"%PDF", "PDF"),
    (rb"\{\\rtf", "RTF"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document or an Outlook message"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8[79]a", "a picture"),
)
_DOCUMENTS: Final = {
    "[Content_Types].xml": "an Office document",
    "mimetype": "an OpenDocument file or an e-book",
}
"""What a zip is that holds a file of this name."""

_PIECE: Final = 64 * 1024  # bytes at a time: what is behind a member's end is copied
_MEMBERS: Final = 10_000  # of a gzip
_ENTRIES: Final = 1_000  # of a zip, with what does not count
_NAMES: Final = 3  # that are shown
_SHOWN: Final = 60  # characters of each
_JUNK: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_ENCRYPTED: Final = 0x1
_BROKEN: Final = (
    *(BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError),
    *(OSError, ValueError, LookupError, OverflowError, struct.error),
)
"""What ``zipfile`` raises on bytes that are no good zip."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The bytes inside, and the name that a zip gives them, without its folders."""

    content: bytes
    name: str = ""


def unpacked(content: bytes) -> Unpacked:
    """What is in the bytes, or they themselves if they are not packed.

    Raises Unreadable, and Incomplete if they break off.
    """
    inside = Unpacked(content)
    if content.startswith(_GZIP):
        inside = Unpacked(_gunzipped(content))
    elif content.startswith(_ZIP):
        inside = _unzipped(content)
    if inside.content.startswith((_GZIP, *_ZIP)):
        raise _refused("a packed file in a packed file: unpack it first")
    kind = next((kind for mark, kind in _FOREIGN if re.match(mark, inside.content)), None)
    if kind:
        raise _refused(f"this is {kind}, not text: unpack or convert it first")
    return inside


# --- gzip -------------------------------------------------------------------


def _gunzipped(content: bytes) -> bytes:
    """All members, one after the other. Zeros behind the last are padding."""
    room = _room(content)
    out = bytearray()
    at = members = 0
    while at < len(content) and not _is_padding(content, at):
        members += 1
        if members > _MEMBERS:
            raise _refused(f"gzip of more than {_MEMBERS:,} members: pack it again as one")
        inside, at = _member(content, at, room - len(out))
        out += inside
    return bytes(out)


def _is_padding(content: bytes, at: int) -> bool:
    return content[at] == 0 and content.count(0, at) == len(content) - at


def _member(content: bytes, at: int, room: int) -> tuple[bytes, int]:
    """One member, of at most ``room`` bytes, and where the next one starts."""
    member = zlib.decompressobj(wbits=31)
    out = bytearray()
    while not member.eof:
        piece = content[at : at + _PIECE]
        if not piece:
            raise Incomplete(Rejected("file", "the gzip breaks off; the rest is missing"))
        try:
            out += member.decompress(piece, room + 1 - len(out))
        except zlib.error:
            raise _refused("damaged gzip: pack it again, or put it in unpacked") from None
        if len(out) > room:
            raise _too_large(content)
        at += len(piece)
    return bytes(out), at - len(member.unused_data)


# --- zip --------------------------------------------------------------------


def _unzipped(content: bytes) -> Unpacked:
    end = content.rfind(_END)
    if end < 0 or end + _END_SIZE > len(content):
        raise Incomplete(Rejected("file", "the zip breaks off; the rest is missing"))
    if content.count(_ENTRY) > _ENTRIES:
        raise _refused(f"zip of more than {_ENTRIES:,} files, not one daily file")
    try:
        with ZipFile(BytesIO(content)) as archive:
            return _inside(archive, _only(archive.infolist()), content)
    except _BROKEN:
        raise _refused("damaged zip: pack it again, or put the file in unpacked") from None


def _inside(archive: ZipFile, entry: ZipInfo, content: bytes) -> Unpacked:
    room = _room(content)
    with archive.open(entry) as opened:
        inside = opened.read(room + 1)
    if len(inside) > room:
        raise _too_large(content)
    return Unpacked(inside, _base(entry))


def _only(entries: list[ZipInfo]) -> ZipInfo:
    """The one entry that is a file, if it can be read."""
    files = [entry for entry in entries if _counts(entry)]
    kind = next((_DOCUMENTS[one.filename] for one in files if one.filename in _DOCUMENTS), None)
    if kind:
        raise _refused(f"this is {kind}, not text: save or convert it first")
    if len(files) != 1:
        names = ", ".join(f"“{clean_line(one.filename, _SHOWN)}”" for one in files[:_NAMES])
        held = (
            f"{len(files)} files ({names}{', …' * (len(files) > _NAMES)})" if files else "no file"
        )
        raise _refused(f"the zip holds {held}, not one daily file: unpack it first")
    why = _unfit(files[0])
    if why:
        raise _refused(f"the file in the zip is {why}: unpack it first")
    return files[0]


def _unfit(entry: ZipInfo) -> str:
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        return "a link or a device"
    if entry.flag_bits & _ENCRYPTED:
        return "encrypted"
    return "" if entry.compress_type in {ZIP_STORED, ZIP_DEFLATED} else "packed in a rare way"


def _counts(entry: ZipInfo) -> bool:
    """Neither a folder nor what a desktop leaves behind."""
    name = _base(entry).lower()
    left_behind = entry.filename.startswith("__MACOSX/") or name.startswith("._") or name in _JUNK
    return not (entry.is_dir() or left_behind)


def _base(entry: ZipInfo) -> str:
    return re.split(r"[/\\]", entry.filename)[-1]


# --- the cap ----------------------------------------------------------------


def _room(content: bytes) -> int:
    """How many bytes may come out of these."""
    return min(SIZE_LIMIT, max(RATIO_FLOOR, RATIO_LIMIT * len(content)))


def _too_large(content: bytes) -> Unreadable:
    if _room(content) == SIZE_LIMIT:
        return _refused(f"larger than {SIZE_LIMIT // 1024**2} MB when unpacked")
    return _refused(f"more than {RATIO_LIMIT} times as large when unpacked: no daily file is")


def _refused(why: str) -> Unreadable:
    return Unreadable(Rejected("file", why))
