"""Two installations on one database with the same keys, as a hospital runs them for safety."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.installation import Installation, free_port, serving
from benchmarks.killed_load import furnish
from countersign.ground.db import EmbeddedPostgres


@dataclass(frozen=True)
class TwoHouses:
    """Both, and the owner's connection string of what they share."""

    here: Installation
    there: Installation
    database: str


@contextmanager
def two_houses() -> Iterator[TwoHouses]:
    """Each has a home of its own with a copy of the keys, two web processes and a worker."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "shared")
        try:
            first = _variables(Path(folder) / "here", server.conninfo)
            given = furnish(first)
            second = _variables(Path(folder) / "there", server.conninfo)
            shutil.copytree(Path(folder) / "here" / "keys", Path(folder) / "there" / "keys")
            everything = {**os.environ, **second}
            with (
                serving({**os.environ, **first}, given) as here,
                serving(everything, given) as there,
            ):
                yield TwoHouses(here, there, server.conninfo)
        finally:
            server.stop()


def _variables(home: Path, database: str) -> dict[str, str]:
    home.mkdir()
    return {
        "COUNTERSIGN_HOME": str(home),
        "COUNTERSIGN_DATABASE": database,
        "COUNTERSIGN_PORT": str(free_port()),
        "COUNTERSIGN_DEMONSTRATION": "no",
    }
