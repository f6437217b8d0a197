"""An administrator connects, probes, drains and removes servers; each step stays on record."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from countersign.ground.db import DbRole
from countersign.ground.egress import Egress
from countersign.ground.ledger import EventKind
from countersign.ground.models import (
    Assignment,
    Choice,
    ModelDesk,
    ModelKind,
    ModelsAway,
    NewServer,
    NoLanguageModel,
    NoSuchServer,
    Servers,
    State,
    Trouble,
    UnfitAssignment,
    UnfitServer,
    Work,
)
from countersign.kit.clock import utc_now
from ground.models.gateway.ward import ADMIN, Ward
from llm.server import FaultServer, fault_server

TOKEN = "sk-a-token-that-nobody-sees-again"


def test_a_probe_registers_what_the_server_offers(here: Ward) -> None:
    server = here.desk.server("one")
    assert len(server.models) == len(server.probed["said"]) > 20
    ref = server.models[0].ref
    card = here.registry.card(ref)
    assert (card.kind, card.name, card.version) == (ModelKind.LANGUAGE, ref.name, ref.digest[:12])
    again = here.desk.probe(ADMIN, "one")
    assert again.models == server.models, "the same model has the same digest"


def test_a_hurried_probe_makes_no_other_model(alone: Ward) -> None:
    said = {"m": {"id": "m", "max_model_len": 8192, "created": 1}}
    found = [
        {"said": said, "able": {"m": {"json_schema": False, "streaming": True}}},
        {"said": said, "able": {}},  # it was busy
        {"said": {"m": {**said["m"], "max_model_len": 4096}}, "able": {}},  # another model
    ]
    alone.servers._probing = lambda _: found.pop(0)
    first = alone.desk.probe(ADMIN, "one")
    assert first.able("m", "json_schema") is False and first.able("m", "tools") is None
    hurried = alone.desk.probe(ADMIN, "one")
    assert hurried.models == first.models
    assert hurried.able("m", "json_schema") is False
    other = alone.desk.probe(ADMIN, "one")
    assert other.models[0].ref.digest != first.models[0].ref.digest
    assert other.able("m", "json_schema") is None


def test_what_a_probe_found_to_be_ignored_is_not_relied_on(
    alone: Ward, faulty: FaultServer
) -> None:
    said = {"json": {"id": "json"}}
    alone.servers._probing = lambda _: {"said": said, "able": {"json": {"json_schema": False}}}
    alone.desk.probe(ADMIN, "one")
    alone.assign(("one", "json"))
    with pytest.raises(ModelsAway):  # this one obeys nothing but the schema that it is sent
        alone.gateway.ask(alone.asked(alone.form))
    body = faulty.seen()[-1]["body"]
    assert "response_format" not in body
    assert '"properties"' in body["messages"][0]["content"]


def test_the_same_model_elsewhere_is_the_same_model(here: Ward, faulty: FaultServer) -> None:
    with fault_server() as second:
        here.connect("second", second.address)
    assert here.desk.server("second").models == here.desk.server("one").models


def test_a_token_is_sealed_and_sent_and_never_shown(alone: Ward) -> None:
    with fault_server(token=TOKEN) as strict:
        alone.connect("strict", strict.address, token=TOKEN)
        alone.assign(("strict", "ok"))
        alone.gateway.ask(alone.asked())
        alone.desk.put(ADMIN, NewServer("strict", strict.address, token="another"), known=True)
        with pytest.raises(Trouble):
            alone.desk.probe(ADMIN, "strict")
    server = alone.desk.server("strict")
    assert server.token_number is not None
    with psycopg.connect(alone.database.owner_conninfo) as owner:
        rows = owner.execute("select * from models.server_token").fetchall()
        assert len(rows) == 2 and TOKEN.encode() not in b"".join(row[4] for row in rows)
        said = owner.execute("select string_agg(s::text, ' ') from models.server s").fetchone()
    assert said is not None and TOKEN not in said[0] and TOKEN not in repr(server)
    assert all(TOKEN not in str(one) for one in alone.events(EventKind.MODEL_SERVER_CHANGED))


def test_a_token_does_not_follow_a_server_to_another_address(alone: Ward) -> None:
    with fault_server(token=TOKEN) as strict, fault_server() as other:
        alone.connect("strict", strict.address, token=TOKEN)
        alone.desk.put(ADMIN, NewServer("strict", other.address), known=True)
        alone.desk.probe(ADMIN, "strict")
        alone.assign(("strict", "ok"))
        alone.gateway.ask(alone.asked())
        assert "authorization" not in other.seen()[-1]["headers"]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Not A Name"},
        {"name": "one"},
        {"address": "http://198.51.100.7:8000/v1"},
        {"address": "ftp://127.0.0.1/v1"},
        {"address": "http://user:secret@127.0.0.1:8000/v1"},
        {"places": 0},
        {"price_in": Decimal(-1)},
        {"token": "two\nlines"},
    ],
)
def test_an_unfit_server_is_refused(here: Ward, changes: dict[str, Any]) -> None:
    good = {"name": "fit", "address": "http://127.0.0.1:8000/v1"}
    with pytest.raises(UnfitServer):
        here.desk.put(ADMIN, NewServer(**{**good, **changes}))
    assert "fit" not in here.desk.servers()


def test_a_draining_server_gets_nothing_new_until_it_is_resumed(here: Ward) -> None:
    here.assign(("one", "ok"))
    here.desk.set_state(ADMIN, "one", State.DRAINING)
    assert here.gateway.ready(Work.ANSWER) is None
    with pytest.raises(NoLanguageModel):
        here.gateway.ask(here.asked())
    here.desk.set_state(ADMIN, "one", State.SERVING)
    assert here.gateway.ask(here.asked()).text


def test_a_stream_that_runs_when_its_server_drains_ends_well(here: Ward) -> None:
    here.assign(("one", "pace-40"))
    with here.gateway.stream(here.asked()) as stream:
        pieces = iter(stream)
        next(pieces)
        here.desk.set_state(ADMIN, "one", State.DRAINING)
        list(pieces)
        assert stream.said.tokens_out == 64
    here.desk.set_state(ADMIN, "one", State.SERVING)


def test_a_removed_server_is_gone_and_its_history_stays(alone: Ward) -> None:
    alone.assign(("one", "ok"))
    alone.desk.set_state(ADMIN, "one", State.REMOVED)
    with pytest.raises(NoSuchServer):
        alone.desk.server("one")
    with pytest.raises(NoLanguageModel):
        alone.gateway.ask(alone.asked())
    assert [one.what for one in alone.desk.history("one")] == ["removed", "probed", "added"]
    changed = alone.events(EventKind.MODEL_SERVER_CHANGED)
    assert [one.detail["what"] for one in changed] == ["removed", "added"]
    assert {one.actor for one in changed} == {ADMIN.actor}
    for statement in ("update models.server set places = 9", "delete from models.call"):
        with (
            psycopg.connect(alone.database.owner_conninfo) as owner,
            pytest.raises(psycopg.Error, match="append-only"),
        ):
            owner.execute(statement.encode())


@pytest.mark.parametrize(
    "changes",
    [
        {"chain": (Choice("one", "not-there"),)},
        {"chain": (Choice("nowhere", "ok"),)},
        {"chain": (Choice("one", "ok"), Choice("one", "ok"))},
        {"seconds": 0.0},
        {"tokens_day": 0},
        {"money_day": Decimal(-1)},
    ],
)
def test_an_unfit_assignment_is_refused(here: Ward, changes: dict[str, Any]) -> None:
    good = {"chain": (Choice("one", "ok"),)}
    with pytest.raises(UnfitAssignment):
        here.desk.assign(ADMIN, Assignment(Work.ANSWER, **{**good, **changes}))


def test_an_assignment_is_kept_as_it_was_given(here: Ward) -> None:
    given = Assignment(
        Work.RECORD, (Choice("one", "ok"), Choice("one", "json")), 20.0,
        tokens_day=5, money_day=Decimal("2.5"), person_hour=3, room_hour=9,
    )  # fmt: skip
    here.desk.assign(ADMIN, given)
    assert here.desk.assignments()[Work.RECORD] == given
    assert here.events(EventKind.MODEL_ASSIGNED)[0].subject == "work:record"


def test_a_server_that_is_away_is_told_by_its_probe(alone: Ward) -> None:
    with fault_server() as mortal:
        alone.desk.put(ADMIN, NewServer("mortal", mortal.address))
    with pytest.raises(Trouble):
        alone.desk.probe(ADMIN, "mortal")
    assert alone.desk.server("mortal").models == ()


def test_what_the_page_counts(alone: Ward, faulty: FaultServer) -> None:
    alone.connect("dear", faulty.address, price_in=Decimal(10), price_out=Decimal(20))
    alone.assign(("one", "fail"), ("dear", "repairs"))
    for _ in range(2):
        alone.gateway.ask(alone.asked(alone.form))
    alone.gateway.calls.settle()
    fares = alone.desk.fares()
    assert (fares["one"].today.calls, fares["one"].today.failed) == (0, 2)
    dear = fares["dear"]
    assert (dear.today.calls, dear.today.failed) == (2, 0)
    assert dear.today.repaired >= 1 and dear.today.cost > 0 and dear.today.tokens > 0
    assert dear.week == dear.today and dear.before.calls == 0
    assert fares["one"].week.bad_share == 1
    assert alone.desk.today()["answer"].tokens == dear.today.tokens


def test_drift_is_this_week_against_the_four_before(alone: Ward) -> None:
    alone.assign(("one", "ok"))
    alone.gateway.ask(alone.asked())
    alone.gateway.calls.settle()
    later = ModelDesk(
        alone.database.pool(DbRole.STEWARD),
        alone.servers, alone.gateway, lambda: utc_now() + timedelta(days=10),
    )  # fmt: skip
    fares = later.fares()["one"]
    assert (fares.week.calls, fares.before.calls) == (0, 1)


def test_nothing_is_contacted_where_the_list_is_empty(alone: Ward, faulty: FaultServer) -> None:
    closed = Servers(
        alone.servers._pool, alone.ledger, alone.servers._vault, alone.registry, Egress(), utc_now
    )
    with pytest.raises(UnfitServer):
        closed.put(ADMIN, NewServer("two", faulty.address))
    with pytest.raises(Trouble):
        closed.probe(ADMIN, "one")
