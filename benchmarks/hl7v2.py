"""HL7 v2 messages stored and acknowledged a second, kill -9 of the listener, conversions."""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks.hl7v2_conversions import Compared, compare
from benchmarks.installation import Installation, free_port, running_house
from benchmarks.measured import Measured
from countersign.app.house import open_house
from countersign.app.settings import from_environment
from countersign.ground.identity import Principal
from countersign.kit.words import Words

SECONDS = 40.0
CONNECTIONS = 32
KILLS = 6
SEED = 20261126
PROGRAM = [sys.executable, "-m"]


def measure(data: Path | None) -> Measured:
    """A real installation with fsync on, its worker at work beside the load, on the same cores."""
    compared = compare(data)
    port = free_port()
    with running_house(
        furnish, DEMONSTRATION="no", PORT=str(free_port()), HL7V2_PORT=str(port)
    ) as house:
        await_port(port)
        quick = send(port, SECONDS, "Q")
        killed = under_kills(house, port, KILLS)
        stored, failed, seen = look(house, [*quick["acknowledged"], *killed["acknowledged"]])
    peer = beside(SECONDS / 2)
    lost = sum(1 for times in stored.values() if times == 0)
    twice = sum(1 for times in stored.values() if times > 1)
    return _measured(quick, killed, peer, compared, lost, twice, failed, seen)


def furnish(environment: dict[str, str]) -> dict[str, str]:
    """One department, whose staff may see whoever comes."""
    with open_house(from_environment(environment), upgrade=True) as house:
        house.floor.people.department(
            "general-medicine", Words("Medicine", "内科"), by=Principal.system("installer")
        )
    return {}


def send(port: int, seconds: float, prefix: str) -> dict[str, Any]:
    """What a sender in a process of its own was promised."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        file = Path(folder) / "said.json"
        subprocess.run(_sending(port, seconds, prefix, file), check=True)
        return json.loads(file.read_text())


def _sending(port: int, seconds: float, prefix: str, file: Path) -> list[str]:
    module = [*PROGRAM, "benchmarks.hl7v2_sender"]
    return [*module, str(port), str(seconds), str(CONNECTIONS), prefix, str(file)]


def under_kills(house: Installation, port: int, kills: int) -> dict[str, Any]:
    """The same while the listener is killed again and again."""
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        file = Path(folder) / "said.json"
        seconds = kills * 6.0 + 4
        sender = subprocess.Popen(_sending(port, seconds, "K", file))
        done = 0
        for _ in range(kills):
            time.sleep(chance.uniform(3.0, 5.0))
            done += kill_listener(house)
            await_port(port)
        sender.wait(300)
        return {**json.loads(file.read_text()), "kills": done}


def kill_listener(house: Installation) -> int:
    with suppress(psutil.Error):
        for one in house.process_info.children():
            if "receive" in one.cmdline():
                one.kill()
                return 1
    return 0


def await_port(port: int, seconds: float = 60) -> None:
    """Until somebody listens."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the listener does not come back")


def look(house: Installation, promised: list[str]) -> tuple[dict[str, int], int, Counter[str]]:
    """How often each acknowledged message is there, how many failed, and the states of all."""
    with (
        open_house(from_environment(house.environment)) as opened,
        psycopg.connect(opened.database.owner_conninfo) as owner,
    ):
        rows = owner.execute(
            "select control_id, count(*) from messages.incoming group by 1"
        ).fetchall()
        states = owner.execute("select state, count(*) from messages.incoming group by 1")
        seen = Counter({str(state): int(count) for state, count in states.fetchall()})
    there = {str(control): int(count) for control, count in rows}
    return {one: there.get(one, 0) for one in promised}, seen["failed"], seen


def beside(seconds: float) -> dict[str, Any]:
    """The same sender against the peer."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        file = Path(folder) / "messages"
        command = [*PROGRAM, "benchmarks.hl7v2_peer", str(port), str(file)]
        peer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            await_port(port)
            return send(port, seconds, "P")
        finally:
            peer.terminate()
            peer.wait(30)


def _measured(
    quick: dict[str, Any],
    killed: dict[str, Any],
    peer: dict[str, Any],
    compared: Compared,
    lost: int,
    twice: int,
    failed: int,
    seen: Counter[str],
) -> Measured:
    rows: list[tuple[object, ...]] = [
        (name, len(one["acknowledged"]), _rate(one), one["p50_ms"], one["p99_ms"])
        for name, one in (
            (f"Countersign, {CONNECTIONS} connections", quick),
            (f"Countersign, listener killed {killed['kills']} times", killed),
            ("peer: MLLP server of hl7 0.4.5, file with fsync", peer),
        )
    ]
    rows += [("", "", "", "", ""), ("conversions: fields compared", compared.fields, "", "", "")]
    rows += [("equal", compared.equal, "", "", "")]
    rows += [
        (f"differs: {why}", count, "", "", "") for why, count in compared.reasons.most_common()
    ]
    rows += [
        (f"unexplained: {where}", count, "", "", "")
        for where, count in compared.unexplained.most_common()
    ]
    return Measured(
        columns=("sender waits for each answer", "acknowledged", "messages/s", "p50 ms", "p99 ms"),
        rows=rows,
        figures={
            "messages_per_s": round(_rate(quick)),
            "lost": lost,
            "twice": twice,
            "kills": killed["kills"],
            "failed": failed,
            "peer_messages_per_s": round(_rate(peer)),
            "conversions": compared.conversions,
            "not_taken_in": compared.refused,
            "fields": compared.fields,
            "equal": compared.equal,
            "explained": sum(compared.reasons.values()),
            "unexplained": sum(compared.unexplained.values()),
        },
        notes=(
            "each message is sealed, in PostgreSQL with fsync, and in the ledger before its answer;"
            f" the worker had taken {seen['processed']:,} into the chart meanwhile",
            f"under kill -9: {killed['broken']} connections broke, {killed['refused']} answers said"
            " later; what was not acknowledged was sent again and is there once",
            f"expected by Microsoft's converter, no standard: {compared.conversions} messages,"
            f" {compared.resources} resources of the types that are made; {compared.other_types:,}"
            " resources of other types (organisations, practitioners, places, devices, headers) are"
            f" not; {compared.refused} messages are of types that are refused (AR)",
        ),
    )


def _rate(one: dict[str, Any]) -> float:
    return len(one["acknowledged"]) / one["seconds"]
