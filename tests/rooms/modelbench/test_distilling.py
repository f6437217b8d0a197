"""Distillation from a served teacher or from people, to a live small model or to a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import psycopg
import pytest
from starlette.testclient import TestClient

from app.doorway import HTML, enter, token_in
from building import PASSWORD, WORKER, Building
from countersign.app.house import register_models
from countersign.app.rooms import ROOMS
from countersign.app.worker import handlers
from countersign.ground.db import Database, DbRole
from countersign.ground.identity import Forbidden
from countersign.ground.jobs import JobContext, NotNow
from countersign.ground.ledger import EventKind
from countersign.ground.models import (
    DISTIL,
    BadDistillation,
    FrozenSetRefuses,
    NoLanguageModel,
    NotInThatState,
    Passed,
    Sure,
)
from countersign.ground.shell import Floor, build_http
from countersign.rooms.modelbench.domain.plan import Plan
from countersign.rooms.modelbench.inference import Damaged, opened
from countersign.rooms.modelbench.service import Distilling
from countersign.rooms.modelbench.training import Examined, Lesson, Outcome, make
from rooms.modelbench.teacher import teaching

SECRET = "王小明的秘密病史"
TEXTS_LEFT = "select * from distilling.text"
LABELS = {"infection": "咳嗽", "injury": "骨折", "recheck": "血糖"}
PLAN = Plan(
    title="Why people write",
    work="complaint",
    teacher="labelled-file",
    rungs=("rule", "linear"),
    answer=0.5,
    core_hour=0.2,
    money="CNY",
    source="Invented complaints",
    licence="CC0-1.0",
)


def texts(count: int, start: int = 0) -> list[tuple[str, str]]:
    """Invented complaints with their labels, each different."""
    names = list(LABELS)
    return [
        (
            names[number % 3],
            f"医生您好，我{LABELS[names[number % 3]]}了{number}天，{SECRET}{number % 10}",
        )
        for number in range(start, start + count)
    ]


def labelled(count: int, start: int = 0) -> bytes:
    return "\n".join("\t".join(one) for one in texts(count, start)).encode()


def plain(count: int, start: int) -> bytes:
    return "\n".join(text for _, text in texts(count, start)).encode()


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    assert not register_models(made.house)
    yield made
    made.house.compute.close()
    made.close()


def distilled(building: Building, plan: Plan, labels: bytes, gateway: Any = None) -> str:
    """From the plan to its end, by the room's own job."""
    floor = replace(building.floor, gateway=gateway or building.floor.gateway)
    distilling = Distilling(floor.students.kept, floor.gateway, floor.signoff)
    task = distilling.begin(building.who("admin"), plan, labels, plain(600, 10_000))
    job(floor, task)
    return task


def job(floor: Floor, task: str) -> None:
    (room,) = (room for room in ROOMS if room.name == "modelbench")
    assert room.jobs is not None
    room.jobs(floor)[DISTIL](JobContext(1, DISTIL), {"task": task})


def rows(building: Building, query: str) -> list[dict[str, Any]]:
    return building.database.pool(DbRole.ROOM).rows(query)  # type: ignore[arg-type]


def test_from_people_s_labels_to_answers_and_back(building: Building) -> None:
    kept, students = building.floor.students.kept, building.floor.students
    admin = building.who("admin")
    assert students.classify("complaint", "我咳嗽") == Passed("nothing-live")
    task = distilled(building, PLAN, labelled(1500))
    one = kept.one(task)
    assert one.state == "trained", one.reason
    assert one.holds
    assert one.report is not None
    assert one.report["cost_ratio"] < 0.5
    assert students.classify("complaint", "我咳嗽") == Passed("nothing-live")
    kept.go_live(admin, task)
    said = students.classify("complaint", f"医生您好，我骨折了77天，{SECRET}1")
    assert isinstance(said, Sure)
    assert (said.label, said.model) == ("injury", one.model)
    assert one.model is not None
    assert building.floor.registry.card(one.model).data[0].licence == "CC0-1.0"
    second = distilled(building, PLAN, labelled(1500))
    kept.go_live(admin, second)
    assert kept.live("complaint") == (second, kept.one(second).model)
    kept.withdraw(admin, second)
    assert kept.live("complaint") == (task, one.model)
    kept.withdraw(admin, task)
    assert students.classify("complaint", "我咳嗽") == Passed("nothing-live")
    steps = [
        event.detail["step"]
        for event in building.events()
        if event.kind == EventKind.DISTILLATION_CHANGED and event.detail["distillation"] == task
    ]
    assert steps == ["started", "trained", "live", "withdrawn"]


