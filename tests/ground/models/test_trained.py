"""Versions that the hospital trained: compared on what was frozen once, switched by people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from building import INSTALLER, Building
from countersign.ground.db import Database
from countersign.ground.identity import Forbidden, Principal
from countersign.ground.models import (
    Dataset,
    ModelCard,
    ModelKind,
    ModelRef,
    NotMeasured,
    PersonNeeded,
    Source,
    UnfitReport,
    UnknownVersion,
    VersionTaken,
    side_by_side,
)
from countersign.kit.words import Words

WORK = "pathology-tumour"
WEIGHTS = b"weights of a model that knows nobody"


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    yield made
    made.close()


def card(version: str) -> ModelCard:
    said = Words("Invented", "虚构")
    return ModelCard(
        name="pathology-tumour-own",
        version=version,
        kind=ModelKind.VISION,
        title=said,
        intended_use=said,
        not_for=said,
        data=(Dataset(said, "none"),),
        performance=(NotMeasured(said, said),),
        limits=(said,),
        owner="Pathology",
        sources=(Source("Nothing", "2026"),),
    )


def kept(
    building: Building, version: str, better: float, made: bytes = WEIGHTS, **more: int
) -> ModelRef:
    trained = building.floor.trained
    frozen, _ = trained.freeze(INSTALLER, WORK, "a set", {"b": "02", "a": "01"})
    report = {
        "new": {"accuracy": better},
        "now": {"accuracy": 0.5},
        "fields": 9,
        "frozen_fields": 2,
        **more,
    }
    return trained.keep(INSTALLER, WORK, card(version), made, frozen, report)


def test_a_set_is_frozen_once(building: Building) -> None:
    trained = building.floor.trained
    first, new = trained.freeze(INSTALLER, WORK, "once", {"b": "02", "a": "01"})
    again, old = trained.freeze(INSTALLER, WORK, "once", {"c": "03"})
    assert new and not old and first == again and dict(again.fields) == {"a": "01", "b": "02"}
    other, _ = trained.freeze(INSTALLER, WORK, "another", {"b": "02", "a": "01"})
    assert other.sha256 == first.sha256 and other.id != first.id
    (event,) = [one for one in building.events() if first.sha256 in one.commits.values()][:1]
    assert event.kind == "trained-changed" and event.detail["step"] == "frozen"
    with pytest.raises(psycopg.Error):
        building.rows("update trained.frozen set fields = 1 returning id")


def test_a_version_answers_when_a_person_says_so(building: Building) -> None:
    trained, admin = building.floor.trained, building.who("admin")
    first, second = kept(building, "1", 0.8), kept(building, "2", 0.9, b"other weights")
    assert trained.in_service(WORK) is None
    assert not any(one.in_service for one in trained.all())
    with pytest.raises(PersonNeeded):
        trained.put_in_service(INSTALLER, first.name, "2")
    with pytest.raises(Forbidden):
        trained.put_in_service(building.who("wang"), first.name, "2")
    with pytest.raises(UnknownVersion):
        trained.put_in_service(admin, first.name, "3")
    trained.put_in_service(admin, first.name, "1")
    trained.put_in_service(admin, first.name, "2")
    assert trained.in_service(WORK) == second
    assert [one.ref.version for one in trained.all() if one.in_service] == ["2"]
    trained.withdraw(admin, first.name, "2")
    assert trained.in_service(WORK) is None
    steps = [one for one in building.events() if one.detail.get("step") == "in-service"]
    assert [one.model for one in steps] == [first.label, second.label]
    assert {one.actor for one in steps} == {admin.actor}


def test_a_version_whose_figures_are_no_numbers_is_not_registered(building: Building) -> None:
    with pytest.raises(UnfitReport):
        kept(building, "nan", float("nan"))
    registered = {one.ref.version for one in building.floor.registry.all()}
    assert "nan" not in registered
    assert kept(building, "nan", 0.5).version == "nan"


def test_no_program_switches_even_below_the_program(building: Building) -> None:
    ref = kept(building, "4", 0.7)
    with pytest.raises(psycopg.errors.CheckViolation):
        building.rows(
            "insert into trained.step (work, name, version, state, actor)"
            " values (%s, %s, %s, 'in-service', 'system:worker') returning id",
            WORK,
            ref.name,
            ref.version,
        )


def test_what_runs_is_sealed_and_comes_back(building: Building) -> None:
    ref = kept(building, "5", 0.7)
    (row,) = building.rows("select box from trained.version where version = '5'")
    assert WEIGHTS not in bytes(row["box"])
    assert building.floor.trained.artefact(ref) == WEIGHTS
    with pytest.raises(VersionTaken):
        kept(building, "5", 0.7, b"changed weights")
    with pytest.raises(UnknownVersion):
        building.floor.trained.artefact(ModelRef(ref.name, "none", ref.digest))


def test_two_versions_stand_side_by_side(building: Building) -> None:
    kept(building, "6", 0.61), kept(building, "7", 0.72)
    name = "pathology-tumour-own"
    one, other = (building.floor.trained.one(name, version) for version in "67")
    assert side_by_side(one, None) == [("accuracy", "0.61", "0.5")]
    assert side_by_side(one, other) == [("accuracy", "0.61", "0.72")]


def test_who_may_not_register_models_trains_none(building: Building) -> None:
    nobody: Any = Principal.system("stranger")
    with pytest.raises(Forbidden):
        building.floor.trained.freeze(building.who("nurse"), WORK, "x", {"a": "01"})
    with pytest.raises(Forbidden):
        building.floor.trained.freeze(nobody, WORK, "x", {"a": "01"})
