"""The listener is killed under load: what a sender was told is stored is there, and there once."""

from __future__ import annotations

from benchmarks.hl7v2 import await_port, furnish, look, under_kills
from benchmarks.installation import free_port, running_house


def test_kill_nine_of_the_listener_loses_no_acknowledged_message() -> None:
    port = free_port()
    with running_house(
        furnish, DEMONSTRATION="no", PORT=str(free_port()), HL7V2_PORT=str(port)
    ) as house:
        await_port(port)
        said = under_kills(house, port, kills=2)
        stored, failed, _ = look(house, said["acknowledged"])
    assert said["kills"] == 2 and len(said["acknowledged"]) > 0
    assert set(stored.values()) == {1}
    assert failed == 0