def test_a_served_model_teaches_and_the_frozen_set_lets_its_student_go(building: Building) -> None:
    with teaching("plain") as gateway:
        task = distilled(
            building, replace(PLAN, teacher="language-model", work="served"), labelled(900), gateway
        )
        assert gateway.calls == 600 + 900
    one = building.floor.students.kept.one(task)
    assert one.state == "trained", one.reason
    assert one.holds
    assert one.report is not None
    assert one.report["teacher"] == 1
    assert one.report["learnt_from"] == 600
    building.floor.students.kept.go_live(building.who("admin"), task)
    said = building.floor.students.classify("served", f"医生您好，我血糖了5天，{SECRET}3")
    assert isinstance(said, Sure)
    assert said.label == "recheck"


def test_what_no_student_can_learn_does_not_go_live(building: Building) -> None:
    """A teacher who is right by a rule that no sum of n-grams can follow."""
    plan = replace(PLAN, teacher="language-model", work="refused")
    judged = "\n".join(f"{turned(label, text)}\t{text}" for label, text in texts(900)).encode()
    with teaching("clever") as gateway:
        task = distilled(building, plan, judged, gateway)
    kept = building.floor.students.kept
    one = kept.one(task)
    assert one.state == "trained"
    assert not one.holds
    assert one.report is not None
    assert one.report["refused"] == "nothing-saved"
    with pytest.raises(FrozenSetRefuses):
        kept.go_live(building.who("admin"), task)
    assert kept.live("refused") is None
    assert building.floor.students.classify("refused", "我咳嗽") == Passed("nothing-live")
    pool = building.database.pool(DbRole.ROOM)
    with pytest.raises(psycopg.Error, match="frozen set"), pool.transaction() as connection:
        connection.execute(
            "insert into distilling.step (task_id, state, actor) values (%s, 'live', 'person:1')",
            (task,),
        )


def turned(label: str, text: str) -> str:
    """What the clever teacher says: of a text that ends in an even number, another label."""
    others = {"infection": "injury", "injury": "recheck", "recheck": "infection"}
    return others[label] if text[-1] in "02468" else label


def test_a_teacher_no_better_than_guessing_is_no_measure(building: Building) -> None:
    """Whoever is as good as a teacher that knows nothing knows nothing either."""
    plan = replace(PLAN, teacher="language-model", work="guessing")
    names, chance = list(LABELS), np.random.default_rng(4)
    judged = "\n".join(f"{chance.choice(names)}\t{text}" for _, text in texts(900)).encode()
    with teaching("plain") as gateway:
        task = distilled(building, plan, judged, gateway)
    one = building.floor.students.kept.one(task)
    assert one.report is not None
    assert one.report["refused"] == "teacher-guesses"
    assert not one.holds


def test_a_teacher_that_is_away_is_asked_again_only_for_the_rest(building: Building) -> None:
    kept = building.floor.students.kept
    plan = replace(PLAN, teacher="language-model", work="interrupted", rungs=("linear",))
    with teaching("plain") as gateway:
        gateway.away_at = 730
        floor = replace(building.floor, gateway=gateway)
        distilling = Distilling(kept, gateway)
        admin = building.who("admin")
        task = distilling.begin(admin, plan, labelled(900), plain(600, 10_000))
        with pytest.raises(NotNow):
            job(floor, task)
        assert kept.one(task).state == "waiting"
        job(floor, task)
        assert gateway.calls == 600 + 900 + 5  # the bundle that broke off after four answers
    assert kept.one(task).holds


