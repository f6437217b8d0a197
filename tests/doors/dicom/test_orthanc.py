"""Orthanc as the archive that sends: by C-STORE to the listener and by STOW-RS to the door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydicom import dcmread

from browser import serve
from building import INSTALLER, Building
from countersign.doors.dicom.storing import door
from countersign.ground.shell import build_http
from countersign.kit.clock import utc_now
from dicoms import SYNTAXES, saved, slide
from doors.dicom.stage import files, fresh, listening, receipts
from orthanc import Orthanc, orthanc


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with orthanc(tmp_path_factory.mktemp("orthanc"), title="SCANNER") as peer:
        yield peer


def held(archive: Orthanc, folder: Path, series: int) -> list[str]:
    """A series of one instance in each encoding that lies in the archive; Orthanc's names."""
    made = [slide(series, number, one) for number, one in enumerate(SYNTAXES, 1)]
    return [archive.post("/instances", saved(one, folder).read_bytes())["ID"] for one in made]


def kept(building: Building, series: int, sent: Path) -> None:
    """Every instance was taken as it lies in the archive, and has a receipt."""
    taken = {str(one.SOPInstanceUID): one for one in map(dcmread, files(building, series))}
    assert len(taken) == len(SYNTAXES)
    for name, one in taken.items():
        assert one == dcmread(sent / f"{name}.dcm")
        assert one.file_meta.TransferSyntaxUID in SYNTAXES
    assert "images-received" in {one.kind for one in receipts(building, series)}


def test_what_orthanc_sends_by_c_store_is_taken(
    building: Building, archive: Orthanc, tmp_path: Path
) -> None:
    series = fresh()
    names = held(archive, tmp_path, series)
    with listening(building) as port:
        where = {"AET": "COUNTERSIGN", "Host": "127.0.0.1", "Port": port}
        archive.put("/modalities/countersign", where)
        archive.post("/modalities/countersign/echo", {})
        said = archive.post("/modalities/countersign/store", {"Resources": names})
    assert (said["InstancesCount"], said["FailedInstancesCount"]) == (len(names), 0)
    kept(building, series, tmp_path)


def test_what_orthanc_sends_by_stow_is_taken(
    building: Building, archive: Orthanc, tmp_path: Path
) -> None:
    series, floor = fresh(), building.floor
    names = held(archive, tmp_path, series)
    until, scopes = utc_now() + timedelta(days=1), ("system/ImagingStudy.c",)
    issued = floor.clients.issue("Orthanc", scopes, ["cardiology"], until, by=INSTALLER)
    with serve(lambda: build_http(floor, [], mounts={"/dicomweb": door(floor)})) as base:
        headers = {"Authorization": f"Bearer {issued.token}"}
        where = {"Url": f"{base}/dicomweb/", "HttpHeaders": headers}
        archive.put("/dicom-web/servers/countersign", where)
        archive.post("/dicom-web/servers/countersign/stow", {"Resources": names})
    kept(building, series, tmp_path)
