"""What is signed lies in an archive nobody here wrote as it left, and says there what it says."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from dicomweb_client.api import DICOMwebClient
from pydicom import Dataset, dcmread

from building import Building
from countersign.ground.db import Database
from countersign.rooms.pathology.service.dicom import report, segmentation, written
from countersign.rooms.pathology.service.dicom_source import Source
from dicoms import dcmtk, slide
from orthanc import TITLE, Orthanc, orthanc
from rooms.pathology.dicom_stage import answer


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with orthanc(tmp_path_factory.mktemp("orthanc")) as peer:
        yield peer


@pytest.fixture(scope="module")
def signed(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[bytes, bytes]]:
    """The structured report and the segmentation, as files."""
    building = Building(module_database, tmp_path_factory.mktemp("house"))
    given, source = answer(building), Source(slide(), 1.0)
    areas = segmentation(given, source)
    assert areas is not None
    yield written(report(given, source)), written(areas)
    building.close()


def tags(archive: Orthanc, name: str) -> dict[str, Any]:
    """What Orthanc reads of an instance, by the names of the standard."""
    return archive.get(f"/instances/{name}/simplified-tags")


def texts(item: dict[str, Any]) -> Iterator[str]:
    """Every number with its unit in a report's tree of content."""
    for measured in item.get("MeasuredValueSequence", ()):
        unit = measured["MeasurementUnitsCodeSequence"][0]["CodeValue"]
        yield f"{measured['NumericValue']} {unit}"
    for child in item.get("ContentSequence", ()):
        yield from texts(child)


@pytest.mark.parametrize("way", ["c-store", "stow"])
def test_a_signed_report_and_its_areas_come_back_as_they_were(
    archive: Orthanc, signed: tuple[bytes, bytes], tmp_path: Path, way: str
) -> None:
    for one in archive.get("/instances"):
        archive.delete(f"/instances/{one}")
    sent = [dcmread(BytesIO(one)) for one in signed]
    if way == "stow":
        said = DICOMwebClient(f"{archive.base}/dicom-web").store_instances(sent)
        assert len(said.ReferencedSOPSequence) == 2 and not said.get("FailedSOPSequence")
    else:
        for number, one in enumerate(signed):
            (tmp_path / f"{number}.dcm").write_bytes(one)
        peer = ("-aec", TITLE, "127.0.0.1", archive.port)
        dcmtk("storescu", "-R", *peer, *sorted(tmp_path.glob("*.dcm")))
    for one in sent:
        name = archive.found(str(one.SOPInstanceUID))
        assert same(dcmread(BytesIO(archive.file(name))), one)
    reading, drawing = (tags(archive, archive.found(str(one.SOPInstanceUID))) for one in sent)
    assert (reading["Modality"], reading["VerificationFlag"]) == ("SR", "VERIFIED")
    assert reading["VerifyingObserverSequence"][0]["VerifyingObserverName"] == "Li^Hua"
    assert reading["PatientID"] == drawing["PatientID"] == "4711"
    assert {"23.5 %", "41 %", "1234 1"} <= {said.replace(".0 ", " ") for said in texts(reading)}
    assert (drawing["Modality"], drawing["SegmentationType"]) == ("SEG", "BINARY")
    assert [one["SegmentLabel"] for one in drawing["SegmentSequence"]] == ["tissue", "tumour"]
    assert (drawing["TotalPixelMatrixColumns"], drawing["TotalPixelMatrixRows"]) == ("192", "128")


def same(one: Dataset, other: Dataset) -> bool:
    """Every element, and how it is encoded."""
    return one == other and one.file_meta.TransferSyntaxUID == other.file_meta.TransferSyntaxUID
