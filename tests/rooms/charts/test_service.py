"""A chart as a person opens it, on the real ground floor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from building import OTHER_PATIENT, PATIENT, Building, body, issue
from countersign.ground.db import Database
from countersign.ground.identity import Forbidden
from countersign.ground.ledger import Ledger, LedgerUnavailable
from countersign.ground.slides import SLIDE_SYSTEM
from countersign.rooms.charts.service import Charts


@pytest.fixture
def building(database: Database, tmp_path: Path) -> Iterator[Building]:
    made = Building(database, tmp_path)
    yield made
    made.close()


@pytest.fixture
def charts(building: Building) -> Charts:
    floor = building.floor
    return Charts(floor.chart, floor.signoff, floor.policy)


def test_a_physician_sees_results_drafts_and_a_receipt(building: Building, charts: Charts) -> None:
    draft = building.drafted()
    view = charts.open(building.who("wang"), PATIENT, "en")
    assert [one.name for one in view.results] == ["Potassium"]
    assert [one.draft.head.id for one in view.drafts] == [draft]
    assert view.receipt is not None


def test_a_signed_answer_stands_apart_from_measured_results(
    building: Building, charts: Charts
) -> None:
    released = building.released(body=body(issue()))
    view = charts.open(building.who("wang"), PATIENT, "zh")
    [answer] = view.answers
    assert answer.draft == released.draft
    assert answer.verified_by == ((building.people["wang"], None),)
    assert answer.reference in released.versions


def test_a_report_leads_to_its_slide_who_may_see_it(building: Building, charts: Charts) -> None:
    named = {"system": SLIDE_SYSTEM, "value": "s1"}
    report = {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": {"text": "Ki-67"},
        "subject": {"reference": f"Patient/{PATIENT}"},
        "media": [{"link": {"type": "Media", "identifier": named}}],
    }
    building.released(body=body(report))
    building.released(body=body(issue()))
    view = charts.open(building.who("wang"), PATIENT, "en")
    assert {one.slide for one in view.answers} == {"s1", None} and view.sees_slides
    assert not charts.open(building.who("nurse"), PATIENT, "en").sees_slides


def test_another_departments_patient_stays_closed(building: Building, charts: Charts) -> None:
    with pytest.raises(Forbidden):
        charts.open(building.who("wang"), OTHER_PATIENT, "en")


def test_the_chart_goes_on_without_the_ledger_and_drafts_are_withheld(
    building: Building, charts: Charts, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.drafted()
    wang = building.who("wang")

    def refuse(*_: Any) -> Any:
        raise LedgerUnavailable

    for way in ("record", "record_all", "unit"):
        monkeypatch.setattr(Ledger, way, refuse)
    view = charts.open(wang, PATIENT, "en")
    assert view.results
    assert view.receipt is None
    assert view.drafts == []
    assert isinstance(view.drafts_hidden, LedgerUnavailable)
