"""Puts every data key under the newest wrapping key while everybody reads and writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from countersign.ground.db import Pool

from . import census
from .census import Census
from .deeds import Batches, Deed
from .provider import KeyProvider

BATCH = 500

Progress = Callable[[int, int], None]
"""Told how many are done and how many there are."""


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """``keys`` were wrapped again by this run; ``damaged`` did not unwrap and stay as they are."""

    version: int
    resumed: bool
    keys: int
    damaged: int
    census: Census

    @property
    def complete(self) -> bool:
        """Whether no living key is left under an older version."""
        return self.census.wrapped_stragglers == 0


def rotate_wrapping(
    pool: Pool,
    provider: KeyProvider,
    batches: Batches,
    progress: Progress = lambda done, total: None,
    *,
    batch: int = BATCH,
) -> Rewrapped:
    """Makes the next wrapping key and wraps every data key with it.

    A run that was interrupted is finished instead: no further key is made. Keys are replaced
    one by one only where they are still what was read, so that any number of processes may
    read, make keys, or run this at the same time. Raises KeysMissing, KeysUnavailable,
    DatabaseUnavailable; what was done until then stays done.
    """
    version, resumed = _begin(pool, provider, batches)
    total = pool.rows(
        "select count(*) as n from vault.data_key"
        " where wrapped is not null and wrapping_version < %s",
        (version,),
    )[0]["n"]
    done = damaged = after = 0
    while rows := pool.rows(
        "select id, wrapping_version, wrapped from vault.data_key"
        " where wrapped is not null and wrapping_version < %s and id > %s order by id limit %s",
        (version, after, batch),
    ):
        raw = provider.unwrap_all(
            [(row["wrapping_version"], bytes(row["wrapped"])) for row in rows]
        )
        good = [(row, key) for row, key in zip(rows, raw, strict=True) if key is not None]
        fresh = provider.wrap_all(version, [key for _, key in good])
        done += pool.rows(
            "select vault.rewrap(%s::bigint[], %s::bytea[], %s, %s::bytea[]) as n",
            ([row["id"] for row, _ in good], [row["wrapped"] for row, _ in good], version, fresh),
        )[0]["n"]
        damaged += len(rows) - len(good)
        after = rows[-1]["id"]
        progress(done, total)
    report = Rewrapped(version, resumed, done, damaged, census.take(pool))
    with batches() as unit:
        unit.record(
            _deed(
                version,
                "finished",
                report.census.sha256(),
                keys=done,
                damaged=damaged,
                stragglers=report.census.wrapped_stragglers,
            )
        )
    return report


def _begin(pool: Pool, provider: KeyProvider, batches: Batches) -> tuple[int, bool]:
    before = census.take(pool)
    resumed = before.wrapped_stragglers > 0
    version = before.wanted if resumed else provider.add_version()
    with batches() as unit:
        unit.connection.execute("select vault.demand_wrapping(%s)", (version,))
        unit.record(_deed(version, "resumed" if resumed else "begun", before.sha256()))
    return version, resumed


def _deed(version: int, phase: str, digest: str, **counts: int) -> Deed:
    return Deed(
        "rotated",
        f"wrapping-key:{version}",
        commits={"census": digest},
        detail={"keys_of": "wrapping", "phase": phase, **counts},
    )
