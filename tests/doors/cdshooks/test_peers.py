"""Requests, responses and a client that nobody here wrote."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from building import Building
from countersign.doors.cdshooks import request
from countersign.doors.cdshooks.errors import BadHook
from countersign.doors.cdshooks.services import SERVICES
from doors.cdshooks.stage import Workstation

CASES = "fhir_test_cases.tar.gz"


def cases(shared: Path) -> dict[str, Any]:
    """The shared CDS Hooks examples of the FHIR validator's tests, by the end of their names."""
    with tarfile.open(shared / "clinical" / CASES) as archive:
        return {
            member.name.removeprefix("cds-hooks/cdshooks-"): json.load(opened)
            for member in archive
            if member.name.startswith("cds-hooks/")
            and (opened := archive.extractfile(member)) is not None
        }


@pytest.mark.shared
def test_the_shared_requests_are_read_or_refused_as_their_names_say(shared: Path) -> None:
    said = {name: body for name, body in cases(shared).items() if name.startswith("request-")}
    assert len(said) == 8
    for name, body in said.items():
        service = SERVICES[f"countersign-{body['hook']}"]
        good = "good" in name
        try:
            asked = request.read(json.dumps(body).encode(), service)
        except BadHook:
            # The one with extensions leaves out draftOrders, which its hook requires.
            assert not good, name
        else:
            assert good, name
            assert asked.patient == body["context"]["patientId"]


@pytest.mark.shared
def test_the_shared_good_requests_are_answered_with_a_limit(
    ward: Workstation, shared: Path
) -> None:
    for name, body in cases(shared).items():
        if name.startswith("request-") and "good" in name:
            answer = ward.post(f"/cds-services/countersign-{body['hook']}", body)
            assert answer.status_code == 200, name
            assert [one for one in answer.json()["cards"] if "uuid" in one] == []
            assert answer.json()["cards"][0]["summary"] == "No answer about this patient"


def shape(card: dict[str, Any]) -> None:
    """What CDS Hooks 2.0 requires of a card."""
    assert 0 < len(card["summary"]) <= 140
    assert card["indicator"] in ("info", "warning", "critical")
    assert card["source"]["label"]
    for suggestion in card.get("suggestions", ()):
        assert suggestion["label"]
        assert card["selectionBehavior"] in ("at-most-one", "any")
    for link in card.get("links", ()):
        assert link["label"] and link["url"] and link["type"] in ("absolute", "smart")
    for reason in card.get("overrideReasons", ()):
        assert reason["code"] and reason["system"] and reason["display"]
    assert all(value not in (None, "", [], {}) for value in card.values()), "no empty element"


@pytest.mark.shared
def test_our_cards_have_the_shape_of_the_shared_responses(known: Workstation, shared: Path) -> None:
    building: Building = known.building
    building.drafted()
    ours = known.cards()
    assert ours
    for card in ours:
        shape(card)
    theirs = cases(shared)["response-suggestion.json"]["cards"][0]
    both = {name for name in theirs if any(name in card for card in ours)}
    assert both >= {"summary", "indicator", "detail", "source", "suggestions"}
