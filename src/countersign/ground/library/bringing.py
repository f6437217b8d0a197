"""Brings in the documents that an installation ships: many at once, published, unreviewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from countersign.ground.db import WHOLE
from countersign.ground.ledger import Ledger, Unit
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .card import Card, Shelved
from .keeping import LIBRARIAN, change_event, read_event
from .rows import Rows
from .sources import Sealing, subject
from .understanding import cut, read


@dataclass(frozen=True, slots=True)
class Brought:
    """A Markdown file of our own: ``id`` is the document's, the same at every start."""

    id: str
    card: Card
    data: bytes


class Bringing:
    """``limit`` is the most bytes of one file."""

    def __init__(self, rows: Rows, ledger: Ledger, clock: Clock, new_id: NewId, limit: int) -> None:
        self._rows = rows
        self._ledger = ledger
        self._clock = clock
        self._new_id = new_id
        self._limit = limit

    def bring(self, files: Sequence[Brought]) -> int:
        """Publishes those that are not here yet; returns how many.

        All of them or none. They are read in this process, which is right for our own files
        alone. Raises NotUnderstood, LedgerUnavailable, DatabaseUnavailable.
        """
        known = self._rows.some(WHOLE, [one.id for one in files])
        fresh = [one for one in files if one.id not in known]
        self._rows.vault.ensure(subject(one.id) for one in fresh)
        with self._ledger.unit(self._rows.within(WHOLE)) as unit:
            for one in fresh:
                self._add(unit, one)
        return len(fresh)

    def _add(self, unit: Unit, one: Brought) -> None:
        found = read(one.data, "md")
        pieces = cut(found)
        version = self._new_id()
        card = replace(one.card, title=found.title or one.card.title).with_front(found.front)
        change = Shelved(one.id, 0, 1, "draft", None, card, None, self._clock())
        published = replace(change, number=2, state="published", version=version)
        unit.connection.execute("insert into library.document (id) values (%s)", (one.id,))
        sealing = Sealing(self._rows.vault, one.id, version, self._limit)
        names = (one.id, version, 1)
        self._rows.add_version(unit.connection, sealing, names, [one.data], LIBRARIAN.actor)
        self._rows.add_change(unit.connection, change, "received", LIBRARIAN.actor)
        digest = self._rows.add_text(unit.connection, (one.id, version), found, pieces)
        self._rows.add_change(unit.connection, published, "published", LIBRARIAN.actor)
        source = sealing.sha256.hex()
        unit.record(change_event(LIBRARIAN, change, "received").committing(source=source))
        unit.record(read_event(one.id, version, found, digest, len(pieces)))
        unit.record(change_event(LIBRARIAN, published, "published"))
