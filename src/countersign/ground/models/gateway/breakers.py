"""Leaves a server alone that failed again and again, and lets one request try it afterwards."""

from __future__ import annotations

from countersign.ground.db import Pool

from .serving import Breaker

FAILURES = 5
"""Failures one after the other, with no answer between them, that open a breaker."""

REST = 15.0
"""Seconds that a server is left alone the first time; each failed try doubles them."""

LONGEST_REST = 240.0

TRYING = 60.0
"""Seconds that the one request which tries a server may take before another may."""


class Breakers:
    """One breaker for each server, shared by all processes. ``pool`` logs in as STEWARD.

    ``rest`` and ``longest`` are seconds.
    """

    def __init__(self, pool: Pool, *, rest: float = REST, longest: float = LONGEST_REST) -> None:
        self._pool = pool
        self._rest = rest
        self._longest = longest

    def all(self) -> dict[str, Breaker]:
        """Those that have failed since they last answered."""
        rows = self._pool.rows(
            "select server, failures, opened_at, rests_until, trying_until from models.breaker"
        )
        return {row.pop("server"): Breaker(**row) for row in rows}

    def claim(self, server: str) -> bool:
        """Whether the server may be asked; of an open one that has rested, one caller alone."""
        rows = self._pool.rows(
            "update models.breaker set trying_until = clock_timestamp()"
            " + make_interval(secs => %s) where server = %s and opened_at is not null"
            " and rests_until <= clock_timestamp()"
            " and coalesce(trying_until, '-infinity') <= clock_timestamp() returning 1",
            (TRYING, server),
        )
        if rows:
            return True
        open_now = self._pool.rows(
            "select 1 from models.breaker where server = %s and opened_at is not null", (server,)
        )
        return not open_now

    def failed(self, server: str) -> None:
        """Counts a failure; the one that is too many opens the breaker, and one more keeps it."""
        self._pool.rows(
            "insert into models.breaker as b (server, failures) values (%(server)s, 1)"
            " on conflict (server) do update set failures = b.failures + 1,"
            " opened_at = case when b.failures + 1 >= %(most)s"
            "   then coalesce(b.opened_at, clock_timestamp()) end,"
            " rests_until = case when b.failures + 1 >= %(most)s then clock_timestamp()"
            "   + make_interval(secs => least(%(longest)s,"
            "     %(rest)s * 2 ^ least(10, b.failures + 1 - %(most)s))) end,"
            " trying_until = null returning 1",
            {
                "server": server,
                "most": FAILURES,
                "rest": self._rest,
                "longest": self._longest,
            },
        )

    def answered(self, server: str) -> None:
        """Closes the breaker: whatever was counted is forgotten."""
        self._pool.rows("delete from models.breaker where server = %s returning 1", (server,))
