"""What is kept of an instance, and that no file however made gets more than a refusal."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from wsidicom import WsiDicom

from building import Building
from countersign.ground.db import Database
from countersign.ground.imaging import (
    ImageFull,
    ImageTaken,
    ImageTooLarge,
    ImageUnreadable,
    ImageUnsupported,
    ImageUnwritable,
    Spool,
    read_instance,
)
from countersign.ground.imaging.received.instance import is_uid
from dicoms import SYNTAXES, saved, slide
from doors.dicom.stage import arriving, files, fresh, received
from house.tree import ROOT

SAMPLES = ROOT / ".." / "shared" / "data" / "imaging" / "dicom" / "highdicom"


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    yield made
    made.close()


def spooled(building: Building, content: bytes, **limits: int) -> Spool:
    spool = received(building, **limits).spool()
    spool.write(content)
    return spool


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda one: one.name)
def test_an_instance_says_what_it_is(tmp_path: Path, syntax: str) -> None:
    sent = slide(3, 2, syntax)
    found = read_instance(saved(sent, tmp_path))
    assert (found.sop_instance, found.series) == (sent.SOPInstanceUID, sent.SeriesInstanceUID)
    assert found.syntax == syntax and found.said["ContainerIdentifier"] == "P26-100-A1"
    assert "Wang" not in repr(found)


def test_the_hash_is_that_of_the_data_set_alone(tmp_path: Path) -> None:
    one, other = slide(3), slide(3)
    other.file_meta.SourceApplicationEntityTitle = "ANOTHER"
    first = read_instance(saved(one, tmp_path, "one.dcm"))
    second = read_instance(saved(other, tmp_path, "other.dcm"))
    assert first.sha256 == second.sha256 and first.size != second.size


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda one: one.name)
def test_every_cut_is_seen(tmp_path: Path, syntax: str) -> None:
    whole = saved(slide(3, 1, syntax), tmp_path).read_bytes()
    cut = tmp_path / "cut.dcm"
    for end in (0, 100, 131, 140, 400, 1500, len(whole) // 2, len(whole) - 9):
        cut.write_bytes(whole[:end])
        with pytest.raises((ImageUnreadable, ImageUnsupported)):
            read_instance(cut)


@given(st.lists(st.tuples(st.integers(0, 2999), st.integers(0, 255)), min_size=1, max_size=8))
@example([(136, 0), (137, 0)])
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_changed_header_is_read_or_refused(
    tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(saved(slide(3), tmp_path).read_bytes())
    for place, value in changes:
        content[place] = value
    path = tmp_path / "changed.dcm"
    path.write_bytes(content)
    try:
        found = read_instance(path)
    except (ImageUnreadable, ImageUnsupported):
        return
    assert all(map(is_uid, (found.sop_instance, found.series, found.study)))


@given(st.binary(max_size=600))
@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
def test_garbage_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "garbage.dcm"
    for head in (b"", bytes(128) + b"DICM"):
        path.write_bytes(head + content)
        with pytest.raises((ImageUnreadable, ImageUnsupported)):
            read_instance(path)


@pytest.mark.parametrize(
    ("text", "good"),
    [("1.2.840.10008", True), ("2.25.1", True), ("1", False), ("1..2", False), ("1.02", False)]
    + [("../../etc", False), ("", False), ("1." + "2" * 70, False), ("1.2\n", False)],
)
def test_an_identifier_is_safe_as_a_name(text: str, good: bool) -> None:
    assert is_uid(text) is good


def test_limits_hold_while_it_is_written(building: Building) -> None:
    with pytest.raises(ImageTooLarge):
        spooled(building, b"x" * 2000, largest=1000)
    with pytest.raises(ImageFull):
        received(building, reserve=2**60).spool()
    for file in arriving(building):
        file.unlink()


def test_a_disk_that_says_no_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ImageUnwritable):
        Spool(tmp_path / "nowhere" / "one.part", 10, 0)
    spool = Spool(Path("/dev/full").parent / "shm" / f"one-{os.getpid()}.part", 10, 0)
    os.dup2(os.open("/dev/full", os.O_WRONLY), spool._fd)  # every write says ENOSPC
    with pytest.raises(ImageFull):
        spool.write(b"12345")
    spool.discard()


def test_it_is_durable_before_it_is_known(
    building: Building, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of what the disk and the database are asked: bytes, name, folder, row."""
    steps: list[str] = []
    fsync, store = os.fsync, received(building)

    def synced(fd: int) -> None:
        steps.append("folder" if Path(f"/proc/self/fd/{fd}").is_dir() else "bytes")
        fsync(fd)

    spool = spooled(building, saved(slide(number := fresh()), tmp_path).read_bytes())
    record = store._record
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(store, "_record", lambda *given: steps.append("row") or record(*given))
    store.keep(spool, store.read(spool), "system:dicom", "SCANNER")
    assert steps == ["bytes", "folder", "folder", "row"]
    assert len(files(building, number)) == 1


def test_another_content_never_takes_a_name(building: Building, tmp_path: Path) -> None:
    number, store = fresh(), received(building)
    for name in ("one", "two"):
        path = saved(slide(number, PatientName=name), tmp_path, f"{name}.dcm")
        spool = spooled(building, path.read_bytes())
        found = store.read(spool)
        if name == "one":
            store.keep(spool, found, "system:dicom", "SCANNER")
            continue
        with pytest.raises(ImageTaken):
            store.keep(spool, found, "system:dicom", "SCANNER")
    (file,) = files(building, number)
    assert dcmread(file).PatientName == "one"


