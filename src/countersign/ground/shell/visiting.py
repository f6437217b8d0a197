"""Visitors without an account: whoever holds a link of one visit, and what it lets them open."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from countersign.ground.interviews import Held, Interviews, LinkUnusable, TooMuch

from .sessions import known

if TYPE_CHECKING:
    from collections.abc import Callable

GUESSES, WITHIN = 60, 60.0
"""Links that lead nowhere and may be tried within so many seconds, in one process."""


class Wrong:
    """Counts links that lead nowhere, so that nobody tries very many of them."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._when: deque[float] = deque(maxlen=GUESSES)

    def happened(self) -> None:
        """Once more. Raises TooMuch where it happens too often."""
        with self._lock:
            self._when.append(self._now())
            if len(self._when) == GUESSES and self._now() - self._when[0] < WITHIN:
                raise TooMuch


@dataclass(frozen=True, slots=True)
class Visit:
    """A link that somebody brought; nothing of it is known before it is opened."""

    secret: str = field(repr=False)
    _interviews: Interviews = field(repr=False)
    _wrong: Wrong = field(repr=False)

    def open(self) -> Held:
        """The interview of the link. Raises LinkUnusable, TooMuch, DatabaseUnavailable."""
        try:
            return self._interviews.links.open(self.secret)
        except LinkUnusable:
            self._wrong.happened()
            raise


def visiting(request: Request, secret: str) -> Visit:
    """Dependency of every page that needs no account: the link in the address (``{secret}``).

    A member of the staff who looks at it keeps the session, so that its forms carry its token.
    """
    known(request)
    return Visit(secret, request.app.state.interviews, request.app.state.wrong_links)


Visiting = Annotated[Visit, Depends(visiting)]
"""The parameter type of a page for whoever holds a link."""
