"""A study asks real servers of known quality, survives interruptions, and recommends rightly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from building import INSTALLER, Building
from countersign.ground.db import Database, DbRole
from countersign.ground.egress import Egress, EgressRefused, places
from countersign.ground.identity import Forbidden
from countersign.ground.jobs import Interrupted, JobContext, NotNow
from countersign.ground.models import ModelDesk, NewServer, Servers, StudyEnded
from countersign.rooms.modelbench.domain.study.reading import plan_of, written
from countersign.rooms.modelbench.domain.study.sets import SETS
from countersign.rooms.modelbench.service.study import StudyResults
from countersign.rooms.modelbench.service.study.opening import open_running
from llm.knowing import KnowingServer, knowing_server, knows
from rooms.modelbench import invented

CONTEXT = JobContext(1, "modelbench.study")


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    invented.mirage(folder)
    return folder


@pytest.fixture(scope="module")
def server(sets: Path) -> Iterator[KnowingServer]:
    with knowing_server(invented.mirage(sets), sets) as running:
        yield running


@pytest.fixture
def building(database: Database, tmp_path: Path, sets: Path) -> Iterator[Building]:
    made = Building(database, tmp_path)
    egress = Egress(places(["127.0.0.1"]))
    made.floor = replace(made.floor, egress=egress)
    made.floor.studies.folder = sets
    yield made
    egress.close()
    made.close()


def start(building: Building, given: dict[str, Any]) -> str:
    plan = plan_of(given, frozenset(SETS))
    return building.floor.studies.start(
        building.who("admin"), plan.title, written(plan), queue=False
    )


def run(building: Building, study: str, context: JobContext = CONTEXT) -> None:
    open_running(building.floor).carry_on(study, context)


def answered(building: Building, server: KnowingServer) -> str:
    """A small study that is done."""
    given = invented.plan(server.address, load={})
    given["configuration"] = given["configuration"][:1]
    given["set"] = [{"name": "mirage-medqa", "items": 30}]
    study = start(building, given)
    run(building, study)
    assert state(building, study) == ("finished", "")
    return study


def state(building: Building, study: str) -> tuple[str, str]:
    kept = building.floor.studies.one(building.who("admin"), study)
    return kept.state, kept.code


def test_the_known_best_is_recommended(building: Building, server: KnowingServer) -> None:
    study = start(building, invented.plan(server.address))
    run(building, study)
    assert state(building, study) == ("finished", "")
    result = StudyResults(building.floor.studies).of(building.who("wang"), study)
    for share, key in ((70, "small"), (90, "middle"), (93, "large")):
        known = sum(knows(f"Invented question no. {n:04d}?", share) for n in range(200))
        mark = result.row(key).sets["mirage-medqa"].interval
        assert mark.value == pytest.approx(known / 200)
        assert mark.low <= mark.value <= mark.high
    found = result.recommendations[0]
    assert (found.best, found.chosen) == ("large", "middle")
    said = {one.key: one.verdict for one in found.judged}
    assert said == {
        "small": "inferior",
        "middle": "chosen",
        "large": "dearer",
        "slow": "too-slow",
    }
    small, large = result.row("small").cost, result.row("large").cost
    assert small is not None
    assert large is not None
    assert small.real_thousand < large.real_thousand
    assert result.row("slow").capacity is not None
    kinds = [event.detail["step"] for event in building.events(f"study:{study}")]
    assert kinds == ["started", "finished"]


def test_an_interrupted_study_goes_on_where_it_stopped(
    building: Building, server: KnowingServer
) -> None:
    given = invented.plan(server.address, load={})
    given["configuration"] = [
        invented.configuration("one", server.address, "knows-80-2000", "l20"),
    ]
    study = start(building, given)
    before = server.asked().get("knows-80-2000", 0)
    looks = iter([False, False])
    stopping = JobContext(2, "modelbench.study", asked_to_stop=lambda: next(looks, True))
    with pytest.raises(Interrupted):
        run(building, study, stopping)
    answers, _ = building.floor.studies.done(study)
    assert 0 < answers < 200
    assert state(building, study) == ("running", "")
    run(building, study)
    assert state(building, study) == ("finished", "")
    assert building.floor.studies.done(study) == (200, 0)
    assert server.asked()["knows-80-2000"] - before == 200, "nothing is asked twice"


def test_stop_ai_holds_a_study(building: Building, server: KnowingServer) -> None:
    study = start(building, invented.plan(server.address))
    building.floor.switch.stop(building.who("admin"), "drill")
    with pytest.raises(NotNow):
        run(building, study)
    assert building.floor.studies.done(study) == (0, 0)
    building.floor.switch.resume(building.who("admin"), "the drill is over")


def test_a_cancelled_study_asks_no_more_and_ends_once(
    building: Building, server: KnowingServer
) -> None:
    study, admin = start(building, invented.plan(server.address)), building.who("admin")
    building.floor.studies.cancel(admin, study)
    run(building, study)
    assert building.floor.studies.done(study) == (0, 0)
    with pytest.raises(StudyEnded):
        building.floor.studies.cancel(admin, study)
    with pytest.raises(StudyEnded):
        building.floor.studies.resume(admin, study)


def test_a_server_that_is_away_stops_the_study_without_wrong_answers(
    building: Building,
) -> None:
    given = invented.plan("http://127.0.0.1:9/v1", answer_seconds=2.0)
    study = start(building, given)
    run(building, study)
    assert state(building, study) == ("failed", "study.server_away")
    assert building.floor.studies.done(study) == (0, 0)


def test_only_listed_servers_are_asked(building: Building) -> None:
    study = start(building, invented.plan("http://192.0.2.1:8000/v1"))
    run(building, study)
    assert state(building, study) == ("failed", EgressRefused.code)


def test_an_answer_that_cannot_be_read_is_wrong_and_counted(
    building: Building, server: KnowingServer
) -> None:
    given = invented.plan(server.address, load={})
    given["configuration"] = [
        invented.configuration("mumbler", server.address, "mumbles-90-2000", "l20"),
    ]
    given["set"] = [{"name": "mirage-medqa", "items": 20}]
    study = start(building, given)
    run(building, study)
    result = StudyResults(building.floor.studies).of(INSTALLER, study)
    mark = result.row("mumbler").sets["mirage-medqa"]
    assert (mark.interval.value, mark.unreadable, mark.failed) == (0.0, 20, 0)


def test_a_set_that_changed_under_a_study_is_refused(
    building: Building, server: KnowingServer, tmp_path: Path
) -> None:
    study = start(building, invented.plan(server.address, load={}))
    invented.mirage(tmp_path / "other", 40)
    building.floor.studies.note_set(study, "mirage-medqa", {"sha256": "an older file"})
    run(building, study)
    assert state(building, study) == ("failed", "study.set_changed")


def test_no_question_and_no_answer_reaches_the_database(
    building: Building, server: KnowingServer
) -> None:
    answered(building, server)
    columns = building.rows(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'models' and data_type in ('text', 'jsonb')"
    )
    assert columns
    with psycopg.connect(building.database.owner_conninfo) as owner:
        for row in columns:
            table, column = row["table_name"], row["column_name"]
            query: Any = f'select "{column}"::text from models."{table}"'  # noqa: S608
            for (value,) in owner.execute(query):
                assert value is None or "Invented question" not in value, (table, column)
                assert value is None or "option A" not in value, (table, column)


def test_who_may_start_and_who_may_read(building: Building, server: KnowingServer) -> None:
    plan = plan_of(invented.plan(server.address), frozenset(SETS))
    for name in ("wang", "nurse", "auditor"):
        with pytest.raises(Forbidden):
            building.floor.studies.start(building.who(name), plan.title, written(plan))
    study = start(building, invented.plan(server.address))
    assert building.floor.studies.one(building.who("nurse"), study).title == plan.title
    with pytest.raises(Forbidden):
        building.floor.studies.cancel(building.who("wang"), study)


def test_results_are_only_added_to(building: Building, server: KnowingServer) -> None:
    assert answered(building, server)
    with psycopg.connect(building.database.owner_conninfo) as owner:
        for statement in (
            "update models.study_answer set score = 1",
            "delete from models.study_answer",
            "delete from models.study",
            "truncate models.price_list",
        ):
            with pytest.raises(psycopg.Error):
                owner.execute(statement)
            owner.rollback()


def test_a_server_of_the_registry_is_asked_with_its_token(
    building: Building, server: KnowingServer
) -> None:
    given = invented.plan(server.address, load={})
    line = {**given["configuration"][1], "server": "ward", "address": ""}
    given["configuration"] = [line]
    given["set"] = [{"name": "mirage-medqa", "items": 20}]
    unknown = start(building, given)
    run(building, unknown)
    assert state(building, unknown) == ("failed", "study.unknown_server")
    listening(building).put(
        building.who("admin"), NewServer("ward", server.address, token="a-token-of-the-ward")
    )
    study = start(building, given)
    run(building, study)
    assert state(building, study) == ("finished", "")
    assert server.tokens() == ["Bearer a-token-of-the-ward"]


def listening(building: Building) -> ModelDesk:
    """The registry over the client that may reach this machine."""
    floor = building.floor
    pool = building.database.pool(DbRole.STEWARD)
    servers = Servers(
        pool, building.ledger, building.house.vault, floor.registry, floor.egress, floor.clock
    )
    gateway: Any = floor.gateway
    desk = ModelDesk(pool, servers, gateway, floor.clock)
    building.floor = replace(floor, models=desk)
    return desk
