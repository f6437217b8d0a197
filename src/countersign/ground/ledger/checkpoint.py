"""Signs the tree's root now and then, and never a tree that forgot what was signed before."""

from __future__ import annotations

import logging
import threading

import psycopg

from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError

from . import merkle
from .errors import LedgerBroken, NoteRefused
from .note import Checkpoint, Signer
from .second import SecondSigner
from .tree import Tree

_log = logging.getLogger(__name__)


class Checkpoints:
    """Makes and keeps checkpoints. Every new one is proved consistent with the last."""

    def __init__(
        self, tree: Tree, signer: Signer, clock: Clock, second: SecondSigner | None = None
    ) -> None:
        self._tree = tree
        self._signer = signer
        self._second = second
        self._clock = clock
        self._lock = threading.Lock()
        self._last: Checkpoint | None = None

    def latest(self) -> Checkpoint | None:
        """The newest kept checkpoint; raises LedgerBroken if this key did not sign it."""
        for note in self._tree.notes().values():
            return self._opened(note)
        return None

    def make(self) -> Checkpoint:
        """A checkpoint of everything that is durable now; the newest one if nothing is new.

        Raises LedgerBroken, and signs nothing, if the tree is not an extension of the tree
        that was signed last.
        """
        with self._lock:
            known = [known for known in (self.latest(), self._last) if known is not None]
            self._tree.tend()
            size = self._tree.size()
            root = self._tree.root(size)
            for last in known:
                self._check_extends(last, size, root)
            for last in known:
                if last.size == size:  # and of the same root, as was just proved
                    return last
            made = self._signer.sign(size, root)
            if self._second is not None:
                made = self._second.added(made)
            self._tree.publish(size, root, made.note, self._clock())
            self._last = made
            return made

    def _check_extends(self, last: Checkpoint, size: int, root: bytes) -> None:
        if last.size > size:
            raise LedgerBroken(reason=f"{last.size} leaves were signed and {size} are left")
        proof = self._tree.consistency(last.size, size)
        if not merkle.verify_consistency(last.size, size, last.root, root, proof):
            raise LedgerBroken(reason=f"the first {last.size} leaves are not those signed before")

    def _opened(self, note: str) -> Checkpoint:
        try:
            return self._signer.verifier.open(note)
        except NoteRefused as problem:
            raise LedgerBroken(reason="the last checkpoint is not of this key") from problem


class Keeper:
    """A thread that makes a checkpoint after activity, at most one every ``every`` seconds."""

    def __init__(self, checkpoints: Checkpoints, every: float) -> None:
        self._checkpoints = checkpoints
        self._every = every
        self._activity = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def touch(self) -> None:
        """Says that a leaf was written."""
        if self._activity.is_set():
            return
        self._activity.set()
        with self._lock:
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(
                    target=self._run, name="ledger-checkpoints", daemon=True
                )
                self._thread.start()

    def close(self) -> None:
        """Makes a last checkpoint if there ever was activity, and stops.

        What was to be written soon may have been written after the checkpoint that it asked
        for, so that the last one is made in any case.
        """
        with self._lock:
            self._closing.set()
        if self._thread is not None:
            self._thread.join()
            self._make()

    def _run(self) -> None:
        while not self._closing.wait(self._every):
            if self._activity.is_set():
                self._make()

    def _make(self) -> None:
        self._activity.clear()
        try:
            self._checkpoints.make()
        except (CountersignError, psycopg.Error) as problem:
            self._activity.set()
            _log.error("no checkpoint could be made: %s", getattr(problem, "code", "database"))
