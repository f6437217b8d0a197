"""The ledger as every other part sees it: record, prove, search, verify."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache

from countersign.ground.db import DbRole, Pool
from countersign.kit.clock import Clock

from .checkpoint import Checkpoints, Keeper
from .commit import Committer
from .cosignature import WitnessKey
from .errors import NotInLedger
from .event import Event, EventKind, Receipt
from .fsck import Report, inspect
from .merkle import leaf_hash
from .note import Checkpoint, Signer
from .pruned import Gone, gone
from .query import EventPage, EventQuery, Tally
from .second import SecondSigner, SecondStanding
from .store import Store
from .tree import Tree
from .unit import Unit

Salt = Callable[[], bytes]
"""Returns 16 fresh random bytes."""


def random_salt() -> bytes:
    """Sixteen bytes from the operating system."""
    return secrets.token_bytes(16)


class Ledger:
    """The append-only record of who did what. Safe to use from every thread of a process.

    ``deadline`` is how many seconds ``record`` waits for the disk; ``checkpoint_every`` is
    the least number of seconds between two checkpoints made in the background, None for none.
    ``second`` adds a device's signature to checkpoints, where it can.
    """

    def __init__(
        self,
        pool: Pool,
        signer: Signer,
        clock: Clock,
        *,
        salt: Salt = random_salt,
        deadline: float = 2.0,
        checkpoint_every: float | None = 5.0,
        second: SecondSigner | None = None,
    ) -> None:
        if pool.role is not DbRole.LEDGER:
            raise ValueError("the ledger works as the database role LEDGER alone")
        self._pool = pool
        self._signer = signer
        self._clock = clock
        self._salt = salt
        self._deadline = deadline
        self._store = Store(pool)
        self._committer = Committer(self._store)
        self._tree = Tree(pool)
        self._second = second
        self._checkpoints = Checkpoints(self._tree, signer, clock, second)
        self._keeper = Keeper(self._checkpoints, checkpoint_every) if checkpoint_every else None

    @property
    def origin(self) -> str:
        """The name under which this ledger signs."""
        return self._signer.origin

    @property
    def verifier_key(self) -> str:
        """The public key for outsiders, ``name+id+base64`` as in c2sp.org/signed-note."""
        return self._signer.verifier.text

    def record(self, event: Event) -> Receipt:
        """Returns when the event is durable; raises LedgerUnavailable when that takes too long."""
        body, at = self._dated(event)
        index = self._committer.write(body, self._deadline)
        self._touch()
        return Receipt(index, leaf_hash(body).hex(), at)

    def begin(self, event: Event) -> Callable[[], Receipt]:
        """Puts the event on its way; calling what is returned waits until it is durable.

        For a step whose result comes later than its receipt: both take their time together.
        What is returned raises LedgerUnavailable.
        """
        body, at = self._dated(event)
        written = self._committer.begin(body)
        until = time.monotonic() + self._deadline
        self._touch()

        @cache
        def receipt() -> Receipt:
            index = written(max(0.0, until - time.monotonic()))
            return Receipt(index, leaf_hash(body).hex(), at)

        return receipt

    def record_all(self, events: Sequence[Event]) -> list[Receipt]:
        """Returns when all are durable, in this order; raises LedgerUnavailable.

        They share one deadline and usually one transaction; some may be written when it raises.
        """
        dated = [self._dated(event) for event in events]
        indices = self._committer.write_all([body for body, _ in dated], self._deadline)
        self._touch()
        return [
            Receipt(index, leaf_hash(body).hex(), at)
            for index, (body, at) in zip(indices, dated, strict=True)
        ]

    def record_soon(self, event: Event) -> None:
        """Returns at once; the event, with the present time, is written as soon as possible."""
        self._committer.write_soon(self._dated(event)[0])
        self._touch()

    @contextmanager
    def unit(self, pool: Pool) -> Generator[Unit]:
        """One transaction on another part's ``pool``: its rows and its events, or neither.

        Let no deferred constraint of that transaction wait for rows that another unit may
        hold. Raises LedgerUnavailable, and nothing is written, when the ledger cannot append.
        """
        with pool.transaction() as connection:
            unit = Unit(connection, self._dated)
            yield unit
            unit.commit()
        if unit.receipts:
            self._touch()

    def checkpoint(self) -> Checkpoint:
        """A signed checkpoint of all that is durable; raises LedgerBroken."""
        return self._checkpoints.make()

    def latest(self) -> Checkpoint | None:
        """The newest checkpoint that was made."""
        return self._checkpoints.latest()

    def second(self) -> SecondStanding | None:
        """How the device that signs beside our key stands; None where none is configured."""
        return self._second and self._second.standing(self.latest())

    def opened(self, note: str) -> Checkpoint:
        """The checkpoint in a note that this ledger's key signed; raises NoteRefused."""
        return self._signer.verifier.open(note)

    def checkpoints(self, sizes: Sequence[int]) -> dict[int, str]:
        """The notes of the checkpoints that were made at these sizes."""
        return self._tree.notes(sizes)

    def size(self) -> int:
        """How many leaves there are."""
        return self._tree.size()

    def unwritten(self) -> int:
        """How many events of this process wait to be written."""
        return self._committer.unwritten()

    def root(self, size: int) -> bytes:
        """The root over the first ``size`` leaves; raises NotInLedger."""
        self._check_size(size)
        return self._tree.root(size)

    def hashes(self, level: int, index: int) -> list[bytes]:
        """The hashes of one tile, as many as there are; raises LedgerBroken."""
        return self._tree.hashes(level, index)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that the leaf ``index`` is in the tree of ``size``; raises NotInLedger."""
        return self.inclusions([index], size)[0]

    def inclusions(self, indices: Sequence[int], size: int) -> list[list[bytes]]:
        """The proofs of many leaves at once; raises NotInLedger."""
        self._check_size(size)
        return self._tree.inclusions(indices, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of ``new`` begins with that of ``old``; raises NotInLedger."""
        self._check_size(new)
        return self._tree.consistency(old, new)

    def events(self, query: EventQuery) -> EventPage:
        """One page of what the query asks for, newest first."""
        return self._store.events(query)

    def tally(self, patient: str, kinds: Sequence[EventKind]) -> list[Tally]:
        """Who took steps of these kinds about a patient, how often and when."""
        return self._store.tally(patient, [str(kind) for kind in kinds])

    def gone(self, query: EventQuery, most: int) -> list[Gone]:
        """Leaves that were pruned within the kinds and the time of a query, whole batches of them.

        Whose they were is not known any more; at most ``most``.
        """
        return gone(self._pool, query, most)

    def verify(self, known: Sequence[str] = (), witnesses: Sequence[WitnessKey] = ()) -> Report:
        """Recomputes everything from the stored events.

        ``known`` are notes of checkpoints kept elsewhere; a restored old backup, or a history
        rewritten together with its checkpoints, disagrees with them. The kept cosignatures of
        ``witnesses`` must be good, and what a witness found wrong is reported.
        """
        second = self._second and self._second.verifier
        return inspect(self._pool, self._signer.verifier, known, witnesses, second)

    def close(self, patience: float = 5.0) -> None:
        """Writes what waits, then a last checkpoint, and stops; raises LedgerUnavailable."""
        try:
            self._committer.close(patience)
        finally:
            if self._keeper:
                self._keeper.close()

    def body(self, event: Event) -> bytes:
        """The bytes of an event of this moment, for whoever appends it within the database."""
        return self._dated(event)[0]

    def _dated(self, event: Event) -> tuple[bytes, datetime]:
        at = self._clock()
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return event.body(at, self._salt()), at

    def _touch(self) -> None:
        if self._keeper:
            self._keeper.touch()

    def _check_size(self, size: int) -> None:
        present = self._tree.size()
        if not 0 <= size <= present:
            raise NotInLedger(index=size, size=present)
