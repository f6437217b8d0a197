"""A hospital's gateway on a PostgreSQL of its own, and the server of faults, for measurements."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from countersign.ground.db import Database, EmbeddedPostgres, migrate

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from ground.models.gateway.ward import Ward, ward  # noqa: E402 - lies with the tests
from llm.server import FaultServer, fault_server  # noqa: E402 - lies with the tests

__all__ = ["FaultServer", "Ward", "fault_server", "language_ward"]


@contextmanager
def language_ward(connections: int = 16) -> Generator[tuple[Ward, FaultServer]]:
    """PostgreSQL with fsync on; each pool may have so many ``connections``."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        migrate(server.conninfo, b"benchmark")
        database = Database(server.conninfo, b"benchmark", pool_size=connections)
        with fault_server() as faulty, ward(database, Path(folder), deadline=30.0) as built:
            yield built, faulty
        database.close()
        server.stop()
