"""What a scanner hears, and that it hears success only when the instance is durable."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import UID

from building import Building
from dicoms import NAME, SYNTAXES, dcmtk, saved, slide
from doors.dicom.stage import arriving, files, fresh, listening, peer, receipts, received

WORDS = {
    "1.2.840.10008.1.2.1": "-xe",
    "1.2.840.10008.1.2": "-xi",
    "1.2.840.10008.1.2.4.50": "-xy",
    "1.2.840.10008.1.2.4.90": "-xv",
    "1.2.840.10008.1.2.4.91": "-xw",
}
"""How storescu is told to propose an encoding."""


def send(port: int, *paths: Path, how: str = "-xy", good: bool = True) -> str:
    """By DCMTK's storescu; what it says, in lower case."""
    return dcmtk("storescu", "-R", "-d", how, *peer(port), *paths, good=good).lower()


def test_a_known_peer_is_answered(building: Building) -> None:
    with listening(building) as port:
        dcmtk("echoscu", *peer(port))
        dcmtk("echoscu", "-aet", "STRANGER", "-aec", "COUNTERSIGN", "127.0.0.1", port, good=False)
        dcmtk("echoscu", "-aet", "SCANNER", "-aec", "OTHER", "127.0.0.1", port, good=False)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda one: one.name)
def test_a_slide_is_kept_as_it_was_sent(building: Building, tmp_path: Path, syntax: UID) -> None:
    series = fresh()
    sent = slide(series, syntax=syntax)
    with listening(building) as port:
        send(port, saved(sent, tmp_path), how=WORDS[syntax])
    (file,) = files(building, series)
    kept = dcmread(file)
    assert kept.file_meta.TransferSyntaxUID == syntax
    assert kept.PixelData == sent.PixelData and kept.PatientName == NAME
    assert (kept.SOPInstanceUID, kept.SeriesInstanceUID) == (
        sent.SOPInstanceUID,
        sent.SeriesInstanceUID,
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    (row,) = building.rows(
        "select box, peer from imaging.series where series = %s", str(sent.SeriesInstanceUID)
    )
    assert NAME.encode() not in bytes(row["box"]) and row["peer"] == "SCANNER"
    (event,) = receipts(building, series)
    assert event.kind == "images-received" and event.actor == "system:dicom"
    assert "instance" in event.commits and event.detail == {"bytes": file.stat().st_size}


def test_a_repetition_is_kept_once_and_another_content_never(
    building: Building, tmp_path: Path
) -> None:
    series = fresh()
    one = saved(slide(series), tmp_path, "one.dcm")
    other = saved(slide(series, PatientName="Li^Lei"), tmp_path, "other.dcm")
    with listening(building) as port:
        send(port, one)
        send(port, one)
        assert "0xc002" in send(port, other, good=False)
    (file,) = files(building, series)
    assert str(dcmread(file).PatientName) == NAME
    assert len(receipts(building, series)) == 1


def test_a_series_wakes_the_room_when_no_more_comes(building: Building, tmp_path: Path) -> None:
    number, store = fresh(), received(building, quiet=0.0)
    series = str(slide(number).SeriesInstanceUID)
    store.hand_on()
    with listening(building, store) as port:
        send(port, *(saved(slide(number, one), tmp_path) for one in (1, 2)))
        assert received(building, quiet=3600.0).hand_on() == []
        assert store.hand_on() == [series] and store.hand_on() == []
        jobs = building.floor.jobs.recent()
        assert [one.args for one in jobs if one.args == {"series": series}] == [{"series": series}]
        known = store.series(series)
        assert known is not None and list(known.files) == files(building, number)
        assert known.said["PatientName"] == NAME
        assert known.said["SpecimenIdentifier"] == "P26-100-A1"
        send(port, saved(slide(number, 3), tmp_path))
    assert store.hand_on() == [series]
    rows = building.rows(
        "select instances from imaging.handed where series = %s order by at", series
    )
    assert [row["instances"] for row in rows] == [2, 3]
    assert store.series("1.2.3") is None


def test_a_full_disk_is_said_and_nothing_is_left(building: Building, tmp_path: Path) -> None:
    series = fresh()
    path = saved(slide(series), tmp_path)
    with listening(building, received(building, reserve=2**60)) as port:
        assert "0xa700" in send(port, path, good=False)
    with listening(building, received(building, largest=2000)) as port:
        assert "0xc001" in send(port, path, good=False)
    assert files(building, series) == arriving(building) == []
    assert receipts(building, series) == []
    with listening(building) as port:
        send(port, path)
    assert len(files(building, series)) == 1


def test_what_is_no_whole_slide_is_refused(building: Building, tmp_path: Path) -> None:
    nameless = saved(slide(fresh(), SeriesInstanceUID=""), tmp_path)
    other = slide(fresh(), SOPClassUID="1.2.840.10008.5.1.4.1.1.7")
    other.file_meta.MediaStorageSOPClassUID = other.SOPClassUID
    with listening(building) as port:
        assert "0xc000" in send(port, nameless, good=False)
        send(port, saved(other, tmp_path), good=False)
    assert arriving(building) == []
