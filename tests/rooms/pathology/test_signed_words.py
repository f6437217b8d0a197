"""What leaves of a slide is what was signed of it by now, in whose words and for whom."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import pypdfium2  # pyright: ignore[reportMissingTypeStubs]
import pytest
from pydicom import dcmread

from benchmarks.slide_toy import ToySlide
from building import IMPORTER
from countersign.ground.db import WHOLE
from countersign.ground.slides import Match, Told
from countersign.rooms.pathology.domain.ki67 import OTHER, OUTSIDE
from countersign.rooms.pathology.service import Handling, Matching, Results
from countersign.rooms.pathology.service import dicom_leaving as leaving
from countersign.rooms.pathology.service.dicom_source import Source
from countersign.rooms.pathology.service.reporting import Reporting
from dicoms import slide as dicom_slide

from .pathologist import Bench, Session

OWN = "About fifteen per cent, in clusters."


@pytest.fixture
def desk(fresh_desk: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A bench whose pictures say their scale."""

    def scaled(_: Results, __: Any, slide: str) -> ToySlide:
        return ToySlide(fresh_desk.building.floor.slides.keeping.path(fresh_desk.one(slide)))

    monkeypatch.setattr(Results, "picture", scaled)
    return fresh_desk


@pytest.fixture
def session(desk: Bench) -> Session:
    return Session(desk.building, "pathologist")


def of(slide: str, name: str = "") -> str:
    return f"/pathology/slides/{slide}{name}"


def signed(desk: Bench, session: Session, choice: str, **form: Any) -> str:
    """A slide whose draft was decided so."""
    slide = desk.ready()
    session.post(of(slide), do="propose")
    desk.building.decide("pathologist", desk.one(slide).code, choice, **form)
    return slide


def numbered(desk: Bench, patient: str, number: str) -> None:
    """A patient of the chart with a number of her own."""
    person = {
        "resourceType": "Patient",
        "id": patient,
        "identifier": [{"system": "urn:mrn", "value": number}],
    }
    entry = {"resource": person, "request": {"method": "PUT", "url": f"Patient/{patient}"}}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
    desk.building.floor.chart.receive(IMPORTER, bundle, source="test", keep_ids=True)


def pdf(session: Session, slide: str) -> str:
    read = pypdfium2.PdfDocument(session.get(of(slide, "/report.pdf")).content)
    return " ".join(page.get_textpage().get_text_range() for page in read)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType]


def test_own_words_leave_without_the_programs_figures(desk: Bench, session: Session) -> None:
    slide = signed(desk, session, "amend", text=OWN)
    for report in (session.get(of(slide, "/print")).text, pdf(session, slide)):
        assert "in clusters" in report and "own words" in report
        assert "Ki-67 index in the hotspot" not in report and "25.8" not in report
        assert "Nobody has signed this" not in report
    page = session.get(of(slide)).text
    assert OWN in page and "the program’s alone" in page and ".dcm" not in page
    for part in ("report.sr", "seg", "nuclei", "overview"):
        assert "own words" in session.get(of(slide, f"/{part}.dcm"), 409).text


def test_a_signed_answer_is_corrected_and_its_report_follows(desk: Bench, session: Session) -> None:
    slide = signed(desk, session, "accept")
    assert "25.8" in pdf(session, slide)
    first = desk.one(slide).code
    who = desk.building.who("pathologist")
    second = desk.building.inbox.correct(who, first)
    assert "25.8" in pdf(session, slide), "until the correction is signed, that one stands"
    desk.building.decide("pathologist", second, "amend", text=OWN)
    assert "in clusters" in pdf(session, slide) and "25.8" not in pdf(session, slide)
    third = desk.building.inbox.correct(who, second)
    desk.building.decide("pathologist", third, "accept")
    assert "25.8" in pdf(session, slide) and "in clusters" not in pdf(session, slide)
    assert desk.one(slide).code == first


