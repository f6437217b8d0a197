"""A folder comes as one run of bytes and becomes one slide; what is none leaves nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from building import Building
from countersign.ground.db import WHOLE
from countersign.ground.identity import Principal
from countersign.ground.slides import SlidesFull, UnfitFolder
from countersign.ground.slides.parted import parted

SENDER = Principal.system("pathology")
HEAD = bytes(128) + b"DICM"
MIRAX = [
    ("scan/a.mrxs", b"index" * 9),
    ("scan/a/Data0.dat", b"tiles"),
    ("scan/a/Slidedat.ini", b""),
]
SERIES = [("scan/1.dcm", HEAD + b"one"), ("scan/2.dcm", HEAD + b"two")]
Files = list[tuple[str, bytes]]


def sent(building: Building, files: Files) -> tuple[str, bool]:
    """As the page sends it: one upload, and a list of what is in it."""
    intake, whole = building.floor.slides.intake, b"".join(content for _, content in files)
    upload = intake.begin_upload(SENDER, len(whole))
    intake.append(SENDER, upload, 0, [whole])
    parts = [(name, len(content)) for name, content in files]
    found = intake.finish_upload(SENDER, upload, Path(files[0][0]).name, parts=parts)
    return found.slide, found.new


def test_a_mirax_folder_becomes_its_file_and_folder(building: Building, tmp_path: Path) -> None:
    slide, new = sent(building, MIRAX)
    keeping = building.floor.slides.keeping
    path = keeping.path(keeping.one(WHOLE, slide))
    assert new and path.name == "slide.mrxs" and path.read_bytes() == b"index" * 9
    kept = {file.name: file.read_bytes() for file in (path.parent / "slide").iterdir()}
    assert kept == {"Data0.dat": b"tiles", "Slidedat.ini": b""}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keeping.told(WHOLE, slide).name == "a.mrxs"
    # In another order, or from the disk of the server, it is the same slide.
    assert sent(building, MIRAX[::-1]) == (slide, False)
    files = [tmp_path / name for name, _ in MIRAX]
    for file, (_, content) in zip(files, MIRAX, strict=True):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    again = building.floor.slides.intake.receive_files(files, "command", SENDER)
    assert (again.slide, again.new) == (slide, False)
    assert not list((building.house.settings.slides / "incoming").iterdir())


def test_dicom_instances_become_one_slide(building: Building) -> None:
    slide, _ = sent(building, SERIES)
    keeping = building.floor.slides.keeping
    folder = keeping.path(keeping.one(WHOLE, slide))
    assert sorted(file.read_bytes()[-3:] for file in folder.iterdir()) == [b"one", b"two"]


UNFIT: dict[str, tuple[Files, int]] = {
    "one file": (SERIES[:1], 0),
    "two MIRAX slides": ([*MIRAX, ("scan/b.mrxs", b"x")], 0),
    "more than a slide": ([*MIRAX, ("scan/letter.txt", b"x")], 0),
    "the folder of another": ([MIRAX[0], ("scan/b/Data0.dat", b"x")], 0),
    "a way up": ([*MIRAX, ("scan/a/../../x.dat", b"x")], 0),
    "a hidden name": ([*MIRAX, ("scan/a/.bashrc", b"x")], 0),
    "the same name twice": ([*MIRAX, MIRAX[1]], 0),
    "a file that is no DICOM": ([*SERIES, ("scan/3.dcm", b"text" * 99)], 0),
    "more bytes than files": (MIRAX, 1),
    "fewer bytes than files": (MIRAX, -1),
    "too many": ([(f"a/{n}", b"") for n in range(10_001)], 0),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_what_is_no_one_slide_is_refused_and_leaves_nothing(tmp_path: Path, kind: str) -> None:
    files, more = UNFIT[kind]
    whole = b"".join(content for _, content in files)
    data = tmp_path / "data"
    data.write_bytes((whole + b"?")[: len(whole) + more])
    parts = [(name, len(content)) for name, content in files]
    with pytest.raises(UnfitFolder, match="not one slide"):
        parted(data, tmp_path / "in", parts, lambda _: None)
    assert not (tmp_path / "in").exists()


def test_a_size_below_nothing_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_bytes(b"index")
    with pytest.raises(UnfitFolder):
        parted(data, tmp_path / "in", [("a.mrxs", 6), ("a/x.dat", -1)], lambda _: None)


def test_where_it_does_not_fit_nothing_is_written(tmp_path: Path) -> None:
    def full(more: int) -> None:
        raise SlidesFull(megabytes=more)

    data = tmp_path / "data"
    data.write_bytes(b"".join(content for _, content in MIRAX))
    parts = [(name, len(content)) for name, content in MIRAX]
    with pytest.raises(SlidesFull):
        parted(data, tmp_path / "in", parts, full)
    assert not (tmp_path / "in").exists()
