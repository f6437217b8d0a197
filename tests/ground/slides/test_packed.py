"""A MIRAX slide comes in one ZIP and becomes one slide; what is no such ZIP leaves nothing."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from building import Building
from countersign.ground.db import WHOLE
from countersign.ground.identity import Principal
from countersign.ground.slides import SlidesFull, UnfitPackage
from countersign.ground.slides.packed import unpacked
from countersign.kit.errors import CountersignError

SENDER = Principal.system("pathology")
PARTS = {"Slidedat.ini": b"[GENERAL]", "Data0001.dat": b"tiles" * 40, "Index.dat": bytes(3000)}
Made = list[tuple[zipfile.ZipInfo | str, bytes]]


def whole(name: str = "S26-01234_A1_HE", within: str = "") -> Made:
    files: Made = [(f"{within}{name}.mrxs", b"index" * 400)]
    return files + [(f"{within}{name}/{part}", content) for part, content in PARTS.items()]


def zipped(files: Made, method: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


def uploaded(building: Building, content: bytes, name: str = "scan.zip") -> str:
    intake = building.floor.slides.intake
    upload = intake.begin_upload(SENDER, len(content))
    intake.append(SENDER, upload, 0, [content])
    return intake.finish_upload(SENDER, upload, name).slide


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("within", ["", "from the scanner/今天/"])
def test_the_slide_in_a_zip_is_that_of_its_file_and_folder(
    building: Building, tmp_path: Path, within: str, method: int
) -> None:
    clutter: Made = [("__MACOSX/._x", b"?"), (f"{within}S26-01234_A1_HE/.DS_Store", b"?")]
    slide = uploaded(building, zipped([*whole(within=within), *clutter], method))
    keeping = building.floor.slides.keeping
    one = keeping.one(WHOLE, slide)
    path = keeping.path(one)
    assert path.name == "slide.mrxs" and path.read_bytes() == b"index" * 400
    kept = {file.name: file.read_bytes() for file in (path.parent / "slide").iterdir()}
    assert kept == PARTS and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keeping.told(WHOLE, slide).name == "S26-01234_A1_HE.mrxs"
    folder = tmp_path / "S26-01234_A1_HE"
    folder.mkdir()
    files = [tmp_path / "S26-01234_A1_HE.mrxs", *(folder / part for part in sorted(PARTS))]
    for file, content in zip(files, [b"index" * 400, *map(PARTS.get, sorted(PARTS))], strict=True):
        file.write_bytes(content or b"")
    same = building.floor.slides.intake.receive_files(files, "command", SENDER)
    assert (same.slide, same.new) == (slide, False)
    assert not list((building.house.settings.slides / "incoming").iterdir())


def wordy(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.comment = bytes(60_000)
    return made


def link(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.create_system, made.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return made


HOSTILE: dict[str, Callable[[], bytes]] = {
    "no ZIP": lambda: b"PK\x03\x04 and then nothing",
    "cut short": lambda: zipped(whole())[:-30],
    "a changed byte": lambda: zipped(whole()).replace(b"tilestiles", b"tilestileZ"),
    "nothing in it": lambda: zipped([]),
    "the file alone": lambda: zipped(whole()[:1]),
    "the folder alone": lambda: zipped(whole()[1:]),
    "two slides": lambda: zipped(whole("a") + whole("b")),
    "more than a slide": lambda: zipped([*whole("a"), ("letter.txt", b"x")]),
    "a folder in the folder": lambda: zipped([*whole("a"), ("a/b/c.dat", b"x")]),
    "a way up": lambda: zipped([*whole("a"), ("a/../../../evil.dat", b"x")]),
    "a way up as the name": lambda: zipped([*whole("a"), ("a/..", b"x")]),
    "from the root": lambda: zipped(whole(within="/tmp/")),
    "a hidden name": lambda: zipped([*whole("a"), ("a/.bashrc", b"x")]),
    "a backslash": lambda: zipped([*whole("a"), ("a/..\\evil.dat", b"x")]),
    "a link": lambda: zipped([*whole("a"), (link("a/Data0002.dat"), b"/etc/passwd")]),
    "the file is a link": lambda: zipped([(link("a.mrxs"), b"/etc/passwd"), *whole("a")[1:]]),
    "a bomb": lambda: zipped([*whole("a"), ("a/x.dat", bytes(2**22))], zipfile.ZIP_DEFLATED),
    "another method": lambda: zipped(whole("a"), zipfile.ZIP_LZMA),
    "a directory of megabytes": lambda: zipped(
        [*whole("a"), *((wordy(f"a/{n}.dat"), b"") for n in range(160))]
    ),
    "too many": lambda: zipped([*whole("a"), *((f"a/{n}.dat", b"") for n in range(10_000))]),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_such_zip_is_refused_and_leaves_nothing(tmp_path: Path, kind: str) -> None:
    packed = tmp_path / "data"
    packed.write_bytes(HOSTILE[kind]())
    into = tmp_path / "in" / "unpacked"
    with pytest.raises(UnfitPackage, match="folder of the same name"):
        unpacked(packed, into, lambda _: None)
    left = [path for path in tmp_path.rglob("*") if path.is_file() and path != packed]
    assert all(into in path.parents for path in left)


def test_a_password_and_the_same_name_twice_are_refused(tmp_path: Path) -> None:
    packed, plain = tmp_path / "data", zipped(whole("a"))
    # Bit 0 of the flags says encrypted, in each entry's own header and in the directory.
    locked = plain.replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
    )
    assert locked != plain
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = zipped([*whole("a"), whole("a")[1]])
    for content in (locked, twice):
        packed.write_bytes(content)
        with pytest.raises(UnfitPackage):
            unpacked(packed, tmp_path / "into", lambda _: None)


def test_room_is_asked_for_before_anything_is_written(tmp_path: Path) -> None:
    packed, asked = tmp_path / "data", list[int]()
    packed.write_bytes(zipped(whole()))

    def full(more: int) -> None:
        asked.append(more)
        raise SlidesFull(megabytes=1)

    with pytest.raises(SlidesFull):
        unpacked(packed, tmp_path / "into", full)
    assert asked == [2000 + sum(map(len, PARTS.values()))] and not (tmp_path / "into").exists()


def test_an_index_alone_is_told_what_it_lacks(building: Building) -> None:
    with pytest.raises(UnfitPackage, match="one ZIP"):
        uploaded(building, b"index", "S26-01234_A1_HE.MRXS")


@given(st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 255)), min_size=1, max_size=8))
@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
def test_a_damaged_zip_is_unpacked_as_it_was_or_refused(
    tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(zipped(whole("a"), zipfile.ZIP_DEFLATED))
    for at, value in changes:
        content[at % len(content)] = value
    packed = tmp_path / "data"
    packed.write_bytes(content)
    into = tmp_path / f"into-{len(list(tmp_path.iterdir()))}"
    try:
        found = unpacked(packed, into, lambda _: None)
    except CountersignError:
        return
    assert all(into in path.parents for path in found.paths)