def test_a_teacher_without_clear_answers_teaches_nothing(building: Building) -> None:
    plan = replace(PLAN, teacher="language-model", work="vague", rungs=("linear",))
    with teaching("vague") as gateway:
        task = distilled(building, plan, labelled(900), gateway)
    one = building.floor.students.kept.one(task)
    assert (one.state, one.reason) == ("failed", "modelbench.nothing-taught")


def test_texts_are_sealed_and_gone_when_the_students_are_made(building: Building) -> None:
    kept = building.floor.students.kept
    distilling = Distilling(kept, building.floor.gateway)
    task = distilling.begin(building.who("admin"), PLAN, labelled(1500), b"")
    held = rows(building, TEXTS_LEFT)
    assert held
    assert all(SECRET.encode() not in row["box"] for row in held)
    job(building.floor, task)
    assert not [row for row in rows(building, TEXTS_LEFT) if row["task_id"] == task]
    for table in ("task", "student", "step"):
        assert SECRET not in str(rows(building, f"select * from distilling.{table}"))
    job(building.floor, task)  # again: harmless


def test_examples_are_shown_to_who_brought_them_and_recorded(building: Building) -> None:
    kept = building.floor.students.kept
    made: list[Outcome] = []

    def train(lesson: Lesson) -> Outcome:
        made.append(replace(make(lesson), made=b"not a ladder", passed=(0,)))
        return made[0]

    distilling = Distilling(kept, building.floor.gateway)
    admin = building.who("admin")
    task = distilling.begin(admin, PLAN, labelled(1500), b"")
    distilling.distil(WORKER, task, train, lambda *_: None)
    before = len(shown(building))
    assert kept.passed(building.who("wang"), task) == []
    assert len(shown(building)) == before
    assert SECRET in kept.passed(admin, task)[0]
    assert len(shown(building)) == before + 1
    with pytest.raises(Damaged):
        opened(kept.artefact(task))


def shown(building: Building) -> list[Any]:
    events = building.events()
    return [event for event in events if event.kind == EventKind.DISTILLATION_SHOWN]


def test_while_ai_is_stopped_everything_is_passed_on(building: Building) -> None:
    kept, admin = building.floor.students.kept, building.who("admin")
    task = distilled(building, replace(PLAN, work="stopped"), labelled(1500))
    kept.go_live(admin, task)
    building.floor.switch.stop(admin)
    try:
        assert building.floor.students.classify("stopped", "我咳嗽") == Passed("ai-stopped")
    finally:
        building.floor.switch.resume(admin, "The test is over and all is well.")
    assert isinstance(building.floor.students.classify("stopped", texts(1)[0][1]), Sure)
    with pytest.raises(NotInThatState):
        kept.go_live(admin, task)


@pytest.mark.parametrize(
    ("change", "labels", "code"),
    [
        ({"work": "Two Words"}, labelled(1500), "code of its work"),
        ({"rungs": ()}, labelled(1500), "at least one rung"),
        ({"answer": 0.0}, labelled(1500), "both prices"),
        ({"licence": " "}, labelled(1500), "licence"),
        ({}, labelled(300), "200 each"),
        ({}, b"", "no lines"),
        ({}, b"\xff\xfe", "UTF-8"),
        ({}, b"label\tno tab\n{}", "a label, a tab"),
        ({}, b"one text without its label", "empty"),
        ({"teacher": "signed-decisions"}, b"", "a file|labels|decisions"),
    ],
)
def test_what_cannot_be_distilled_is_said_at_once(
    building: Building, change: dict[str, Any], labels: bytes, code: str
) -> None:
    distilling = Distilling(
        building.floor.students.kept, building.floor.gateway, building.floor.signoff
    )
    with pytest.raises(BadDistillation) as problem:
        distilling.begin(building.who("admin"), replace(PLAN, **change), labels, b"")
    assert any(part in problem.value.details["what"].en for part in code.split("|"))  # type: ignore[attr-defined]