def test_a_series_is_lent_without_a_copy_and_cleared_later(
    building: Building, tmp_path: Path
) -> None:
    number, store = fresh(), received(building)
    for instance in (1, 2):
        path = saved(slide(number, instance), tmp_path)
        spool = spooled(building, path.read_bytes())
        store.keep(spool, store.read(spool), "system:dicom", "SCANNER")
    series = str(slide(number).SeriesInstanceUID)
    found = store.series(series)
    assert found is not None
    with store.lent(found) as lent:
        assert len(lent) == 2 and all(one.stat().st_nlink == 2 for one in lent)
        with WsiDicom.open(list(lent)) as read:
            assert (read.size.width, read.size.height) == (192, 128)
        lent[0].unlink()  # what is taken away is none of the lender's
    assert len(files(building, number)) == 2 and arriving(building) == []
    stray = store.spool()
    os.utime(stray.path, (0, time.time() - 2 * 24 * 3600))
    assert store.clear() == 1 and len(files(building, number)) == 2
    stray.discard()


def sent(building: Building, folder: Path, number: int, *instances: int) -> None:
    """Keeps these instances of a series as another system sends them."""
    store = received(building)
    for instance in instances:
        spool = spooled(building, saved(slide(number, instance), folder).read_bytes())
        store.keep(spool, store.read(spool), "system:dicom", "SCANNER")


def test_nothing_is_cleared_of_a_series_until_it_is_taken_in(
    building: Building, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("countersign.ground.imaging.received.received.KEPT_DAYS", 0)
    number, store = fresh(), received(building)
    series = str(slide(number).SeriesInstanceUID)
    sent(building, tmp_path, number, 1, 2)
    assert series in store.hand_on()
    store.clear()
    assert len(files(building, number)) == 2
    before = store.series(series)
    assert before is not None
    sent(building, tmp_path, number, 3)
    store.taken(before)  # one came while the others were taken in
    assert store.hand_on() == [series]
    store.clear()
    assert len(files(building, number)) == 3
    found = store.series(series)
    assert found is not None
    store.taken(found)
    assert store.clear() == 3 and files(building, number) == []
    with store.lent(found) as lent:
        assert lent == ()


def test_a_series_is_not_handed_on_while_its_largest_instance_is_on_its_way(
    building: Building, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, store = fresh(), received(building)
    series = str(slide(number).SeriesInstanceUID)
    sent(building, tmp_path, number, 1)
    whole = saved(slide(number, 2), tmp_path).read_bytes()
    spool = spooled(building, whole[: len(whole) // 2])
    other = fresh()
    sent(building, tmp_path, other, 1)
    assert store.hand_on() == [str(slide(other).SeriesInstanceUID)]
    spool.write(whole[len(whole) // 2 :])
    store.keep(spool, store.read(spool), "system:dicom", "SCANNER")
    assert store.hand_on() == [series]
    third = fresh()
    sent(building, tmp_path, third, 1)
    stalled = spooled(building, saved(slide(third, 2), tmp_path).read_bytes()[:-50])
    monkeypatch.setattr("countersign.ground.imaging.received.received.STALLED", -1)
    assert store.hand_on() == [str(slide(third).SeriesInstanceUID)]
    stalled.discard()


def test_what_is_sent_again_is_handed_on_again_until_it_is_taken_in(
    building: Building, tmp_path: Path
) -> None:
    number, store = fresh(), received(building)
    series = str(slide(number).SeriesInstanceUID)
    sent(building, tmp_path, number, 1)
    assert (store.hand_on(), store.hand_on()) == ([series], [])
    sent(building, tmp_path, number, 1)
    found = store.series(series)
    assert found is not None
    store.taken(found)  # is not for what was sent again since
    assert store.hand_on() == [series]
    store.taken(found)
    sent(building, tmp_path, number, 1)
    assert store.hand_on() == []


def test_a_disk_that_is_away_has_not_lost_the_files(building: Building, tmp_path: Path) -> None:
    number, store = fresh(), received(building)
    sent(building, tmp_path, number, 1)
    found = store.series(str(slide(number).SeriesInstanceUID))
    assert found is not None
    (file,) = found.files
    file.parent.rename(tmp_path / "away")
    with pytest.raises(ImageUnwritable), store.lent(found):
        pass
    (tmp_path / "away").rename(file.parent)
    with store.lent(found) as lent:
        assert [one.name for one in lent] == [file.name]


def test_what_was_lent_long_ago_is_cleared(building: Building, tmp_path: Path) -> None:
    number, store = fresh(), received(building)
    sent(building, tmp_path, number, 1)
    left = building.house.settings.home / "received" / "arriving" / "left-by-a-kill"
    left.mkdir()
    (left / "one.dcm").hardlink_to(files(building, number)[0])
    assert store.clear() == 0 and left.is_dir(), "it may be of a moment ago"
    os.utime(left, (0, time.time() - 2 * 24 * 3600))
    assert store.clear() == 1 and not left.exists() and len(files(building, number)) == 1


@pytest.mark.shared
@pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs ../shared/data")
def test_samples_of_others_are_read_or_refused() -> None:
    found, refused = [], []
    for path in sorted(SAMPLES.glob("*.dcm")):
        try:
            found.append(read_instance(path).sop_instance)
        except (ImageUnreadable, ImageUnsupported):
            refused.append(path.name)
    assert len(found) >= 5 and "ct_image.dcm" in refused and "sm_annotations.dcm" in refused
