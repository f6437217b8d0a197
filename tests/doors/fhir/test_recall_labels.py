"""Other systems see the label of a recall wherever they read what was released."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.ground.signoff import model_node
from doors.fhir.conftest import Served


@pytest.fixture(scope="module")
def recalled(served: Served) -> tuple[str, str]:
    """The reference of an answer under recall, and of one that is not."""
    building = served.building
    model = building._register("recalled-at-the-door", "1")
    wrong = building.released(explanation=building.explanation(model=model))
    right = building.released()
    building.signoff.recalls.start(
        building.who("admin"), model_node(model.label), "It is wrong too often."
    )
    first, second = (
        next(one for one in done.versions if one.startswith("DetectedIssue"))
        for done in (wrong, right)
    )
    return first, second


def tags(resource: dict[str, Any]) -> list[str]:
    return [one["display"] for one in resource["meta"].get("tag", [])]


def test_the_label_stands_on_reads_versions_history_and_searches(
    served: Served, recalled: tuple[str, str]
) -> None:
    wrong, right = recalled
    plain = wrong.partition("/_history")[0]
    batch = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": one}} for one in (plain, wrong)],
    }
    with served.client() as client:
        assert tags(client.get(plain).json()) == ["under recall"]
        assert tags(client.get(wrong).json()) == ["under recall"]
        assert tags(client.get(right).json()) == []
        history = client.get(f"{plain}/_history").json()["entry"]
        assert [tags(one["resource"]) for one in history] == [["under recall"]]
        found = client.get("DetectedIssue", params={"patient": "p1"}).json()["entry"]
        labels = {one["resource"]["id"]: tags(one["resource"]) for one in found}
        assert labels[wrong.split("/")[1]] == ["under recall"]
        assert labels[right.split("/")[1]] == []
        answers = client.post(
            "", json=batch, headers={"content-type": "application/fhir+json"}
        ).json()["entry"]
        assert [tags(one["resource"]) for one in answers] == [["under recall"]] * 2


def test_a_copy_from_before_the_recall_is_not_called_fresh(
    served: Served, recalled: tuple[str, str]
) -> None:
    plain = recalled[0].partition("/_history")[0]
    with served.client() as client:
        answer = client.get(plain, headers={"if-none-match": 'W/"1"'})
    assert answer.status_code == 200 and tags(answer.json()) == ["under recall"]
