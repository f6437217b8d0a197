"""Stop AI, budgets, quotas, breakers and a silent ledger: what keeps an answer from coming."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import Database
from countersign.ground.identity import Principal
from countersign.ground.ledger import LedgerUnavailable
from countersign.ground.models import (
    AIStopped,
    AnswerUnfinished,
    BudgetSpent,
    CallsBehind,
    ModelsAway,
    Priority,
    Work,
)
from ground.models.gateway.test_queue import until
from ground.models.gateway.ward import ADMIN, PRICES, WANG, Ward, ward
from llm.server import FaultServer, fault_server

LI = Principal("li", "Dr Li", "person")


@pytest.fixture
def running(here: Ward) -> Iterator[Ward]:
    yield here
    if here.switch.state().stopped:
        here.switch.resume(ADMIN, "The test is over now")
    time.sleep(0.6)  # an unpressed switch is remembered for half a second


def test_stop_ai_ends_a_stream_that_runs(running: Ward) -> None:
    running.assign(("one", "pace-40"))
    with running.gateway.stream(running.asked(seconds=30)) as stream:
        pieces = iter(stream)
        next(pieces)
        running.switch.stop(ADMIN)
        pressed = time.monotonic()
        with pytest.raises(AIStopped):
            list(pieces)
        assert time.monotonic() - pressed < 5
        with pytest.raises(AnswerUnfinished):
            _ = stream.said
    assert running.calls()[-1]["why"] == "models.ai-stopped"


def test_no_request_leaves_after_the_press(running: Ward, faulty: FaultServer) -> None:
    running.assign(("one", "ok"))
    running.gateway.ask(running.asked())  # the unpressed switch is remembered from now on
    before = len(faulty.seen())
    running.switch.stop(ADMIN)
    with pytest.raises(AIStopped):
        running.gateway.ask(running.asked())
    assert len(faulty.seen()) == before


def test_stop_ai_ends_the_wait_for_a_silent_server(running: Ward) -> None:
    running.assign(("one", "hang"))
    problems: list[Exception] = []

    def ask() -> None:
        try:
            running.gateway.ask(running.asked(seconds=60))
        except AIStopped as problem:
            problems.append(problem)

    thread = threading.Thread(target=ask)
    thread.start()
    until(lambda: bool(running.gateway.places.loads()))
    running.switch.stop(ADMIN)
    thread.join(20)
    assert [type(one) for one in problems] == [AIStopped]


def test_nobody_is_ready_while_ai_is_stopped(running: Ward) -> None:
    running.assign(("one", "ok"))
    assert running.gateway.ready(Work.ANSWER)
    running.switch.stop(ADMIN)
    time.sleep(0.6)
    assert running.gateway.ready(Work.ANSWER) is None
    with pytest.raises(AIStopped):
        running.gateway.ask(running.asked())


def test_a_spent_budget_says_until_when(alone: Ward, faulty: FaultServer) -> None:
    alone.connect("dear", faulty.address, **PRICES)
    alone.assign(("dear", "ok"), tokens_day=1)
    alone.gateway.ask(alone.asked())
    assert alone.gateway.ready(Work.ANSWER) is None
    with pytest.raises(BudgetSpent, match=r"until \d{4}-\d\d-\d\d 00:00"):
        alone.gateway.ask(alone.asked())
    alone.assign(("dear", "ok"), money_day=Decimal("0.01"))
    assert alone.gateway.ready(Work.ANSWER)
    alone.assign(("dear", "ok"), work=Work.RECORD, tokens_day=1)
    assert alone.gateway.ready(Work.RECORD), "a budget is of one kind of work"


def test_money_is_a_budget_too(alone: Ward, faulty: FaultServer) -> None:
    alone.connect("dear", faulty.address, price_in=Decimal(90_000), price_out=Decimal(90_000))
    alone.assign(("dear", "ok"), money_day=Decimal("0.01"))
    alone.gateway.ask(alone.asked())
    with pytest.raises(BudgetSpent):
        alone.gateway.ask(alone.asked())


def test_a_persons_quota_is_of_that_person(here: Ward) -> None:
    here.assign(("one", "ok"), work=Work.ANSWER, person_hour=2)
    zhou = Principal("zhou", "Dr Zhou", "person")
    for _ in range(2):
        here.gateway.ask(here.asked(by=zhou))
    with pytest.raises(BudgetSpent):
        here.gateway.ask(here.asked(by=zhou))
    assert here.gateway.ask(here.asked(by=LI)).text


def test_a_rooms_quota_is_of_that_room(alone: Ward) -> None:
    alone.assign(("one", "ok"), room_hour=1)
    alone.gateway.ask(alone.asked())
    with pytest.raises(BudgetSpent):
        alone.gateway.ask(alone.asked(by=LI))


def test_an_assignment_caps_the_priority(here: Ward) -> None:
    here.assign(("one", "ok"), cap=Priority.BATCH)
    here.gateway.ask(here.asked(priority=Priority.PRESENT))
    assert here.calls()[-1]["priority"] == Priority.BATCH


def test_without_a_receipt_there_is_no_answer(database: Database, tmp_path: Path) -> None:
    with fault_server() as faulty, ward(database, tmp_path, deadline=0.5) as silent:
        silent.connect("one", faulty.address)
        silent.assign(("one", "ok"))
        with psycopg.connect(database.owner_conninfo) as owner:
            owner.execute("lock table ledger.head in access exclusive mode")
            with silent.gateway.stream(silent.asked()) as stream:
                with pytest.raises(LedgerUnavailable):
                    next(iter(stream))
                with pytest.raises(AnswerUnfinished):
                    _ = stream.said
        assert silent.gateway.ask(silent.asked()).text == "It is high."


def test_an_answer_whose_record_fails_is_withheld(
    alone: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone.assign(("one", "ok"))
    with psycopg.connect(alone.database.owner_conninfo, autocommit=True) as owner:
        owner.execute("revoke insert on models.call from countersign_steward")
        with pytest.raises(CallsBehind):
            alone.gateway.ask(alone.asked())
        owner.execute("grant insert on models.call to countersign_steward")
    assert alone.gateway.ask(alone.asked()).text == "It is high."


def test_a_server_that_fails_again_and_again_is_left_alone_and_then_tried(
    database: Database, tmp_path: Path, faulty: FaultServer
) -> None:
    with fault_server() as mortal, ward(database, tmp_path, rest=1.5) as built:
        built.connect("mortal", mortal.address)
        built.connect("spare", faulty.address)
        built.assign(("mortal", "ok"), ("spare", "ok"))
        assert built.gateway.ask(built.asked()).server == "mortal"
        port = int(mortal.root.rpartition(":")[2])
        mortal.kill()
        for _ in range(5):
            said = built.gateway.ask(built.asked())
            assert said.server == "spare"
            assert said.passed_over[0].why in ("models.server-away", "models.server-cut")
        assert built.desk.fares()["mortal"].breaker == "open"
        ready = built.gateway.ready(Work.ANSWER)
        assert ready is not None and (ready.server, ready.first) == ("spare", False)
        said = built.gateway.ask(built.asked())
        assert said.passed_over[0].why == "models.server-resting"
        with fault_server(port=port):
            until(lambda: built.desk.fares()["mortal"].breaker == "half-open")
            time.sleep(1.1)  # what was read of the breaker is remembered for a second
            assert built.gateway.ask(built.asked()).server == "mortal"
            assert built.desk.fares()["mortal"].breaker == "closed"


def test_requests_that_are_too_long_do_not_open_the_breaker(here: Ward) -> None:
    here.assign(("one", "too-long"))
    for _ in range(6):
        with pytest.raises(ModelsAway, match=r"models\.request-refused"):
            here.gateway.ask(here.asked())
    assert here.desk.fares()["one"].breaker == "closed"


def test_one_request_alone_tries_a_server_that_has_rested(alone: Ward) -> None:
    breakers = alone.gateway.breakers
    for _ in range(5):
        breakers.failed("one")
    assert not breakers.claim("one")
    with psycopg.connect(alone.database.owner_conninfo, autocommit=True) as owner:
        owner.execute("update models.breaker set rests_until = clock_timestamp()")
    assert [breakers.claim("one") for _ in range(3)] == [True, False, False]
    breakers.failed("one")
    assert not breakers.claim("one"), "a failed try rests again"
    breakers.answered("one")
    assert breakers.claim("one")


def test_a_kind_of_work_whose_models_all_fail_says_so(here: Ward) -> None:
    here.assign(("one", "fail"), ("one", "cut-3"))
    with pytest.raises(ModelsAway, match="models.server-cut"):
        here.gateway.ask(here.asked(by=WANG))
    assert [one["why"] for one in here.calls()[-1]["passed"]] == [
        "models.server-failed",
        "models.server-cut",
    ]
