"""The unwrapped data keys that a process holds: at most so many, and for a bounded time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Timer
from time import monotonic

from .suites import Cipher

KEPT_SECONDS = 60.0
"""How long a process may go on using a key after it was destroyed or replaced elsewhere."""

Seconds = Callable[[], float]


@dataclass(frozen=True, slots=True)
class DataKey:
    """One version of a subject's key, ready to seal and open; the key itself is never shown."""

    id: int
    subject: str
    version: int
    suite: int
    cipher: Cipher = field(repr=False)


class Keyring:
    """Forgets what is too old, and the key used least recently; safe to use from many threads.

    A key is let go at most ``seconds`` and one more tenth after it was unwrapped, also when
    nobody asks for anything any more. Its memory is released, not overwritten: Python cannot.
    """

    def __init__(self, limit: int, seconds: float = KEPT_SECONDS, now: Seconds = monotonic) -> None:
        self._limit = limit
        self._seconds = seconds
        self._now = now
        self._keys: OrderedDict[int, tuple[DataKey, float]] = OrderedDict()
        self._newest: dict[str, int] = {}
        self._lock = Lock()
        self._sweeper: Timer | None = None

    def by_id(self, key_id: int) -> DataKey | None:
        with self._lock:
            return self._held(key_id)

    def newest(self, subject: str) -> DataKey | None:
        """The key that seals for ``subject``, if it is held and known to be the newest."""
        with self._lock:
            key_id = self._newest.get(subject)
            return None if key_id is None else self._held(key_id)

    def hold(self, key: DataKey, *, newest: bool) -> None:
        with self._lock:
            self._keys[key.id] = (key, self._now() + self._seconds)
            self._keys.move_to_end(key.id)
            if newest:
                self._newest[key.subject] = key.id
            while len(self._keys) > self._limit:
                self._drop(next(iter(self._keys)))
            if self._sweeper is None or not self._sweeper.is_alive():
                self._sweeper = Timer(self._seconds / 10, self.sweep)
                self._sweeper.daemon = True
                self._sweeper.start()

    def forget(self, subject: str) -> None:
        """Lets go of every key of a subject at once."""
        with self._lock:
            for key_id in [one for one, (key, _) in self._keys.items() if key.subject == subject]:
                self._drop(key_id)

    def sweep(self) -> None:
        """Lets go of what is too old, and comes again while anything is held."""
        with self._lock:
            now = self._now()
            for key_id in [one for one, (_, until) in self._keys.items() if until <= now]:
                self._drop(key_id)
            self._sweeper = None
            if self._keys:
                self._sweeper = Timer(self._seconds / 10, self.sweep)
                self._sweeper.daemon = True
                self._sweeper.start()

    def _held(self, key_id: int) -> DataKey | None:
        found = self._keys.get(key_id)
        if found is None:
            return None
        key, until = found
        if until <= self._now():
            self._drop(key_id)
            return None
        self._keys.move_to_end(key_id)
        return key

    def _drop(self, key_id: int) -> None:
        key, _ = self._keys.pop(key_id)
        if self._newest.get(key.subject) == key_id:
            del self._newest[key.subject]

    def __len__(self) -> int:
        return len(self._keys)
