"""Packed files are unpacked as far as is sensible, and bombs, cut files and wrong names are told."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_folder import told

from nsi.readers.archives import Limits, gunzipped, refuse_bomb, unpacked
from nsi.readers.exports import read_export

PLAIN = b"id,said\n1,yes\n2,no\n"
PACKED = gzip.compress(PLAIN, mtime=0)  # without the time, so that tests have one name on every worker
FEW = Limits("a form", "send a fresh form", members=2, total=3 * 2**20)


@settings(max_examples=50, deadline=None)
@given(parts=st.lists(st.binary(max_size=300), min_size=1, max_size=3))
def test_what_gzip_packed_comes_back_however_many_members_it_has(parts: list[bytes]) -> None:
    assert gunzipped(b"".join(map(gzip.compress, parts)), "x.gz") == b"".join(parts)


@pytest.mark.parametrize("name", ["x.csv.gz", "X.CSV.GZ"])
def test_an_export_may_be_packed_if_its_name_says_so(name: str) -> None:
    export = read_export(PACKED, file=name, form="delimited")
    assert export.frame.to_numpy().tolist() == [["1", "yes"], ["2", "no"]]
    assert (export.labels, export.questions) == ({}, {})


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (PLAIN, "x.csv.gz", "x.csv.gz ends in .gz, but is not packed with gzip; name it as what it is, or pack it "
                            "again"),
        (PACKED, "x.csv", "x.csv is packed with gzip, but its name does not end in .gz; add it to the "
                                        "name"),
        (PACKED[:-9], "x.csv.gz", "x.csv.gz is cut short: its packed end is missing; copy it again, or "
                                                "pack it again"),
        (PACKED[:-8] + b"\x00" * 8, "x.csv.gz", "x.csv.gz is damaged: it cannot be unpacked; copy it "
                                                              "again, or pack it again"),
        (PACKED + b"rest", "x.csv.gz", "x.csv.gz is damaged: it cannot be unpacked; copy it again, or "
                                                     "pack it again"),
        (gzip.compress(b" " * 3 * 2**20, mtime=0), "x.csv.gz",
         "x.csv.gz unpacks to more than 1,048,576 bytes; at most 2,147,483,648 are read, and no more than 200 times "
         "the packed size; unpack it by hand and look at it"),
    ],
)  # fmt: skip
def test_a_packed_file_that_cannot_be_unpacked_surely_is_told(data: bytes, name: str, message: str) -> None:
    assert told(lambda: read_export(data, file=name, form="delimited")) == message


def test_the_limit_of_bytes_holds_over_all_members() -> None:
    message = told(lambda: gunzipped(gzip.compress(b"ab", mtime=0) * 3, "x.gz", most=5))
    assert message.startswith("x.gz unpacks to more than 5 bytes")


def archive_of(parts: dict[str, bytes]) -> zipfile.ZipFile:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return zipfile.ZipFile(target)


@pytest.mark.parametrize(
    ("parts", "counts"),
    [
        ({"a": b"1", "b": b"2", "c": b"3"}, "3 parts and 3 bytes"),
        ({"a": bytes(range(256)) * 2**14}, "1 parts and 4,194,304 bytes"),
        ({"a": b"0" * (2**21)}, "1 parts and 2,097,152 bytes"),
    ],
)
def test_an_archive_of_too_many_parts_or_bytes_or_too_well_packed_is_refused(
    parts: dict[str, bytes], counts: str
) -> None:
    assert told(lambda: refuse_bomb(archive_of(parts), "x.zip", FEW)) == (
        f"x.zip unpacks to {counts}; a form has at most 2 parts and 3,145,728 bytes, and no part more than 200 times "
        "its packed size; send a fresh form"
    )


def test_an_archive_within_its_limits_is_let_be() -> None:
    refuse_bomb(archive_of({"a": b"1", "b": b"0" * 2**20}), "x.zip", FEW)


@settings(max_examples=40, deadline=None)
@given(content=st.binary(max_size=500), times=st.sampled_from([1, 9_000]), packing=st.sampled_from([0, 8]))
def test_a_part_unpacked_piece_by_piece_is_the_part(content: bytes, times: int, packing: int) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", packing) as archive:
        archive.writestr("other", b"other")
        archive.writestr("part", content * times)
    assert b"".join(unpacked(target.getvalue(), archive.getinfo("part"))) == content * times


def test_a_part_with_a_wrong_byte_is_damaged() -> None:
    for packing in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", packing) as archive:
            archive.writestr("part", bytes(range(256)))
        data = bytearray(target.getvalue())
        for place in range(34, 34 + archive.getinfo("part").compress_size):
            data[place] ^= 4
            with pytest.raises((zipfile.BadZipFile, zlib.error)):
                list(unpacked(bytes(data), archive.getinfo("part")))
            data[place] ^= 4


def test_an_unknown_form_is_told_with_those_that_there_are() -> None:
    assert told(lambda: read_export(PLAIN, file="x.csv", form="stata")) == (
        "x.csv: the form 'stata' is unknown; declare form: as one of delimited, qualtrics, spss, excel"
    )
