"""What the tests of the ledger agree on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import psycopg

from countersign.ground.db import Database, DbRole
from countersign.ground.ledger import EventKind

ORIGIN = "hospital.example/ledger"
START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
Owner = Callable[[str], None]


def permit_all(database: Database) -> None:
    """Every role may record every kind, as long as a test is not about who may."""
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute(
            "insert into ledger.recorder select kind, role from unnest(%s::text[]) kind,"
            " unnest(%s::text[]) role on conflict do nothing",
            ([str(kind) for kind in EventKind], ["postgres", *map(str, DbRole)]),
        )
