"""Only what a physician signed leaves, in order, until the other system acknowledges it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import hl7
import pytest
from hl7.mllp import start_hl7_server

from building import PATIENT, Building, body, observation
from countersign.doors.hl7v2.sending import Sender
from countersign.ground.db import DbRole
from countersign.ground.egress import Egress, places, server


class Peer:
    """The MLLP server of the package ``hl7``: keeps what comes, answers as it is told."""

    def __init__(self) -> None:
        self.port = 0
        self.came: list[Any] = []
        self.answer = "AA"

    async def converse(self, reader: Any, writer: Any) -> None:
        try:
            while not writer.is_closing():
                message = await reader.readmessage()
                self.came.append(message)
                writer.writemessage(message.create_ack(ack_code=self.answer))
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()


@contextmanager
def listening() -> Iterator[Peer]:
    peer, loop, there = Peer(), asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        started = await start_hl7_server(peer.converse, host="127.0.0.1", port=0, encoding="utf-8")
        async with started:
            peer.port = started.sockets[0].getsockname()[1]
            there.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert there.wait(10)
    try:
        yield peer
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    with listening() as made:
        yield made


def sender(building: Building, port: int) -> Sender:
    egress = Egress(places([f"127.0.0.1:{port}"]))
    return Sender(replace(building.floor, egress=egress), server(f"tcp://127.0.0.1:{port}"))


def run(sending: Sender) -> int:
    return sending.run(lambda: False)


def outgoing(building: Building) -> list[tuple[str, str]]:
    rows = building.rows("select state, reason from messages.outgoing order by number")
    return [(row["state"], row["reason"]) for row in rows]


def soon(building: Building) -> None:
    """The time of the next attempt has come."""
    with building.database.pool(DbRole.INTERFACE).transaction() as connection:
        connection.execute(
            "update messages.outgoing set next_at = %s", (building.floor.clock() - timedelta(1),)
        )


def test_what_is_signed_is_sent_once_and_nothing_else(building: Building, peer: Peer) -> None:
    sending = sender(building, peer.port)
    building.released()  # before anybody was to be told
    assert run(sending) == 0
    draft = building.drafted()
    assert run(sending) == 0 and peer.came == []  # a draft is no result
    building.accept("wang", draft)
    assert run(sending) == 0 and peer.came == []  # signed and not yet released
    building.inbox.release(draft)
    assert run(sending) == 1 and run(sending) == 0
    (message,) = peer.came
    assert str(message.segment("MSH")[9]) == "MDM^T02^MDM_T02"
    assert message.segment("TXA") and "王小明" in str(message.segment("PID"))
    assert "Repeat potassium today" in str(message)
    assert outgoing(building) == [("sent", "")]
    (event,) = [one for one in building.events() if one.kind == "message-sent"]
    assert event.patient == PATIENT and event.subject and event.subject.startswith("release:")


def test_a_signed_result_is_sent_as_a_result(building: Building, peer: Peer) -> None:
    sending = sender(building, peer.port)
    run(sending)
    building.released(body=body(observation()))
    assert run(sending) == 1
    message = hl7.parse(str(peer.came[0]))
    assert str(message.segment("MSH")[9]) == "ORU^R01^ORU_R01"
    result = next(one for one in message.segments("OBX") if str(one[2]) == "NM")
    assert (str(result[5]), str(result[6])) == ("38", "mL/min/1.73 m²")
    assert str(result[3]).startswith("98979-8^") and str(result[11]) == "F"


def test_the_order_is_kept_while_the_peer_cannot_take_it(building: Building, peer: Peer) -> None:
    sending = sender(building, peer.port)
    run(sending)
    first, second = building.released(), building.released()
    peer.answer = "AR"
    assert run(sending) == 0 and len(peer.came) == 1
    assert [state for state, _ in outgoing(building)] == ["waiting", "waiting"]
    assert run(sending) == 0 and len(peer.came) == 1  # not before its time
    peer.answer = "AA"
    soon(building)
    assert run(sending) == 2
    controls = [str(one.segment("MSH")[10]) for one in peer.came]
    assert controls == [one.id.replace("-", "")[:20] for one in (first, first, second)]


def test_what_the_peer_refuses_for_good_is_left_to_a_person(building: Building, peer: Peer) -> None:
    sending = sender(building, peer.port)
    run(sending)
    building.released()
    peer.answer = "AE"
    assert run(sending) == 0
    assert outgoing(building) == [("refused", "hl7v2.peer-refused")]


def test_a_peer_that_is_away_or_not_allowed_is_tried_again(building: Building) -> None:
    sending = sender(building, 1)
    run(sending)
    building.released()
    assert run(sending) == 0
    ((state, reason),) = outgoing(building)
    assert state == "waiting" and reason.startswith("egress.")
