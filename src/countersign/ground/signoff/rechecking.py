"""Asks once more, at the moment of a signature, whether what was checked before still holds."""

from __future__ import annotations

from collections.abc import Callable

from countersign.ground.identity import Principal

from .draft import Body, Draft
from .errors import NotRechecked

Recheck = Callable[[Principal, Draft[Body]], str]
"""Returns the identifier of the check under which a person may sign a draft, or nothing where none
is needed. Raises NewAlerts where something new is to be read first, NotRechecked."""


class Rechecks:
    """Which room is asked about which kind of draft; named by the house as it is built."""

    def __init__(self) -> None:
        self._asked: dict[str, Recheck] = {}

    def add(self, kind: str, recheck: Recheck) -> None:
        """``kind`` is ``room.kind`` of the drafts."""
        self._asked[kind] = recheck

    def check(self, principal: Principal, draft: Draft[Body]) -> str:
        """As ``Recheck``. What a person wrote is never signed unchecked: where nobody is there to
        ask, that raises NotRechecked.
        """
        recheck = self._asked.get(f"{draft.head.room}.{draft.head.kind}")
        if recheck is not None:
            return recheck(principal, draft)
        if draft.body.written:
            raise NotRechecked
        return ""