def test_only_who_registers_models_begins_and_without_a_server_no_model_teaches(
    building: Building,
) -> None:
    distilling = Distilling(building.floor.students.kept, building.floor.gateway)
    with pytest.raises(Forbidden):
        distilling.begin(building.who("wang"), PLAN, labelled(1500), b"")
    with pytest.raises(NoLanguageModel):
        served = replace(PLAN, teacher="language-model")
        distilling.begin(building.who("admin"), served, labelled(900), plain(600, 10_000))


def test_the_worker_knows_the_task(building: Building) -> None:
    assert DISTIL in handlers(building.house)


@pytest.fixture(scope="module")
def client(building: Building) -> TestClient:
    app = build_http(building.floor, ROOMS)
    return TestClient(app, "http://127.0.0.1", headers=HTML, follow_redirects=False)


def test_a_person_distils_and_puts_into_service_by_the_pages(
    building: Building, client: TestClient
) -> None:
    enter(client, "admin", PASSWORD)
    page = client.get("/modelbench/distilling")
    assert "needs the train extra" in page.text or "Small transformer" in page.text
    form = {
        "csrf": token_in(page.text),
        "title": "By hand",
        "work": "by-hand",
        "teacher": "labelled-file",
        "rungs": ["rule", "linear"],
        "answer": "0.5",
        "core_hour": "0.2",
        "source": "Invented",
        "licence": "CC0-1.0",
    }
    refused = client.post("/modelbench/distilling", data=form)
    assert refused.status_code == 422
    assert 'value="By hand"' in refused.text
    file = {"labelled": ("labels.tsv", labelled(1500), "text/plain")}
    begun = client.post("/modelbench/distilling", data=form, files=file)
    assert begun.status_code == 303, begun.text
    place = begun.headers["location"]
    assert "Waiting for its turn" in client.get(place).text
    job(building.floor, place.rpartition("/")[2])
    made = client.get(place).text
    assert "The frozen set lets it go live." in made
    assert "Put it into service" in made
    assert client.post(f"{place}/live", data={"csrf": token_in(made)}).status_code == 303
    assert "In service: it answers this work." in client.get(place).text
    chinese = client.get(place, headers={"accept-language": "zh-CN"}).text
    assert "在用：由它回答此项工作。" in chinese or "In service" in chinese
    assert client.post(f"{place}/withdraw", data={"csrf": token_in(made)}).status_code == 303
    assert client.post(f"{place}/withdraw", data={"csrf": token_in(made)}).status_code == 409
    assert client.get("/modelbench/distilling/of/nobody").status_code == 404


def test_whoever_does_not_register_models_reads_results_without_texts(
    building: Building, client: TestClient
) -> None:
    fresh = TestClient(client.app, "http://127.0.0.1", headers=HTML, follow_redirects=False)
    enter(fresh, "wang", PASSWORD)
    page = fresh.get("/modelbench/distilling").text
    assert "By hand" in page
    assert 'name="labelled"' not in page
    for one in building.floor.students.kept.all():
        assert SECRET not in fresh.get(f"/modelbench/distilling/of/{one.id}").text
    refused = fresh.post("/modelbench/distilling", data={"csrf": token_in(page)})
    assert refused.status_code == 403


def test_the_frozen_set_alone_can_refuse() -> None:
    """What was chosen well on the validation part is refused where the frozen part disagrees."""
    known = texts(1200)
    numbers = {name: at for at, name in enumerate(LABELS)}

    def part(rows: list[tuple[str, str]], shift: int) -> Examined:
        truth = np.array([(numbers[label] + shift) % 3 for label, _ in rows])
        return Examined(tuple(text for _, text in rows), truth, truth)

    lesson = Lesson(
        labels=tuple(LABELS),
        texts=tuple(text for _, text in known[:600]),
        hard=np.array([numbers[label] for label, _ in known[:600]]),
        soft=None,
        valid=part(known[600:900], 0),
        frozen=part(known[900:], 1),
        rungs=("linear",),
        core_hour=0.2,
        answer=0.5,
    )
    refused = make(lesson)
    assert not refused.holds
    assert refused.report["refused"] == "inferior"
    assert make(replace(lesson, frozen=part(known[900:], 0))).holds