def test_what_was_measured_before_is_no_result_any_more(desk: Bench, session: Session) -> None:
    slide = desk.ready()
    names = ("/report.pdf", "/print", "/regions.geojson", "/nuclei.geojson", "/nuclei")
    for name in names:
        session.get(of(slide, name))
    Handling(desk.building.floor).ask_rescan(desk.building.who("technician"), slide)
    for name in names:
        session.get(of(slide, name), 409)


def test_a_patients_number_is_no_specimens(desk: Bench) -> None:
    chart = desk.building.floor.chart
    number = "4711-08"
    numbered(desk, "p1", number)
    matching = Matching(chart)
    for told in (
        Told("", "", hints={"mrn": number, "stain": "ki67"}),
        Told("", "", hints={"accession": number, "stain": "ki67"}),
    ):
        found = matching.find(told)
        assert isinstance(found, Match)
        assert (found.patient, found.accession) == ("p1", "")
    both = Told("", "", hints={"mrn": number, "accession": "S26-777", "stain": "ki67"})
    found = matching.find(both)
    assert isinstance(found, Match) and found.accession == "S26-777"


def test_limits_follow_the_region_that_was_drawn(desk: Bench, session: Session) -> None:
    slide = desk.ready()
    run = session.get(of(slide, "/told")).json()["run"]
    square = [[0, 0], [256, 0], [256, 256], [0, 256]]
    region = {"kind": "tumour", "name": "", "outline": square, "holes": []}
    body = {"run": run, "kind": "region", "value": region}
    assert "draw the tumour region" in session.get(of(slide)).text
    limits = " ".join(session.send(of(slide, "/corrections"), body)["limits"])
    assert "draw the tumour region" not in limits and "that a pathologist drew" in limits
    note = {**body, "value": {**region, "kind": "drawn", "name": "see here"}}
    assert "that a pathologist drew" in " ".join(
        session.send(of(slide, "/corrections"), note)["limits"]
    )


def test_a_change_that_is_sent_again_is_kept_once(desk: Bench, session: Session) -> None:
    slide = desk.ready()
    run = session.get(of(slide, "/told")).json()["run"]
    address = of(slide, "/corrections")
    flip = {"run": run, "kind": "nuclei", "value": {"indices": [1], "positive": True}}
    first = session.send(address, flip)["number"]
    assert session.send(address, {**flip, "again": True})["number"] == first
    assert session.send(address, flip)["number"] == first + 1, "it was meant twice"
    undo = {"run": run, "kind": "undo", "value": {}, "undoes": first + 1}
    undone = session.send(address, undo)["number"]
    assert session.send(address, {**undo, "again": True})["number"] == undone
    session.send(address, undo, 409)
    other = {**flip, "value": {"indices": [2], "positive": True}, "again": True}
    assert session.send(address, other)["number"] == undone + 1, "it had never arrived"
    threshold = {"run": run, "kind": "threshold", "value": {"value": 0.205}}
    once = session.send(address, threshold)["number"]
    assert session.send(address, {**threshold, "again": True})["number"] == once
    corners = [[10.1, 20.3], [90.7, 20.3], [50.123456789, 70.9]]
    region = {"kind": "tumour", "name": "x" * 120, "outline": corners, "holes": []}
    drawn = {"run": run, "kind": "region", "value": region}
    once = session.send(address, drawn)["number"]
    assert session.send(address, {**drawn, "again": True})["number"] == once
    second = desk.building.who("pathologist")
    theirs = replace(second, id="another-person")
    desk.building.floor.slides.correcting.add(theirs, WHOLE, slide, "threshold", {"value": 0.3})
    assert session.send(address, {**drawn, "again": True})["number"] == once
    doctor = Session(desk.building, "wang")
    doctor.send(address, {**other}, 403)
    made = desk.building.floor.slides.correcting.all(WHOLE, slide)
    assert [one.kind for one in made] == [
        "nuclei",
        "nuclei",
        "undo",
        "nuclei",
        "threshold",
        "region",
        "threshold",
    ]


