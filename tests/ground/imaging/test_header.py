"""A header is walked over: nothing is inflated, nothing is made of what nobody asked for."""

from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from countersign.ground.imaging import ImageUnreadable, ImageUnsupported, read_instance, series_at
from countersign.ground.imaging.dicom import header
from countersign.ground.imaging.dicom.instance import series_of
from dicoms import SYNTAXES, saved, slide

MEBIBYTE = 1 << 20
SEQUENCE = b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff"  # (0008,1140), of no known length
ITEM, ITEM_END = b"\xfe\xff\0\xe0\xff\xff\xff\xff", b"\xfe\xff\x0d\xe0\0\0\0\0"
END = b"\xfe\xff\xdd\xe0\0\0\0\0"


@contextmanager
def within(most: int) -> Iterator[None]:
    """Fails where the block has more than so many bytes at once."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def with_more(folder: Path, more: bytes, name: str = "more.dcm") -> Path:
    """A sound instance with more before its first element."""
    whole = saved(slide(5), folder).read_bytes()
    with (folder / f"{slide(5).SOPInstanceUID}.dcm").open("rb") as file:
        start = header.meta_at(file)[2]
    path = folder / name
    path.write_bytes(whole[:start] + more + whole[start:])
    return path


def test_what_is_deflated_is_refused_before_it_is_inflated(tmp_path: Path) -> None:
    made = Dataset()
    made.file_meta = slide(5).file_meta
    made.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = saved(made, tmp_path, "bomb.dcm")
    with path.open("rb") as file:
        start = header.meta_at(file)[2]
    packer = zlib.compressobj(wbits=-15)
    bomb = packer.compress(bytes(64 * MEBIBYTE)) + packer.flush()
    path.write_bytes(path.read_bytes()[:start] + bomb)
    assert path.stat().st_size < MEBIBYTE
    with within(4 * MEBIBYTE):
        with pytest.raises(ImageUnsupported):
            read_instance(path)
        assert series_at(path) is None and series_of(path) is None


def test_nothing_is_made_of_items_that_nobody_asked_for(tmp_path: Path) -> None:
    path = with_more(tmp_path, SEQUENCE + (ITEM + ITEM_END) * 100_000 + END)
    with within(8 * MEBIBYTE):
        assert read_instance(path).series == series_at(path) == slide(5).SeriesInstanceUID


def test_sequences_within_sequences_are_walked_over(tmp_path: Path) -> None:
    unknown = b"\x09\0\x01\x10UN\0\0\xff\xff\xff\xff"  # whose items are implicit (PS3.5, 6.2.2)
    inner = ITEM + b"\x10\0\x20\0\4\0\0\0abcd" + ITEM_END
    more = SEQUENCE + ITEM + unknown + inner + END + b"\x10\0\x20\0LO\2\0ab" + ITEM_END + END
    assert read_instance(with_more(tmp_path, more)).said["PatientID"] == "4711"


@pytest.mark.parametrize(
    "more",
    [
        (SEQUENCE + ITEM) * 40,
        SEQUENCE + ITEM,
        b"\x10\0\x10\0UT\0\0\0\0\x10\0" + bytes(MEBIBYTE),  # a name of a MiB
        b"\x09\0\x01\x10OB\0\0\xff\xff\xff\x7f",
        b"\x10\0\x20\0??\4\0abcd",
    ],
    ids=["deep", "endless", "long", "outside", "nonsense"],
)
def test_what_is_hostile_is_refused(tmp_path: Path, more: bytes) -> None:
    path = with_more(tmp_path, more)
    with within(4 * MEBIBYTE), pytest.raises(ImageUnreadable):
        read_instance(path)


def test_pixels_begin_within_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = with_more(tmp_path, SEQUENCE + (ITEM + ITEM_END) * 1000 + END)
    monkeypatch.setattr(header, "HEADER", 8000)
    with pytest.raises(ImageUnreadable):
        read_instance(path)
    assert series_at(path) is None


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda one: one.name)
def test_a_series_is_found_in_every_encoding(tmp_path: Path, syntax: str) -> None:
    path = saved(slide(6, 1, syntax), tmp_path)
    assert series_at(path) == series_of(path) == slide(6).SeriesInstanceUID
    assert series_at(path, ()) is None and series_at(tmp_path) is None


def test_what_follows_the_series_is_not_walked_over(tmp_path: Path) -> None:
    """The watched folder is looked at every ten seconds, and headers may have megabytes."""
    whole = saved(slide(7), tmp_path).read_bytes()
    at = whole.index(b"\x20\0\x0e\0UI") + 80
    path = tmp_path / "cut.dcm"
    path.write_bytes(whole[:at] + b"\xff" * 40)
    assert series_at(path) == slide(7).SeriesInstanceUID
