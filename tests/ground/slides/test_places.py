"""A slide that is read where it lies is read only while it is the file that came."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from building import Building
from countersign.ground.db import WHOLE, Database
from countersign.ground.identity import Principal
from countersign.ground.slides import (
    Described,
    SlideGone,
    Slides,
    companions,
    fingerprint,
    place_of,
)
from countersign.ground.slides.places import path_at

SENDER = Principal.system("pathology")


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    """A house that watches a folder."""
    home = tmp_path_factory.mktemp("house")
    (home / "scanner").mkdir()
    made = Building(module_database, home, slides_folder=home / "scanner")
    yield made
    made.close()


@pytest.fixture
def slides(building: Building) -> Slides:
    return building.floor.slides


@pytest.fixture
def folder(slides: Slides) -> Path:
    found = slides.keeping.watched
    assert found is not None
    return found


def take(slides: Slides, path: Path) -> str:
    """The slide that a file of the folder becomes, as a look at the folder takes it."""
    folder, paths = slides.keeping.watched, companions(path)
    assert folder is not None
    return slides.intake.take_in_place(paths, folder, SENDER, fingerprint(paths)).slide


def opened(slides: Slides, slide: str) -> Path:
    return slides.keeping.path(slides.keeping.one(WHOLE, slide))


def test_a_name_that_the_scanner_uses_again_is_not_the_slide_before(
    slides: Slides, folder: Path
) -> None:
    path = folder / "Slide 1.svs"
    path.write_bytes(b"of one patient")
    first = take(slides, path)
    assert opened(slides, first) == path
    path.write_bytes(b"of another one")
    os.utime(path, ns=(1, 1))
    with pytest.raises(SlideGone):
        opened(slides, first)
    second = take(slides, path)
    assert second != first and opened(slides, second) == path
    with pytest.raises(SlideGone):
        opened(slides, first)


def test_another_instance_beside_it_takes_no_dicom_slide_away(slides: Slides, folder: Path) -> None:
    path = folder / "1.dcm"
    path.write_bytes(b"the first instance")
    first = take(slides, path)
    slides.keeping.describe(first, Described("dicom", 9, 9, 1, None, ""), "", [])
    beside = folder / "2.dcm"
    beside.write_bytes(b"the second instance")
    other = take(slides, beside)
    slides.intake.looked(place_of(path, folder), fingerprint([path, beside]), other)
    assert opened(slides, first) == path
    path.write_bytes(b"another patient's!")
    with pytest.raises(SlideGone):
        opened(slides, first)


@pytest.mark.parametrize("noticed", [True, False])
def test_a_file_that_went_elsewhere_is_found_though_another_took_its_name(
    slides: Slides, folder: Path, noticed: bool
) -> None:
    path, moved = folder / f"A {noticed}.svs", folder / f"B {noticed}.svs"
    path.write_bytes(f"first {noticed}".encode())
    first = take(slides, path)
    path.rename(moved)
    path.write_bytes(f"second, longer {noticed}".encode())
    if noticed:
        take(slides, path)
    assert take(slides, moved) == first
    assert opened(slides, first) == moved


def test_the_parts_of_a_format_belong_to_what_came(slides: Slides, folder: Path) -> None:
    path, part = folder / "m.mrxs", folder / "m" / "Data0001.dat"
    part.parent.mkdir()
    path.write_bytes(b"head")
    part.write_bytes(b"data")
    slide = take(slides, path)
    assert opened(slides, slide) == path
    part.write_bytes(b"of another")
    with pytest.raises(SlideGone):
        opened(slides, slide)


def test_a_file_written_anew_with_the_same_bytes_is_the_slide_again(
    slides: Slides, folder: Path
) -> None:
    path = folder / "again.svs"
    path.write_bytes(b"the same bytes")
    slide = take(slides, path)
    os.utime(path, ns=(5, 5))
    with pytest.raises(SlideGone):
        opened(slides, slide)
    assert take(slides, path) == slide and opened(slides, slide) == path


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "latin-1"])
def test_a_name_in_any_encoding_is_taken_in_and_found_again(
    slides: Slides, folder: Path, encoding: str
) -> None:
    name = "M\u00e4rz 100%.svs" if encoding == "latin-1" else "王小明 100%.svs"
    path = folder / os.fsdecode(name.encode(encoding))
    path.write_bytes(encoding.encode())
    slide = take(slides, path)
    assert opened(slides, slide) == path
    told = slides.keeping.told(WHOLE, slide)
    assert told.name == name if encoding != "latin-1" else told.name.endswith("100%.svs")
    assert (told.place + told.name).encode()
    known = {place_of(path, folder): fingerprint([path])}
    assert slides.intake.unseen(known) == []


def test_parts_of_a_slide_may_have_any_name(slides: Slides, folder: Path) -> None:
    path = folder / os.fsdecode("切片.mrxs".encode("gbk"))
    part = path.with_suffix("") / os.fsdecode("数据.dat".encode("gbk"))
    part.parent.mkdir()
    path.write_bytes(b"a head")
    part.write_bytes(b"some data")
    slide = take(slides, path)
    assert opened(slides, slide) == path


def test_a_place_is_taken_back_as_it_was(tmp_path: Path) -> None:
    for name in ("plain.svs", "%2f.svs", "a/王.svs", os.fsdecode(b"a%20/\xcd\xf5.svs")):
        place = place_of(tmp_path / name, tmp_path)
        assert path_at(tmp_path, place) == tmp_path / name
        assert place.startswith("/") is ("\udccd" in name)


@pytest.mark.parametrize("ending", ["svs", "tif"])
def test_a_file_that_is_away_is_brought_back_by_an_upload(
    slides: Slides, folder: Path, tmp_path: Path, ending: str
) -> None:
    path, again = folder / f"lost {ending}.svs", tmp_path / f"again.{ending}"
    path.write_bytes(ending.encode())
    slide = take(slides, path)
    again.write_bytes(ending.encode())
    path.unlink()
    with pytest.raises(SlideGone):
        opened(slides, slide)
    received = slides.intake.receive_files([again], "upload", SENDER)
    assert (received.slide, received.new) == (slide, False)
    assert opened(slides, slide).read_bytes() == ending.encode()
    path.write_bytes(b"another one's")
    assert opened(slides, slide).read_bytes() == ending.encode()
