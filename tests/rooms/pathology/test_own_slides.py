"""Signed slides are learnt from where nobody refused, nothing was destroyed and files are there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks.slide_toy import picture
from building import IMPORTER, INSTALLER
from countersign.app.keeping import told
from countersign.app.pathology_commands import _own
from countersign.ground.db import WHOLE, DbRole
from countersign.ground.vault import Ground, Order, shred
from countersign.kit.clock import utc_now
from countersign.kit.ids import new_id
from countersign.rooms.pathology.inference import registry
from countersign.rooms.pathology.service import PATHOLOGY, own_slides
from countersign.rooms.pathology.service.own_slides import LEFT_OUT, signed_slides

from .conftest import ACCESSION, REGISTRY, Laboratory

AI = {"code": [{"coding": [{"system": "urn:countersign:consent", "code": "ai-processing"}]}]}
RESEARCH = {
    "purpose": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HRESCH"}]
}


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "REGISTRY", REGISTRY)


def signed(laboratory: Laboratory, folder: Path, seed: int, accession: str = ACCESSION) -> str:
    """A slide with one corrected nucleus, signed."""
    slides = laboratory.building.floor.slides
    hints = {"accession": accession, "stain": "ki67"}
    slide = laboratory.add(f"{seed}.png", picture(seed), folder, **hints)
    assert laboratory.work(slide).state == "ready"
    value = {"indices": [0], "tumour": True}
    who = laboratory.building.who("pathologist")
    slides.correcting.add(who, WHOLE, slide, "nuclei", value)
    for state in ("draft", "signed"):
        slides.keeping.move(PATHOLOGY, slide, state)
    return slide


def learnt(laboratory: Laboratory) -> tuple[set[str], dict[str, int]]:
    """The slides that are learnt from, and how many are left out, by the reason."""
    left = Counter[str]()
    floor = laboratory.building.floor
    analysis = REGISTRY.by_stain["ki67"]().name
    found = {one.name for one in signed_slides(floor, analysis, left)}
    assert left.keys() <= LEFT_OUT.keys()
    return found, dict(+left)


def refuse(laboratory: Laboratory, status: str, provision: dict[str, Any]) -> None:
    """What p1 says to learning."""
    resource = {
        "resourceType": "Consent",
        "id": "refusal",
        "status": status,
        "scope": {"text": "wish"},
        "category": [{"text": "wish"}],
        "patient": {"reference": "Patient/p1"},
        "policyRule": {"text": "wish"},
        "provision": {"type": "deny", **provision},
    }
    entry = {"resource": resource, "request": {"method": "PUT", "url": "Consent/refusal"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    laboratory.building.floor.chart.receive(IMPORTER, bundle, source="test", keep_ids=True)


def test_refusals_lost_files_and_destroyed_patients_are_left_out_and_counted(
    laboratory: Laboratory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    building, slides = laboratory.building, laboratory.building.floor.slides
    first, second = signed(laboratory, tmp_path, 71), signed(laboratory, tmp_path, 72)
    other = signed(laboratory, tmp_path, 73, "S26-09999")
    assert learnt(laboratory) == ({first, second, other}, {})
    for provision in (AI, RESEARCH):
        refuse(laboratory, "active", provision)
        assert learnt(laboratory) == ({other}, {"refused": 2})
    refuse(laboratory, "inactive", RESEARCH)
    slides.keeping.path(laboratory.one(second)).unlink()
    assert learnt(laboratory) == ({first, other}, {"gone": 1})
    batches = told(building.ledger, building.database.pool(DbRole.VAULT), INSTALLER)
    order = Order("p2", Ground.TEST_DATA, "1/2026", "one", "two")
    shred(building.house.vault, batches, order, new_id(), utc_now())
    assert learnt(laboratory) == ({first}, {"gone": 1, "destroyed": 1})
    lost = list[str]()
    assert [one for one, _, _ in slides.correcting.signed(lost)] == [first, second]
    assert lost == [other]
    monkeypatch.setitem(own_slides.ANALYSIS, "tumour", REGISTRY.by_stain["ki67"]().name)
    _own(building.floor, "tumour", tmp_path / "own")
    said = capsys.readouterr().err
    assert "0 fields were corrected and signed here" in said  # toys are smaller than a field
    for why in ("gone", "destroyed"):
        assert f"Signed slides left out, because {LEFT_OUT[why]}: 1\n" in said
    assert LEFT_OUT["refused"] not in said
