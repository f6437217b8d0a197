"""Every event reaches the hospital's collector, whatever happens to it meanwhile."""

from __future__ import annotations

import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.egress import BadServer, Egress, Server, places, server
from countersign.ground.ledger import Event, EventKind, Forwarding, Ledger, Retention, Signer
from ground.ledger.collecting import free_port, rsyslog
from ground.ledger.known import START, permit_all


def forwarding(ledger: Ledger, database: Database, egress: Egress, port: int) -> Forwarding:
    to = Server("127.0.0.1", port, False)
    return Forwarding(ledger, database.pool(DbRole.LEDGER), egress, to, "ward.example", lambda: NOW)


NOW = START + timedelta(hours=1)


def view(ledger: Ledger, count: int) -> None:
    for number in range(count):
        ledger.record(Event(EventKind.CHART_VIEWED, f"person:{number}", patient="p1"))


def test_events_arrive_once_and_in_their_order(
    ledger: Ledger, unrestricted: Database, egress: Egress, tmp_path: Path
) -> None:
    port = free_port()
    one = forwarding(ledger, unrestricted, egress, port)
    assert one.send() == 0, "an empty ledger has nothing to say"
    view(ledger, 7)
    with rsyslog(tmp_path, port) as collected:
        assert one.send() == 7 and one.send() == 0
        view(ledger, 1200)
        again = forwarding(ledger, unrestricted, egress, port)
        assert again.send() == 1200
        assert collected.await_count(1207) == list(range(1207))
    standing = again.standing()
    assert standing is not None and (standing.next, standing.behind) == (1207, 0)
    assert (standing.at, standing.late, standing.problem) == (NOW, False, None)


def test_what_came_while_the_collector_was_away_is_not_lost(
    ledger: Ledger, unrestricted: Database, egress: Egress, tmp_path: Path
) -> None:
    port, chance = free_port(), random.Random(4)
    one = forwarding(ledger, unrestricted, egress, port)
    for _ in range(4):
        view(ledger, chance.randint(1, 30))
        assert one.send() == 0
        standing = one.standing()
        assert standing is not None and standing.late and standing.problem is not None
        assert standing.problem.code == "egress.failed"
        with rsyslog(tmp_path, port) as collected:
            view(ledger, chance.randint(1, 30))
            assert one.send() > 0
    assert collected.indices() == list(range(ledger.size()))


@contextmanager
def peer(act: Callable[[socket.socket], None]) -> Iterator[int]:
    """Does something else with each connection than read it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    act(listening.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def resets(sock: socket.socket) -> None:
    """Reads a little, then ends as a program that was killed does."""
    sock.recv(100)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def test_a_collector_that_breaks_off_has_not_got_them(
    ledger: Ledger, unrestricted: Database, egress: Egress
) -> None:
    view(ledger, 3)
    with peer(resets) as port:
        one = forwarding(ledger, unrestricted, egress, port)
        assert one.send() == 0
        standing = one.standing()
        assert standing is not None and (standing.next, standing.at) == (0, None)


def test_a_collector_that_reads_nothing_is_given_up_in_time(
    ledger: Ledger, unrestricted: Database
) -> None:
    held: list[socket.socket] = []
    egress = Egress(places(["127.0.0.1"]))
    real = egress.deliver

    def hurried(to: Server, content: bytes, *, timeout: float = 10.0) -> None:
        real(to, content, timeout=0.3)

    egress.deliver = hurried  # type: ignore[method-assign]
    view(ledger, 3)
    with peer(held.append) as port:
        one = forwarding(ledger, unrestricted, egress, port)
        assert one.send() == 0 and one.standing() is not None
        assert len(held) == 1
    for sock in held:
        sock.close()
    egress.close()


def test_a_server_that_is_not_listed_is_not_contacted(
    ledger: Ledger, unrestricted: Database
) -> None:
    told: list[str] = []
    egress = Egress(places(["10.0.0.1"]), told.append)
    view(ledger, 1)
    with peer(resets) as port:
        one = forwarding(ledger, unrestricted, egress, port)
        assert one.send() == 0
        assert told == [f"127.0.0.1:{port}"]
    standing = one.standing()
    assert standing is not None and standing.problem is not None
    assert standing.problem.code == "egress.refused"
    egress.close()


def test_of_two_that_send_at_once_one_goes_ahead(
    ledger: Ledger, unrestricted: Database, egress: Egress, tmp_path: Path
) -> None:
    view(ledger, 5)
    with rsyslog(tmp_path, port := free_port()) as collected:
        one = forwarding(ledger, unrestricted, egress, port)
        two = forwarding(ledger, unrestricted, egress, port)
        assert one.send() == 5
        assert not two._advance(0, 3), "never back"  # pyright: ignore[reportPrivateUsage]
        assert two.send() == 0
        assert collected.await_count(5) == list(range(5))
    with (
        pytest.raises(psycopg.DataError),
        unrestricted.pool(DbRole.LEDGER).transaction() as connection,
    ):
        connection.execute("select ledger.forward('tcp://h:1', 0, 99, now())")


def test_pruned_events_are_passed_over(
    database: Database, signer: Signer, egress: Egress, tmp_path: Path
) -> None:
    permit_all(database)
    now = datetime.now(UTC)
    moments = iter([now - timedelta(days=4 * 366)] * 600)
    pool = database.pool(DbRole.LEDGER)
    ledger = Ledger(pool, signer, lambda: next(moments, now), checkpoint_every=None)
    view(ledger, 601)
    assert Retention(ledger, pool, lambda: now).prune("system:operator") == 600
    with rsyslog(tmp_path, port := free_port()) as collected:
        assert forwarding(ledger, database, egress, port).send() == 2
        assert collected.await_count(2) == [600, 601]
    ledger.close()


@pytest.mark.parametrize("text", ["log", "udp://h:1", "tcp://h", "tcp://h:0", "tls://h:99999", ""])
def test_what_names_no_server_is_refused(text: str) -> None:
    with pytest.raises(BadServer):
        server(text)


def test_a_server_is_written_as_it_is_read() -> None:
    for text in ("tcp://log.example:601", "tls://[::1]:6514", "tls://10.0.0.7:6514"):
        assert str(server(text)) == text