@pytest.mark.parametrize("number", ["", "9-unknown", "9-own", "9-other"])
def test_nothing_leaves_under_another_patients_name(
    desk: Bench, session: Session, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    slide = signed(desk, session, "accept")
    numbered(desk, "p1", "9-own")
    numbered(desk, "p-other", "9-other")
    image = dicom_slide(PatientID=number)
    monkeypatch.setattr(leaving, "is_dicom", lambda _: True)
    monkeypatch.setattr(leaving, "source_among", lambda *_: Source(image, 1.0))
    monkeypatch.setattr(leaving.Leaving, "_instances", lambda *_: [image])
    room = leaving.Leaving(desk.building.floor, Reporting(desk.building.floor))
    who = desk.building.who("pathologist")
    if number == "9-other":
        with pytest.raises(leaving.OtherPatient):
            room.report(who, slide)
    else:
        made = dcmread(BytesIO(room.report(who, slide)))
        assert made.PatientID == number and made.InstitutionName
        assert "?" not in made.InstitutionName + str(made.VerifyingObserverSequence)
    session.get(of(slide, "/overview.dcm"), 404)


def test_nuclei_leave_as_they_count_and_by_the_clock_of_the_house(
    desk: Bench, session: Session
) -> None:
    slide, floor = desk.ready(), desk.building.floor
    run = session.get(of(slide, "/told")).json()["run"]
    square = [[0, 0], [256, 0], [256, 256], [0, 256]]
    for kind, value in (
        ("nuclei", {"indices": [0, 1, 2], "tumour": False}),
        ("region", {"kind": "tumour", "name": "", "outline": square, "holes": []}),
    ):
        session.send(of(slide, "/corrections"), {"run": run, "kind": kind, "value": value})
    session.post(of(slide), do="propose")
    desk.building.decide("pathologist", desk.one(slide).code, "accept")
    counted = Reporting(floor).internal(slide).counted
    assert counted is not None
    made = dcmread(BytesIO(session.get(of(slide, "/nuclei.dcm")).content))
    groups = {
        one.AnnotationGroupLabel: one.NumberOfAnnotations for one in made.AnnotationGroupSequence
    }
    grades = counted.kinds
    assert groups == {
        "untyped": int((grades == OUTSIDE).sum()),
        "tumour": int((grades < OTHER).sum()),
        "other": int((grades == OTHER).sum()),
    }
    at = floor.signoff.reading.signed(desk.one(slide).code).first.signed_at  # type: ignore[union-attr]
    local = at.astimezone(floor.site.zone)
    for name in ("nuclei", "report.sr", "seg", "overview"):
        made = dcmread(BytesIO(session.get(of(slide, f"/{name}.dcm")).content))
        assert made.ContentDate + made.ContentTime == local.strftime("%Y%m%d%H%M%S"), name
        assert made.TimezoneOffsetFromUTC == "+0800"


def test_a_region_beside_the_slide_is_refused_and_a_hotspot_of_nothing_has_no_figure(
    desk: Bench, session: Session
) -> None:
    slide = desk.ready()
    run = session.get(of(slide, "/told")).json()["run"]

    def drawn(kind: str, left: float, status: int = 200) -> Any:
        square = [[left, 9], [left + 40, 9], [left + 40, 49], [left, 49]]
        region = {"kind": kind, "name": "", "outline": square, "holes": []}
        body = {"run": run, "kind": "region", "value": region}
        return session.send(of(slide, "/corrections"), body, status)

    for left in (-60, 9000):
        assert "outside" in str(drawn("hotspot", left, 422))
    drawn("tumour", 200)
    said = drawn("hotspot", -20)
    assert not {"hotspot", "hotspot-total"} & {one["code"] for one in said["rows"]}
    assert any("Only 0 tumour nuclei" in one for one in said["limits"])
    session.get(of(slide, "/print"))
    assert "Ki-67 index in the hotspot" not in pdf(session, slide)
