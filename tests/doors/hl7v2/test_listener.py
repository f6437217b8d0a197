"""What a sender hears, and that it hears it only when the message is durable."""

from __future__ import annotations

from hl7.client import MLLPClient

from building import Building
from doors.hl7v2.stage import a01, fields, listening, states


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
