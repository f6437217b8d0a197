"""A hospital at work on a disk that fills up to the last byte, and is given room again.

Run as ``python -m app.full_disk FOLDER HOW`` within a mount namespace (``tmpfs``: a small file
system of its own) or without one (``limit``: the system lets nobody here write a file). Prints one
JSON object that says what held.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from building import IMPORTER, Building, chart_of
from conftest import SECRET
from countersign.ground.db import Database, EmbeddedPostgres, migrate
from countersign.ground.ledger import Cosigner, Event, EventKind, Receipt, Verifier, Witness
from countersign.ground.ledger.witness import compose
from countersign.ground.vault import SealedReader, Unreadable, new_stream_key, seal_stream
from countersign.kit.clock import utc_now
from countersign.kit.errors import CountersignError

FULL = (errno.ENOSPC, errno.EFBIG)


class Tmpfs:
    """A file system of its own, which a large file fills."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "small"
        self.folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=320m,mode=755", "tmpfs", str(self.folder)]
        subprocess.run(mount, check=True)
        self._filler = self.folder / "filler"

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as filler:
            for size in (2**20, 4096, 1):
                with suppress(OSError):
                    while True:
                        filler.write(bytes(size))

    def free(self) -> None:
        self._filler.unlink()


class Limit:
    """Nobody here may write to a file, which is what they find on a full disk, too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        self._set("0")

    def free(self) -> None:
        self._set("unlimited")

    def _set(self, size: str) -> None:
        """Of this process and the server's; what these start later inherits it."""
        for process in (psutil.Process(), *filter(self._ours, psutil.process_iter())):
            with suppress(psutil.NoSuchProcess):
                command = ["prlimit", "--pid", str(process.pid), f"--fsize={size}:"]
                owner = process.uids().real
                subprocess.run(command, check=True, user=owner if owner != os.geteuid() else None)

    def _ours(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            return process.name() == "postgres" and process.cwd() == str(self.folder / "pg")
        return False


class Trial:
    """What was acknowledged, what was refused and how."""

    def __init__(self, folder: Path, building: Building) -> None:
        self.folder = folder
        self.building = building
        self.receipts: list[Receipt] = []
        self.signed: list[str] = []
        self.received: list[str] = []
        self.refused: dict[str, str] = {}
        self.wrong: list[str] = []

    def attempt(self, what: str, act: Callable[[], object]) -> bool:
        """Whether it was done; a refusal must be one that says what to do."""
        try:
            act()
        except CountersignError as problem:
            self.refused[what] = problem.code
        except OSError as problem:
            self.refused[what] = errno.errorcode.get(problem.errno or 0, str(problem))
            if problem.errno not in FULL:
                self.wrong.append(f"{what}: {problem}")
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is no clear answer
            self.wrong.append(f"{what}: {type(problem).__name__} {problem}")
        else:
            return True
        return False

    def record(self) -> None:
        detail = {f"n{number}": "x" * 250 for number in range(20)}
        viewed = Event(EventKind.CHART_VIEWED, "person:1", detail=detail)
        self.receipts.append(self.building.ledger.record(viewed))

    def sign(self, draft: str) -> None:
        self.building.signoff.decisions.accept(self.building.who("wang"), draft)
        self.signed.append(draft)

    def receive(self, patient: str) -> None:
        self.building.floor.chart.receive(
            IMPORTER,
            chart_of(patient),
            source="test",
            departments=("cardiology",),
            keep_ids=True,
        )
        self.received.append(patient)

    def lost(self) -> list[str]:
        """What was acknowledged and is not there."""
        rows = self.building.rows("select index, encode(leaf_hash, 'hex') as hash from ledger.leaf")
        leaves = {row["index"]: row["hash"] for row in rows}
        signed = {
            row["d"] for row in self.building.rows("select draft_id d from signoff.signature")
        }
        known = {row["p"] for row in self.building.rows("select patient p from chart.patient")}
        return [
            *(str(one) for one in self.receipts if leaves.get(one.index) != one.leaf_hash),
            *(one for one in self.signed if one not in signed),
            *(one for one in self.received if one not in known),
        ]


def run(folder: Path, how: str) -> dict[str, object]:
    room = Tmpfs(folder) if how == "tmpfs" else Limit(folder)
    server = EmbeddedPostgres(room.folder / "pg")
    migrate(server.conninfo, SECRET)
    database = Database(server.conninfo, SECRET, pool_size=4)
    building = Building(database, room.folder / "home")
    trial = Trial(room.folder, building)
    waiting = [building.drafted() for _ in range(3)]
    for draft in waiting:
        building.open("wang", draft)
    trial.sign(waiting[0])
    first = building.ledger.checkpoint()
    cosigner = Cosigner("w1.example", bytes(32))
    log = Verifier.parse(building.ledger.verifier_key)
    witness = Witness(cosigner, room.folder / "witness", [log], utc_now)
    assert witness.add_checkpoint(compose(0, [], first.note)).status == 200
    room.fill()
    _files_while_full(trial, witness, first.size)
    room.free()
    for _ in range(300):  # a tile is complete, and no checkpoint has written it
        trial.record()
    room.fill()
    _rows_while_full(trial, waiting)
    room.free()
    until = time.monotonic() + 120
    while not trial.attempt("after", trial.record) and time.monotonic() < until:
        server.running() or server.revive()
        time.sleep(0.2)
    trial.sign(waiting[2])
    trial.receive("p9")
    report = building.ledger.verify()
    said = {
        "how": how,
        "acknowledged": len(trial.receipts),
        "refused": trial.refused,
        "wrong": trial.wrong,
        "lost": trial.lost(),
        "findings": [finding.words.en for finding in report.findings],
        **_afterwards(trial, witness),
    }
    building.close()
    database.close()
    server.stop()
    return said


def _rows_while_full(trial: Trial, waiting: list[str]) -> None:
    """What PostgreSQL writes: events until there is no room for one, then all the rest."""
    building = trial.building
    for _ in range(3000):
        if not trial.attempt("event", trial.record):
            break
    trial.attempt("checkpoint", building.ledger.checkpoint)
    trial.attempt("signature", lambda: trial.sign(waiting[1]))
    trial.attempt("import", lambda: trial.receive("p8"))
    trial.attempt("draft", building.drafted)


def _files_while_full(trial: Trial, witness: Witness, size: int) -> None:
    """What this program writes itself: tiles, a sealed stream, a witness's state."""
    building, sealed = trial.building, trial.folder / "attachment"
    trial.attempt("tiles", lambda: building.floor.tiles.export(trial.folder / "tiles"))
    key = new_stream_key(building.house.vault, "house", "attachment")

    def stream() -> None:
        with sealed.open("wb") as out:
            seal_stream(key, (bytes(65536) for _ in range(64)), out)

    trial.attempt("stream", stream)
    with suppress(Unreadable, FileNotFoundError), sealed.open("rb") as half:
        SealedReader(key, half)
        trial.wrong.append("half a stream was opened")
    other = building.ledger._signer.sign(size + 1, bytes(32))  # pyright: ignore[reportPrivateUsage]
    trial.attempt("witness", lambda: witness.add_checkpoint(compose(size, [], other.note)))
    latest = witness.latest(building.ledger.origin)
    if latest is None or latest.size != size:
        trial.wrong.append("the witness's state changed")


def _afterwards(trial: Trial, witness: Witness) -> dict[str, object]:
    """What works again once there is room."""
    building, tiles = trial.building, trial.folder / "tiles"
    building.floor.tiles.export(tiles)
    now = building.ledger.checkpoint()
    last = witness.latest(building.ledger.origin)
    assert last is not None
    proof = building.ledger.consistency(last.size, now.size)
    answer = witness.add_checkpoint(compose(last.size, proof, now.note))
    return {"tiles": building.floor.tiles.compare(tiles), "cosigned": answer.status}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(Path(sys.argv[1]), sys.argv[2])) + "\n")
