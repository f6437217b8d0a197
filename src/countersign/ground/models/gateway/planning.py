"""Decides who is asked and whether a budget allows it, from what was read a moment ago."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.models.asking import Work
from countersign.ground.models.errors import AIStopped, BudgetSpent, NoLanguageModel
from countersign.ground.models.switch import Switch
from countersign.kit.clock import Clock

from .book import Servers
from .breakers import Breakers
from .remembered import Remembered
from .serving import CLOSED, Assignment, Seat, Standing, State

FRESH = 1.0
"""Seconds that what administrators said is remembered; a drain takes this long to be heard."""

HEARD = 0.5
"""Seconds that an unpressed switch is remembered while an answer is awaited."""

SPENT = 5.0
"""Seconds that a day's sums are remembered; what this process spends is added at once."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens and yuan of a kind of work since midnight."""

    tokens: int = 0
    money: Decimal = Decimal(0)


class Planning:
    """One for a process. ``pool`` logs in as STEWARD."""

    def __init__(
        self,
        pool: Pool,
        servers: Servers,
        breakers: Breakers,
        switch: Switch,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._zone = zone
        self._switch = switch
        self._standing = Remembered(lambda: self._read(servers, breakers), FRESH)
        self._stopped = Remembered(lambda: switch.state().stopped, HEARD)
        self._spent = Remembered(self._sums, SPENT)
        self._lock = threading.Lock()
        self._rests: dict[tuple[str, str], float] = {}

    def standing(self) -> Standing:
        """Servers, assignments and breakers, at most a second old."""
        return self._standing()

    def forget(self) -> None:
        """Reads everything anew next time: this process has just changed something."""
        self._standing.forget()
        self._spent.forget()
        with self._lock:
            self._rests.clear()

    def watch(self) -> None:
        """Raises AIStopped within half a second of the press."""
        if self._stopped():
            raise AIStopped

    def require_running(self) -> None:
        """Before a request leaves: after the press none does. Raises AIStopped."""
        self._switch.require_running()

    def seats(self, work: Work) -> tuple[Assignment, list[Seat]]:
        """Who is asked for this work, in this order. Raises NoLanguageModel where nobody is
        assigned or every assigned server was removed or drains."""
        standing = self.standing()
        assignment = standing.assignments.get(work)
        seats: list[Seat] = []
        for at, choice in enumerate(assignment.chain if assignment else ()):
            server = standing.servers.get(choice.server)
            served = server.served(choice.model) if server else None
            if server is None or served is None or server.state is not State.SERVING:
                continue
            seats.append(Seat(server, choice.model, served.ref, first=at == 0))
        if assignment is None or not seats:
            raise NoLanguageModel(work=work)
        return assignment, seats

    def rests(self, seat: Seat) -> bool:
        """Whether it is left alone now: its server's breaker is open, or it asked to be."""
        with self._lock:
            if self._rests.get((seat.server.name, seat.model), 0.0) > time.monotonic():
                return True
        breaker = self.standing().breakers.get(seat.server.name, CLOSED)
        return breaker.state(self._clock()) == "open"

    def troubled(self, server: str) -> bool:
        """Whether failures of this server are counted at present."""
        return server in self.standing().breakers

    def rest(self, seat: Seat, seconds: float) -> None:
        """A model of a server asked to be left alone for so long."""
        with self._lock:
            self._rests[seat.server.name, seat.model] = time.monotonic() + seconds

    def check_bounds(self, assignment: Assignment, actor: str, room: str) -> None:
        """Raises BudgetSpent, which says until when."""
        now = self._clock()
        if assignment.tokens_day is not None or assignment.money_day is not None:
            spent = self._spent().get(str(assignment.work), Spent())
            over = assignment.tokens_day is not None and spent.tokens >= assignment.tokens_day
            dear = assignment.money_day is not None and spent.money >= assignment.money_day
            if over or dear:
                raise BudgetSpent(until=self._said(self.midnight(now) + timedelta(days=1)))
        hour, work = now - timedelta(hours=1), str(assignment.work)
        if (most := assignment.person_hour) is not None:
            self._check_hour(self._pool.rows(_BY_PERSON, (actor, work, hour, most)), most)
        if (most := assignment.room_hour) is not None:
            self._check_hour(self._pool.rows(_BY_ROOM, (room, work, hour, most)), most)

    def _check_hour(self, asked: list[DictRow], most: int) -> None:
        if len(asked) >= most:
            raise BudgetSpent(until=self._said(asked[-1]["at"] + timedelta(hours=1)))

    def spend(self, work: Work, tokens: int, money: Decimal) -> None:
        """Adds to the remembered sums what a call of this process used."""
        spent = self._spent()
        with self._lock:
            old = spent.get(str(work), Spent())
            spent[str(work)] = Spent(old.tokens + tokens, old.money + money)

    def today(self) -> dict[str, Spent]:
        """What each kind of work has used since midnight."""
        return dict(self._spent())

    def _read(self, servers: Servers, breakers: Breakers) -> Standing:
        return Standing(servers.all(), servers.assignments(), breakers.all())

    def _sums(self) -> dict[str, Spent]:
        rows = self._pool.rows(
            "select work, sum(tokens_in + tokens_out)::bigint as tokens, sum(cost) as money"
            " from models.call where at >= %s group by work",
            (self.midnight(self._clock()),),
        )
        return {row["work"]: Spent(row["tokens"], row["money"]) for row in rows}

    def midnight(self, now: datetime) -> datetime:
        """When this day of the hospital's calendar began."""
        return now.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)

    def _said(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")


_BY_PERSON = (
    "select at from models.call where actor = %s and work = %s and at > %s"
    " order by at desc limit %s"
)
_BY_ROOM = (
    "select at from models.call where room = %s and work = %s and at > %s order by at desc limit %s"
)
