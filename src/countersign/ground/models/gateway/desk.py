"""What the administrators' pages see and do: servers and work beside how they fare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from countersign.ground.db import Pool
from countersign.ground.identity import Principal
from countersign.ground.jobs import Jobs
from countersign.ground.models.asking import Work
from countersign.kit.clock import Clock

from .access import Access
from .book import Servers, Step
from .gateway import Gateway
from .planning import Spent
from .queue import Load
from .serving import CLOSED, Assignment, NewServer, Server, State

PROBE = "modelbench.probe"
"""The job that tries what the models of a server can do."""

WEEK = timedelta(days=7)
BEFORE = timedelta(days=28)
"""The four weeks before this one, against which drift is shown."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Calls of a span of time. ``failed`` are tries that were passed over; ``speed`` is the
    median of tokens a second, ``first`` that of seconds to the first token."""

    calls: int = 0
    failed: int = 0
    repaired: int = 0
    tokens: int = 0
    cost: Decimal = Decimal(0)
    speed: float | None = None
    first: float | None = None

    @property
    def bad_share(self) -> float | None:
        """The share of tries that failed or had to be repaired; None without any."""
        tries = self.calls + self.failed
        return (self.failed + self.repaired) / tries if tries else None


@dataclass(frozen=True, slots=True)
class Fares:
    """How one server does. ``breaker`` is closed, open or half-open."""

    load: Load
    breaker: str
    today: Counted
    week: Counted
    before: Counted


class ModelDesk:
    """``pool`` logs in as STEWARD. What is changed here is heard here at once, by every other
    process within a second."""

    def __init__(
        self,
        pool: Pool,
        servers: Servers,
        gateway: Gateway,
        clock: Clock,
        jobs: Jobs | None = None,
    ) -> None:
        self._jobs = jobs
        self._pool = pool
        self._servers = servers
        self._gateway = gateway
        self._clock = clock

    def servers(self) -> dict[str, Server]:
        """Every server that was not removed, by name."""
        return self._servers.all()

    def server(self, name: str) -> Server:
        """Raises NoSuchServer."""
        return self._servers.one(name)

    def access(self, name: str) -> Access:
        """How to reach a server, for who must ask this very one. Raises NoSuchServer."""
        return self._servers.access(self._servers.one(name))

    def history(self, name: str) -> list[Step]:
        """What was done to a server, the newest first."""
        return self._servers.history(name)

    def put(self, by: Principal, new: NewServer, *, known: bool = False) -> Server:
        """Adds or changes a server. Raises UnfitServer, NoSuchServer."""
        made = self._servers.put(by, new, known=known)
        self._gateway.planning.forget()
        return made

    def set_state(self, by: Principal, name: str, state: State) -> None:
        """Drains, resumes or removes. Raises NoSuchServer."""
        self._servers.set_state(by, name, state)
        self._gateway.planning.forget()

    def probe(self, by: Principal, name: str) -> Server:
        """Looks at a server anew; a breaker that was open is closed by its answer.

        Raises NoSuchServer, Trouble.
        """
        found = self._servers.probe(by, name)
        self._gateway.breakers.answered(name)
        self._gateway.planning.forget()
        return found

    def look(self, by: Principal, name: str) -> Server:
        """Takes the server's list of models at once; what they can do is tried in the background.

        Raises NoSuchServer, Trouble.
        """
        found = self._servers.probe(by, name, quickly=True)
        self._gateway.breakers.answered(name)
        self._gateway.planning.forget()
        if self._jobs is not None:
            with self._pool.transaction() as connection:
                self._jobs.defer(connection, PROBE, {"server": name}, lock=f"{PROBE}:{name}")
        return found

    def assignments(self) -> dict[Work, Assignment]:
        """Who does what."""
        return self._servers.assignments()

    def assign(self, by: Principal, new: Assignment) -> None:
        """Raises UnfitAssignment."""
        self._servers.assign(by, new)
        self._gateway.planning.forget()

    def today(self) -> Mapping[str, Spent]:
        """What each kind of work has used since midnight."""
        return self._gateway.planning.today()

    def loads(self) -> dict[str, tuple[Load, str]]:
        """What each server has to do now, and how its breaker stands; for monitoring."""
        now = self._clock()
        loads, breakers = self._gateway.places.loads(), self._gateway.breakers.all()
        return {
            name: (loads.get(name, Load()), breakers.get(name, CLOSED).state(now))
            for name in self._servers.all()
        }

    def fares(self) -> dict[str, Fares]:
        """How each server does now, today, this week and in the four weeks before."""
        now = self._clock()
        midnight = self._gateway.planning.midnight(now)
        loads, breakers = self._gateway.places.loads(), self._gateway.breakers.all()
        today = self._counted(midnight, now)
        week = self._counted(now - WEEK, now)
        before = self._counted(now - WEEK - BEFORE, now - WEEK)
        return {
            name: Fares(
                loads.get(name, Load()),
                breakers.get(name, CLOSED).state(now),
                today.get(name, Counted()),
                week.get(name, Counted()),
                before.get(name, Counted()),
            )
            for name in self._servers.all()
        }

    def _counted(self, since: datetime, until: datetime) -> dict[str, Counted]:
        rows = self._pool.rows(_COUNTED, {"since": since, "until": until})
        return {row.pop("server"): Counted(**row) for row in rows}


_COUNTED = """
with called as (
    select * from models.call where at >= %(since)s and at < %(until)s
), good as (
    select server, count(*)::int as calls,
        count(*) filter (where outcome = 'repaired')::int as repaired,
        sum(tokens_in + tokens_out)::bigint as tokens, sum(cost) as cost,
        percentile_cont(0.5) within group (
            order by tokens_out / greatest(seconds - coalesce(first_seconds, 0), 0.001))
            filter (where tokens_out > 8) as speed,
        percentile_cont(0.5) within group (order by first_seconds) as first
    from called where server is not null group by server
), bad as (
    select passed.one->>'server' as server, count(*)::int as failed
    from called, jsonb_array_elements(called.passed) as passed (one) group by 1
)
select server, coalesce(calls, 0) as calls, coalesce(failed, 0) as failed,
    coalesce(repaired, 0) as repaired, coalesce(tokens, 0) as tokens, coalesce(cost, 0) as cost,
    speed, first
from good full join bad using (server)
"""
