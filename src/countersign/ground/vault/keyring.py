"""The unwrapped data keys that a process holds, at most so many."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from .suites import Cipher


@dataclass(frozen=True, slots=True)
class DataKey:
    """One version of a subject's key, ready to seal and open; the key itself is never shown."""

    id: int
    subject: str
    version: int
    suite: int
    cipher: Cipher = field(repr=False)


class Keyring:
    """Forgets the key that was used least recently; safe to use from many threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._keys: OrderedDict[int, DataKey] = OrderedDict()
        self._newest: dict[str, int] = {}
        self._lock = Lock()

    def by_id(self, key_id: int) -> DataKey | None:
        with self._lock:
            key = self._keys.get(key_id)
            if key is not None:
                self._keys.move_to_end(key_id)
            return key

    def newest(self, subject: str) -> DataKey | None:
        """The key that seals for ``subject``, if it is held and known to be the newest."""
        with self._lock:
            key_id = self._newest.get(subject)
            if key_id is None:
                return None
            self._keys.move_to_end(key_id)
            return self._keys[key_id]

    def hold(self, key: DataKey, *, newest: bool) -> None:
        with self._lock:
            self._keys[key.id] = key
            self._keys.move_to_end(key.id)
            if newest:
                self._newest[key.subject] = key.id
            while len(self._keys) > self._limit:
                key_id, gone = self._keys.popitem(last=False)
                if self._newest.get(gone.subject) == key_id:
                    del self._newest[gone.subject]

    def __len__(self) -> int:
        return len(self._keys)
