"""STOW-RS as dicomweb-client and raw requests meet it, behind the fences of the house."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from io import BytesIO
from typing import Any

import httpx
import pydicom
import pytest
import requests
from dicomweb_client.api import DICOMwebClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from browser import serve
from building import INSTALLER, Building
from countersign.doors.dicom.parts import BrokenParts, Part, Parts, boundary_of
from countersign.doors.dicom.storing import door
from countersign.ground.imaging import ImageFull, Received, Spool
from countersign.ground.shell import build_http
from countersign.kit.clock import utc_now
from countersign.kit.errors import CountersignError
from dicoms import slide
from doors.dicom.stage import arriving, files, fresh, receipts

KIND = 'multipart/related; type="application/dicom"; boundary=cut'


@dataclass
class Served:
    building: Building
    base: str
    token: str
    reader: str

    def peer(self, token: str | None = None) -> DICOMwebClient:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token or self.token}"
        return DICOMwebClient(f"{self.base}/dicomweb", session=session, chunk_size=3000)

    def post(self, body: bytes, path: str = "/studies", **headers: str) -> httpx.Response:
        given = {"authorization": f"Bearer {self.token}", "content-type": KIND, **headers}
        return httpx.post(f"{self.base}/dicomweb{path}", content=body, headers=given, timeout=30)


@pytest.fixture(scope="module")
def served(building: Building) -> Iterator[Served]:
    floor, until = building.floor, utc_now() + timedelta(days=1)

    def token(*scopes: str) -> str:
        return floor.clients.issue("an archive", scopes, ["cardiology"], until, by=INSTALLER).token

    with serve(lambda: build_http(floor, [], mounts={"/dicomweb": door(floor)})) as base:
        yield Served(building, base, token("system/ImagingStudy.c"), token("system/*.read"))


def whole(made: Any) -> bytes:
    written = BytesIO()
    made.save_as(written, enforce_file_format=True)
    return written.getvalue()


def cut(*parts: bytes, kind: bytes = b"application/dicom") -> bytes:
    head = b"--cut\r\nContent-Type: " + kind + b"\r\n\r\n"
    return b"".join(head + part + b"\r\n" for part in parts) + b"--cut--\r\n"


def test_a_client_nobody_here_wrote_stores_a_series(served: Served) -> None:
    series = fresh()
    sent = [pydicom.dcmread(BytesIO(whole(slide(series, number)))) for number in (1, 2)]
    answer = served.peer().store_instances(sent)
    assert [one.ReferencedSOPInstanceUID for one in answer.ReferencedSOPSequence] == [
        one.SOPInstanceUID for one in sent
    ]
    assert "FailedSOPSequence" not in answer
    kept = [pydicom.dcmread(file) for file in files(served.building, series)]
    assert kept == sent
    (first, _) = receipts(served.building, series)
    assert first.actor.startswith("client:") and "instance" in first.commits
    again = served.peer().store_instances(sent)
    assert len(again.ReferencedSOPSequence) == 2
    assert len(receipts(served.building, series)) == 2


def test_each_refused_instance_is_named_with_its_reason(served: Served) -> None:
    series = fresh()
    good, other = slide(series, 1), slide(fresh(), SOPClassUID="1.2.840.10008.5.1.4.1.1.7")
    other.file_meta.MediaStorageSOPClassUID = other.SOPClassUID
    answer = served.post(cut(whole(good), whole(other), b"no dicom"))
    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/dicom+json"
    said = pydicom.Dataset.from_json(answer.json())
    assert [one.FailureReason for one in said.FailedSOPSequence] == [0x0122, 0xC000]
    assert said.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == good.SOPInstanceUID
    changed = slide(series, 1, PatientName="Li^Lei")
    answer = served.post(cut(whole(changed)))
    said = pydicom.Dataset.from_json(answer.json())
    assert answer.status_code == 409 and said.FailedSOPSequence[0].FailureReason == 0xC002
    assert said.FailedSOPSequence[0].ReferencedSOPInstanceUID == good.SOPInstanceUID
    assert arriving(served.building) == []


def test_an_address_of_a_study_takes_only_its_own(served: Served) -> None:
    sent = slide(fresh())
    answer = served.post(cut(whole(sent)), path="/studies/1.2.3")
    assert answer.status_code == 409
    assert pydicom.Dataset.from_json(answer.json()).FailedSOPSequence[0].FailureReason == 0xA900
    answer = served.post(cut(whole(sent)), path=f"/studies/{sent.StudyInstanceUID}")
    assert answer.status_code == 200


def test_nobody_stores_without_the_right_to(served: Served) -> None:
    body, series = cut(whole(slide(number := fresh()))), number
    assert served.post(body, authorization="").status_code == 401
    assert served.post(body, authorization="Bearer guessed").status_code == 401
    denied = served.post(body, authorization=f"Bearer {served.reader}")
    assert denied.status_code == 403
    assert files(served.building, series) == []
    assert [one for one in served.building.events() if one.kind == "access-denied"]


def test_what_is_no_request_of_parts_is_refused(served: Served) -> None:
    body = cut(whole(slide(series := fresh())))
    for kind in ("application/dicom", "multipart/related", 'multipart/form-data; boundary="cut"'):
        assert served.post(body, **{"content-type": kind}).status_code == 415
    assert served.post(cut(b"{}", kind=b"application/dicom+json")).status_code == 409
    for broken in (b"", body[:-20], body.replace(b"--cut", b"--gut"), b"--cut--\r\n"):
        assert served.post(broken).status_code == 400, broken[-40:]
    assert arriving(served.building) == []
    assert served.post(body).status_code == 200 and len(files(served.building, series)) == 1


def test_a_full_disk_and_a_giant_are_said(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    body = cut(whole(slide(fresh())))

    def full(self: Received) -> Spool:
        raise ImageFull

    with monkeypatch.context() as patched:
        patched.setattr(Received, "spool", full)
        answer = served.post(body)
    said = pydicom.Dataset.from_json(answer.json())
    assert answer.status_code == 503 and said.FailedSOPSequence[0].FailureReason == 0xA700
    giant = HTTPConnection(served.base.removeprefix("http://"), timeout=30)
    giant.putrequest("POST", "/dicomweb/studies")
    giant.putheader("content-length", str(2**50))
    giant.endheaders()
    assert giant.getresponse().status == 413
    giant.close()
    assert arriving(served.building) == []


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_parts_are_the_same_however_they_stream(tmp_path: Any, size: int) -> None:
    bodies = [b"--cu\r\n-\r--cut", b"", b"\r\n--cutter\r\n", bytes(range(256)) * 20]
    sent = b"\r\n" + cut(*bodies)
    found: list[bytes] = []
    count = iter(range(100))

    def done(part: Part) -> None:
        assert part.spool is not None
        part.spool.finish()
        found.append(part.spool.path.read_bytes())

    parts = Parts("cut", lambda: Spool(tmp_path / f"{next(count)}", 10**6, 0), done)
    for at in range(0, len(sent), size):
        parts.feed(sent[at : at + size])
    parts.finish()
    assert found == bodies


@given(st.lists(st.sampled_from([b"--cut", b"\r\n", b"--", b"Content-Type: application/dicom",
    b"\r\n\r\n", b"x" * 50, b":", b"\x00"]), max_size=20))  # fmt: skip
@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
def test_garbage_is_refused_in_words(tmp_path: Any, pieces: list[bytes]) -> None:
    made: list[Spool] = []

    def begin() -> Spool:
        made.append(Spool(tmp_path / f"{len(list(tmp_path.iterdir()))}", 10**6, 0))
        return made[-1]

    parts = Parts("cut", begin, Part.discard)
    try:
        for piece in pieces:
            parts.feed(piece)
        parts.finish()
    except BrokenParts:
        pass
    finally:
        parts.close()
    assert list(tmp_path.iterdir()) == []


@given(st.text(max_size=80))
@settings(deadline=None, max_examples=50)
def test_a_boundary_is_found_or_refused(text: str) -> None:
    try:
        assert boundary_of(f"multipart/related; {text}")
    except CountersignError as problem:
        assert problem.status == 415
