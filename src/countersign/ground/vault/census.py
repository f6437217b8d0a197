"""Counts every sealed row of the database by its key, so that no row can be left behind unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from countersign.ground.db import Pool

from .errors import Undeclared
from .suites import Suite

ASIDE = "set_aside."
"""What the names of tables begin with that a way back set aside."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of one table lie under keys of one suite and state.

    ``state``: ``present``, under a key of the generation in force; ``older``, under one of an
    earlier generation; ``shredded``, destroyed on purpose; ``lost``, under a key that is not
    there; ``empty``, no sealed row; ``unknown``, a table with some columns of a seal only.
    """

    table: str
    declared: bool
    suite: int | None
    state: str
    rows: int

    @property
    def aside(self) -> bool:
        """Whether it is a copy that a way back made, which nothing seals again."""
        return self.table.startswith(ASIDE) and self.state != "unknown"


@dataclass(frozen=True, slots=True)
class Census:
    """What stands in the database at one moment, as the database's own catalogue lists it."""

    counts: tuple[Count, ...]
    wrapping: tuple[tuple[int, int], ...]
    """How many living data keys each version of the wrapping key wraps."""
    wanted: int
    """The version that every data key should be wrapped by."""

    @property
    def rows(self) -> int:
        """All sealed rows."""
        return sum(one.rows for one in self.counts)

    @property
    def stragglers(self) -> int:
        """Rows that a rotation of the data keys has not reached yet."""
        return sum(one.rows for one in self.counts if one.state == "older" and not one.aside)

    @property
    def aside(self) -> int:
        """Rows of copies that a way back set aside: they hold the older keys back."""
        return sum(one.rows for one in self.counts if one.state == "older" and one.aside)

    @property
    def lost(self) -> int:
        """Rows whose key is not there: nobody can read them, and nobody ordered that."""
        return sum(one.rows for one in self.counts if one.state == "lost")

    @property
    def keys(self) -> int:
        """All living data keys."""
        return sum(many for _, many in self.wrapping)

    @property
    def wrapped_stragglers(self) -> int:
        """Data keys that an older wrapping key still wraps."""
        return sum(many for version, many in self.wrapping if version < self.wanted)

    @property
    def undeclared(self) -> tuple[str, ...]:
        """Tables that look sealed and that no migration declared, or only in part."""
        return tuple(
            sorted(
                {
                    one.table
                    for one in self.counts
                    if not one.aside and (not one.declared or one.state == "unknown")
                }
            )
        )

    def by_suite(self) -> dict[str, int]:
        """Sealed rows by the name of their suite."""
        found: dict[str, int] = {}
        for one in self.counts:
            if one.suite is not None:
                name = Suite(one.suite).name
                found[name] = found.get(name, 0) + one.rows
        return found

    def lines(self) -> list[str]:
        """One line for each count, the same for the same census."""
        return [
            f"{one.table} suite={one.suite or '-'} {one.state} {one.rows}"
            for one in sorted(self.counts, key=lambda c: (c.table, c.suite or 0, c.state))
        ] + [f"keys wrapped by {version}: {many}" for version, many in self.wrapping]

    def sha256(self) -> str:
        """What the ledger commits to."""
        return sha256("\n".join(self.lines()).encode()).hexdigest()

    def require_declared(self) -> None:
        """Raises Undeclared where a rotation would pass a table by."""
        if self.undeclared:
            raise Undeclared(tables=", ".join(self.undeclared))


def take(pool: Pool) -> Census:
    """The census of this moment. ``pool`` logs in as DbRole.VAULT."""
    counts = pool.rows("select name, declared, suite, state, rows from vault.census()")
    wrapping = pool.rows(
        "select wrapping_version as version, count(*) as many from vault.data_key"
        " where wrapped is not null group by 1 order by 1"
    )
    head = pool.rows("select wrapping_version from vault.head")
    return Census(
        tuple(
            Count(row["name"], row["declared"], row["suite"], row["state"], row["rows"] or 0)
            for row in counts
        ),
        tuple((row["version"], row["many"]) for row in wrapping),
        head[0]["wrapping_version"],
    )


def tables(pool: Pool) -> Sequence[str]:
    """The declared tables."""
    return [row["name"] for row in pool.rows("select name from vault.sealed_table order by 1")]
