"""A demonstration hospital of 24 patients, furnished and reviewed once for the whole run."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from countersign.app.furnishing import furnish
from countersign.app.guests import PASSWORD as PASSWORD
from countersign.app.house import House, open_house, register_models
from countersign.app.settings import Settings
from countersign.app.worker import handlers
from countersign.ground.db import EmbeddedPostgres

PATIENTS = 24
"""Enough for each safety situation and for patients whom the physician may not see."""


@dataclass(frozen=True)
class Furnished:
    """An installation that is not running: its settings, and a look into its tables."""

    settings: Settings

    def environment(self, **more: object) -> Mapping[str, str]:
        """The variables that lead to this installation; ``more`` without the prefix."""
        given = {"HOME": self.settings.home, "DATABASE": self.settings.database, **more}
        return {f"COUNTERSIGN_{name}": str(value) for name, value in given.items()}

    def command(self, *arguments: str, **more: object) -> list[str]:
        """A command line of ``countersign`` for this installation."""
        variables = [f"{name}={value}" for name, value in self.environment(**more).items()]
        return ["env", *variables, sys.executable, "-m", "countersign.app", *arguments]

    def rows(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        """What stands in the tables, as their owner sees it."""
        with psycopg.connect(self.settings.database or "", row_factory=dict_row) as connection:
            return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]


def furnish_once() -> Iterator[Furnished]:
    """The hospital with every draft that the review proposes; nothing runs but PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="countersign-test-") as folder:
        home = Path(folder)
        server = EmbeddedPostgres(home / "postgres")
        with psycopg.connect(server.conninfo, autocommit=True) as owner:
            owner.execute("alter system set fsync = off")
            owner.execute("select pg_reload_conf()")
        settings = Settings(home=home, database=server.conninfo)
        with open_house(settings, upgrade=True) as house:
            register_models(house)
            house.floor.policy.adopt(house.identity)
            furnish(house, lambda done, total: None, PATIENTS)
            _review(house)
        yield Furnished(settings)
        server.stop()


def _review(house: House) -> None:
    stop = threading.Event()
    worker = threading.Thread(target=house.floor.jobs.run_worker, args=(handlers(house), stop))
    worker.start()
    while any(job.status in ("todo", "doing") for job in house.floor.jobs.recent(100)):
        assert worker.is_alive()
        time.sleep(0.1)
    stop.set()
    worker.join()
