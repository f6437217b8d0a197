"""Links, answers and protocols as the database and the policy hold them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from building import PATIENT, Building
from countersign.ground.db import Database
from countersign.ground.identity import Forbidden
from countersign.ground.interviews import (
    Held,
    InterviewClosed,
    LinkUnusable,
    NoProtocol,
    ProtocolState,
    TooMuch,
    UnknownInterview,
)

TYPED = "eleven days of hoarseness"


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    yield made
    made.close()


def held(building: Building) -> tuple[Held, str]:
    """An interview under a protocol that a senior physician signed."""
    parts = building.floor.interviews
    try:
        parts.protocols.in_force()
    except NoProtocol:
        made = parts.protocols.draft(building.who("li"), {"version": "1"})
        parts.protocols.sign(building.who("li"), made, parts.protocols.one(made).sha256)
    return parts.links.make(building.who("nurse"), PATIENT, "cardiology", 24)


def test_a_protocol_is_signed_as_it_was_read_and_by_a_senior_physician(building: Building) -> None:
    protocols = building.floor.interviews.protocols
    with pytest.raises(NoProtocol):
        protocols.in_force()
    made = protocols.draft(building.who("li"), {"version": "0"})
    with pytest.raises(ProtocolState):
        protocols.sign(building.who("li"), made, "0" * 64)
    for name in ("wang", "nurse", "admin"):
        with pytest.raises(Forbidden):
            protocols.sign(building.who(name), made, protocols.one(made).sha256)
    protocols.sign(building.who("li"), made, protocols.one(made).sha256)
    assert protocols.in_force().id == made
    protocols.withdraw(building.who("chen"), made, protocols.one(made).sha256)
    with pytest.raises(NoProtocol):
        building.floor.interviews.links.make(building.who("nurse"), PATIENT, "", 24)


def test_a_link_is_for_those_who_treat_and_its_secret_is_kept_nowhere(building: Building) -> None:
    one, secret = held(building)
    links = building.floor.interviews.links
    assert links.open(secret).id == one.id
    for name in ("stranger", "admin", "auditor"):
        with pytest.raises(Forbidden):
            links.make(building.who(name), PATIENT, "", 24)
    rows = building.rows("select * from interviews.interview")
    assert secret not in repr(rows) and secret not in repr(building.events())
    with pytest.raises(LinkUnusable):
        links.open(secret[:-1] + ("A" if secret[-1] != "A" else "B"))


def test_answers_are_sealed_kept_in_order_and_closed_by_sending(building: Building) -> None:
    one, secret = held(building)
    keeping = building.floor.interviews.keeping
    keeping.put(one, "complaint", {"text": TYPED})
    keeping.put(one, "complaint", {"text": "better"})
    assert [entry.value["text"] for entry in keeping.entries(one)] == [TYPED, "better"]
    rows = building.rows("select box from interviews.entry where interview_id = %s", one.id)
    assert all(TYPED.encode() not in bytes(row["box"]) for row in rows)
    keeping.send(one)
    with pytest.raises(InterviewClosed):
        keeping.put(one, "complaint", {"text": "too late"})
    with pytest.raises(InterviewClosed):
        keeping.send(one)
    assert building.floor.interviews.links.open(secret).state == "sent"


@pytest.mark.parametrize(
    "way",
    [
        "update interviews.entry set number = 9",
        "delete from interviews.alert",
        "update interviews.interview set expires_at = expires_at + interval '1 year'",
        "delete from interviews.step where state = 'sent'",
        "update interviews.protocol set content = '{}'",
    ],
)
def test_nothing_that_was_told_or_signed_changes(building: Building, way: str) -> None:
    one, _ = held(building)
    building.floor.interviews.keeping.put(one, "complaint", {"text": TYPED})
    building.floor.interviews.keeping.alert(one, ["stroke"], urgent=True)
    with pytest.raises(psycopg.Error) as refused:
        building.rows(way)
    assert refused.value.sqlstate == "CSA01"


def test_the_desk_sees_dangers_of_its_patients_and_physicians_read(building: Building) -> None:
    one, _ = held(building)
    parts = building.floor.interviews
    alert = parts.keeping.alert(one, ["stroke"], urgent=True)
    assert alert in [found.id for found in parts.desk.alerts(building.who("nurse"))]
    assert alert not in [found.id for found in parts.desk.alerts(building.who("stranger"))]
    with pytest.raises(UnknownInterview):
        parts.desk.acknowledge(building.who("stranger"), alert)
    parts.desk.acknowledge(building.who("nurse"), alert)
    assert alert not in [found.id for found in parts.desk.alerts(building.who("nurse"))]
    assert parts.desk.read(building.who("wang"), one.id).receipt is not None
    with pytest.raises(Forbidden):
        parts.desk.read(building.who("nurse"), one.id)
    with pytest.raises(UnknownInterview):
        parts.desk.read(building.who("stranger"), one.id)


def test_a_link_cannot_be_flooded(building: Building) -> None:
    one, _ = held(building)
    with pytest.raises(TooMuch):
        for number in range(100):
            building.floor.interviews.keeping.put(one, "complaint", {"text": str(number)})


def test_a_link_ends_by_itself(building: Building) -> None:
    parts = building.floor.interviews
    _, secret = held(building)
    later = building.floor.clock() + timedelta(days=2)
    made = type(parts.links)(
        *(getattr(parts.links, name) for name in ("_pool", "_ledger", "_policy", "_facts")),
        parts.protocols,
        lambda: later,
        building.floor.new_id,
    )
    with pytest.raises(LinkUnusable):
        made.open(secret)
