"""The gateway to the hospital's language models: what every room asks through."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from countersign.ground.db import Pool
from countersign.ground.ledger import Ledger
from countersign.ground.models.asking import Asked, Ready, Said, Spoken, Stream, Work
from countersign.ground.models.card import ModelRef
from countersign.ground.models.errors import AIStopped, BudgetSpent, NoLanguageModel
from countersign.ground.models.registry import Registry
from countersign.ground.models.switch import Switch
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .answering import Answering, Means
from .book import Servers
from .breakers import Breakers
from .calls import Calls
from .fence import Boundary
from .hearing import Hearing, asked_of
from .planning import Planning
from .queue import Places


def random_boundary() -> str:
    """Thirty-two letters and digits from the operating system."""
    return secrets.token_hex(16)


class _Streaming:
    """An answer on its way."""

    def __init__(self, answering: Answering, pieces: Iterator[str]) -> None:
        self._answering = answering
        self._pieces = pieces

    def __iter__(self) -> Iterator[str]:
        return self._pieces

    @property
    def said(self) -> Said:
        """Raises AnswerUnfinished before the last piece has come and the record is durable."""
        return self._answering.said


class Gateway:
    """Implements ``Asking``. ``pool`` logs in as STEWARD; close it before the ledger."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        servers: Servers,
        registry: Registry,
        switch: Switch,
        clock: Clock,
        new_id: NewId,
        zone: ZoneInfo,
        *,
        boundary: Boundary = random_boundary,
        places: Places | None = None,
        breakers: Breakers | None = None,
    ) -> None:
        self.places = places or Places(pool, new_id)
        self.breakers = breakers or Breakers(pool)
        self.calls = Calls(pool, ledger)
        self.planning = Planning(pool, servers, self.breakers, switch, clock, zone)
        self._registry = registry
        self._known: set[ModelRef] = set()
        self._means = Means(
            self.planning,
            self.places,
            self.breakers,
            self.calls,
            servers,
            ledger,
            clock,
            new_id,
            boundary,
        )

    def ready(self, work: Work) -> Ready | None:
        """Who would answer now; None where the path without a model goes."""
        try:
            self.planning.watch()
            assignment, seats = self.planning.seats(work)
            self.planning.check_bounds(assignment, "", "")
        except (AIStopped, NoLanguageModel, BudgetSpent):
            return None
        for seat in seats:
            if not self.planning.rests(seat):
                return Ready(seat.ref, seat.server.name, seat.first)
        return None

    def ask(self, asked: Asked) -> Said:
        """The whole answer of the first assigned model that gives a good one.

        Raises AIStopped, NoLanguageModel, ModelsAway, BudgetSpent; UnknownModel for a prompt that
        is not registered; LedgerUnavailable and CallsBehind where it could not be recorded.
        """
        self._require_known(asked)
        answering = Answering(self._means, asked, held=True)
        for _ in answering.pieces():
            pass
        return answering.said

    @contextmanager
    def stream(self, asked: Asked) -> Generator[Stream]:
        """The same in pieces; leaving the block before the end gives the answer up."""
        self._require_known(asked)
        answering = Answering(self._means, asked, held=False)
        pieces = answering.pieces()
        try:
            yield _Streaming(answering, pieces)
        finally:
            pieces.close()

    def hear(self, spoken: Spoken) -> Said:
        """What was said, as text, which may be empty; raises what ``ask`` raises."""
        asked = asked_of(spoken)
        self._require_known(asked)
        hearing = Hearing(self._means, asked, spoken)
        for _ in hearing.pieces():
            pass
        return hearing.said

    def forget(self) -> None:
        """Lets go of what was noticed of servers and read a moment ago."""
        self.planning.forget()
        self._means.plain.clear()

    def close(self) -> None:
        """Writes what is still to be recorded."""
        self.calls.settle()

    def _require_known(self, asked: Asked) -> None:
        """Whatever a draft names can be recalled, so it must be registered."""
        ref = asked.prompt.ref
        if ref not in self._known:
            self._registry.card(ref)
            self._known.add(ref)
