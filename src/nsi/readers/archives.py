"""Packed files, unpacked only as far as what is expected in them can need: no bomb, no broken checksum."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from nsi.errors import StudyError

GZIP = b"\x1f\x8b"
SMALL = 2**20  # below this, no ratio is too high to be harmless
MOST_RATIO = 200  # that of a bomb: a file of text packs 5 to 50 to 1
MOST_BYTES = 2 * 2**30  # 400,000 rows of 80 cells are 1.5 GB in the XML of a sheet
STEP, PIECE = 2**24, 2**20  # bytes


@dataclass(frozen=True)
class Limits:
    """What an archive of one kind may unpack to.

    Attributes
    ----------
    what : str
        What is expected, with its article: "a workbook".
    remedy : str
        What to do about one that is larger.
    members : int
        Parts that it may have.
    total : int
        Bytes of all parts, unpacked.
    ratio : int
        How many times its packed size a part beyond 1 MiB may be.
    """

    what: str
    remedy: str
    members: int
    total: int = MOST_BYTES
    ratio: int = MOST_RATIO


def refuse_bomb(archive: zipfile.ZipFile, file: str, limits: Limits) -> None:
    """Compare declared sizes, beyond which zipfile reads nothing, with what can be needed.

    Parameters
    ----------
    archive : ZipFile
        Opened, of which nothing was read yet.
    file : str
        Its name, for messages.
    limits : Limits
        What it may hold.

    Raises
    ------
    StudyError
        If it holds more parts or bytes, or a part that swells too much.
    """
    members = archive.infolist()
    whole = sum(member.file_size for member in members)
    swollen = any(one.file_size > max(SMALL, limits.ratio * one.compress_size) for one in members)
    if len(members) > limits.members or whole > limits.total or swollen:
        raise StudyError(
            f"{file} unpacks to {len(members):,} parts and {whole:,} bytes; {limits.what} has at most "
            f"{limits.members:,} parts and {limits.total:,} bytes, and no part more than {limits.ratio} times its "
            f"packed size; {limits.remedy}"
        )


def unpacked(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack one part of a zip archive piece by piece, without holding all of it.

    Parameters
    ----------
    data : bytes
        The archive.
    member : ZipInfo
        The part, as its directory names it.

    Yields
    ------
    bytes
        A piece; after the last one, size and checksum are known to be right.

    Raises
    ------
    zipfile.BadZipFile, zlib.error, struct.error, UnicodeDecodeError
        If it is damaged, locked, or packed in an unusual way.
    """
    mark, flags, n_name, n_extra = struct.unpack_from("<4s2xH18x2H", data, member.header_offset)
    start = member.header_offset + 30 + n_name + n_extra
    name = data[member.header_offset + 30 : start - n_extra].decode("utf-8" if flags & 0x800 else "cp437")
    unusual = member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if mark != b"PK\x03\x04" or flags & 1 or unusual or name != member.orig_filename:
        raise zipfile.BadZipFile
    packed = memoryview(data)[start : start + member.compress_size]
    size = checksum = 0
    for piece in _inflated(packed) if member.compress_type else _cut(packed):
        size, checksum = size + len(piece), zlib.crc32(piece, checksum)
        if size > member.file_size:
            raise zipfile.BadZipFile
        yield piece
    if (size, checksum) != (member.file_size, member.CRC):
        raise zipfile.BadZipFile


def _cut(packed: memoryview) -> Iterator[bytes]:
    for start in range(0, len(packed), PIECE):
        yield bytes(packed[start : start + PIECE])


def _inflated(packed: memoryview) -> Iterator[bytes]:
    unpacking = zlib.decompressobj(wbits=-15)  # -15: without a header of its own
    for part in _cut(packed):
        rest = part
        while rest:
            yield unpacking.decompress(rest, PIECE)
            rest = unpacking.unconsumed_tail
    while last := unpacking.decompress(unpacking.unconsumed_tail, PIECE):
        yield last
    if not unpacking.eof or unpacking.unused_data:
        raise zipfile.BadZipFile


def gunzipped(data: bytes, file: str, most: int = MOST_BYTES) -> bytes:
    """Unpack a gzip file in memory.

    Parameters
    ----------
    data : bytes
        One or more gzip members, one after the other.
    file : str
        Its name, for messages.
    most : int
        Bytes that it may unpack to.

    Returns
    -------
    bytes
        What was packed; its checksums are right.

    Raises
    ------
    StudyError
        If it is no gzip file, is cut short or damaged, or unpacks to too much.
    """
    if not data.startswith(GZIP):
        raise StudyError(f"{file} ends in .gz, but is not packed with gzip; name it as what it is, or pack it again")
    allowed = min(most, max(SMALL, MOST_RATIO * len(data)))
    parts: list[bytes] = []
    try:
        while data:
            data = _member(data, parts, allowed)
    except zlib.error:
        raise StudyError(f"{file} is damaged: it cannot be unpacked; copy it again, or pack it again") from None
    except EOFError:
        raise StudyError(f"{file} is cut short: its packed end is missing; copy it again, or pack it again") from None
    except OverflowError:
        raise StudyError(
            f"{file} unpacks to more than {allowed:,} bytes; at most {most:,} are read, and no more than {MOST_RATIO} "
            "times the packed size; unpack it by hand and look at it"
        ) from None
    return b"".join(parts)


def _member(data: bytes, parts: list[bytes], allowed: int) -> bytes:
    """Unpack one member into parts, and return what follows it."""
    unpacking = zlib.decompressobj(wbits=31)  # 31: gzip with its checksum
    room = allowed - sum(map(len, parts))
    while not unpacking.eof:
        part = unpacking.decompress(data, min(STEP, room + 1))
        data = unpacking.unconsumed_tail
        room -= len(part)
        if room < 0:
            raise OverflowError
        if not part and not data and not unpacking.eof:
            raise EOFError
        parts.append(part)
    return unpacking.unused_data
