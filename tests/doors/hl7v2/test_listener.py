"""What a sender hears, and that it hears it only when the message is durable."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from hl7.client import MLLPClient
from hl7.mllp import open_hl7_connection

from building import Building
from certificates import certificate
from countersign.doors.hl7v2.framing import framed
from countersign.ground.db import DatabaseUnavailable
from countersign.ground.egress import answering
from countersign.ground.messages import Arrived, Kept
from doors.hl7v2.stage import a01, fields, listening, oru, states


def send(port: int, *messages: str) -> list[bytes]:
    """By the client of the package ``hl7``, which nobody here wrote."""
    with MLLPClient("127.0.0.1", port) as client:
        return [client.send_message(message) for message in messages]


def test_a_message_is_stored_before_it_is_acknowledged(building: Building) -> None:
    with listening(building) as port:
        (answer,) = send(port, a01("M1"))
    assert fields(answer, "MSA")[1:3] == ["AA", "M1"]
    assert fields(answer, "MSH")[2:6] == ["COUNTERSIGN", "HOSPITAL", "HIS", "WARD"]
    assert states(building) == ["received"]
    (row,) = building.rows("select box, sender, kind from messages.incoming")
    assert "王".encode() not in bytes(row["box"]) and row["kind"] == "ADT^A01"
    (event,) = [one for one in building.events() if one.kind == "messages-received"]
    assert event.detail == {"count": 1} and "messages" in event.commits


def test_a_repetition_is_acknowledged_again_and_kept_once(building: Building) -> None:
    with listening(building) as port:
        answers = send(port, a01("M1"), a01("M1"), oru("M1"))
    assert [fields(one, "MSA")[1] for one in answers] == ["AA", "AA", "AA"]
    # The laboratory is another sender, and its M1 another message.
    assert states(building) == ["received", "received"]


def test_an_asynchronous_peer_is_answered_in_order(building: Building) -> None:
    async def converse(port: int) -> list[str]:
        reader, writer = await open_hl7_connection("127.0.0.1", port, encoding="utf-8")
        for number in range(40):
            writer.writemessage(a01(f"M{number}"))
        await writer.drain()
        said = [str((await reader.readmessage()).segment("MSA")) for _ in range(40)]
        writer.close()
        return said

    with listening(building) as port:
        said = asyncio.run(converse(port))
    assert said == [f"MSA|AA|M{number}" for number in range(40)]
    rows = building.rows("select control_id from messages.incoming order by number")
    assert [row["control_id"] for row in rows] == [f"M{number}" for number in range(40)]


@pytest.mark.parametrize(
    ("change", "verdict", "number", "place"),
    [
        (("|P|2.5", "|P|9.9"), "AR", "203", "MSH^1^12"),
        (("|P|2.5", "|T|2.5"), "AR", "202", "MSH^1^11"),
        (("ADT^A01^ADT_A01", "BAR^P01"), "AR", "200", "MSH^1^9"),
        (("ADT^A01^ADT_A01", "ADT^A35"), "AR", "201", "MSH^1^9"),
        (("PID|1||4711^^^HIS^MR|", "PID|1|||"), "AE", "101", "PID^1^3"),
        (("PID|1|", "ZID|1|"), "AE", "100", "PID"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    building: Building, change: tuple[str, str], verdict: str, number: str, place: str
) -> None:
    with listening(building) as port:
        answer, again, good = send(
            port, a01("M1").replace(*change), a01("M1").replace(*change), a01("M2")
        )
    assert fields(answer, "MSA")[1:3] == [verdict, "M1"] == fields(again, "MSA")[1:3]
    error = fields(answer, "ERR")
    assert error[2] == place and error[3].startswith(f"{number}^") and error[4] == "E"
    assert fields(good, "MSA")[1] == "AA"
    assert states(building) == ["failed", "received"]


def test_old_versions_hear_of_errors_as_they_know_them(building: Building) -> None:
    with listening(building) as port:
        (answer,) = send(port, a01("M1").replace("|P|2.5", "|P|2.3").replace("PID|", "ZID|"))
    assert fields(answer, "ERR")[1] == "PID^^^100&Segment sequence error&HL70357"


def test_enhanced_mode_has_two_acknowledgements(building: Building) -> None:
    enhanced = a01("M1").replace("|P|2.5||||||", "|P|2.5|||AL|AL||")
    failing = a01("M2").replace("|P|2.5||||||", "|P|2.5|||ER|NE||")
    with listening(building) as port, socket.create_connection(("127.0.0.1", port)) as peer:
        peer.sendall(framed(enhanced.encode()) + framed(failing.encode()))
        peer.shutdown(socket.SHUT_WR)
        said = b"".join(iter(lambda: peer.recv(65536), b"")).decode()
    assert [part.split("|")[1] for part in said.split("MSA")[1:]] == ["CA", "AA"]
    assert states(building) == ["received", "received"]


def test_what_cannot_be_stored_is_refused_and_kept_by_the_sender(building: Building) -> None:
    full = [True]

    def keep(batch: Sequence[Arrived]) -> list[Kept]:
        if full[0]:
            raise DatabaseUnavailable
        return building.floor.messages.inbox.keep(batch)

    with listening(building, keep) as port:
        (refused,) = send(port, a01("M1"))
        full[0] = False
        (stored,) = send(port, a01("M1"))
    assert fields(refused, "MSA")[1] == "AR" and fields(refused, "ERR")[3].startswith("207^")
    assert fields(stored, "MSA")[1] == "AA" and states(building) == ["received"]


def test_strangers_and_giants_are_turned_away(building: Building) -> None:
    with (
        listening(building, peers=(IPv4Network("10.0.0.0/8"),)) as port,
        socket.create_connection(("127.0.0.1", port)) as peer,
    ):
        peer.sendall(framed(a01("M1").encode()))
        assert _rest(peer) == b""
    with (
        listening(building, largest=500) as port,
        socket.create_connection(("127.0.0.1", port)) as peer,
    ):
        peer.sendall(b"\x0b" + b"x" * 5000)
        assert _rest(peer) == b""
    with (
        listening(building, idle=0.2) as port,
        socket.create_connection(("127.0.0.1", port)) as peer,
    ):
        assert _rest(peer) == b""
    assert states(building) == []


def _rest(peer: socket.socket) -> bytes:
    peer.settimeout(30)
    try:
        return b"".join(iter(lambda: peer.recv(65536), b""))
    except ConnectionResetError:
        return b""


def test_a_peer_shows_itscertificate(building: Building, tmp_path: Path) -> None:
    authority = certificate(tmp_path, "authority", None)
    certificate(tmp_path, "server", authority)
    certificate(tmp_path, "client", authority)
    tls = answering(tmp_path / "server.pem", tmp_path / "server.key", tmp_path / "authority.pem")
    mine = ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))
    with listening(building, tls=tls) as port:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            _over_tls(port, mine)
        mine.load_cert_chain(tmp_path / "client.pem", tmp_path / "client.key")
        assert fields(_over_tls(port, mine), "MSA")[1] == "AA"
    assert states(building) == ["received"]


def _over_tls(port: int, context: ssl.SSLContext) -> bytes:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as peer,
    ):
        peer.sendall(framed(a01("M1").encode()))
        answer = peer.recv(65536)
        if not answer:
            raise ConnectionError
        return answer
