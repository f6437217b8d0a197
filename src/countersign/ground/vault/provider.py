"""The port to whatever keeps the keys that wrap data keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .errors import Unreadable


class KeyProvider(Protocol):
    """Keeps the wrapping keys, each with a version, and the key of the search index.

    A provider never hands a wrapping key out. What an older version wrapped stays
    readable for as long as the provider keeps that version. Any call may raise
    KeysUnavailable where the keys are kept outside this process.
    """

    def current_version(self) -> int:
        """The version that wraps new data keys."""
        ...

    def refresh(self) -> None:
        """Looks again which versions there are: another process may have made one."""
        ...

    def add_version(self) -> int:
        """Makes the next wrapping key and returns its version; older versions still unwrap."""
        ...

    def wrap(self, version: int, key: bytes) -> bytes:
        """``key`` wrapped by ``version``. Raises KeysMissing for a version it does not keep."""
        ...

    def unwrap(self, version: int, wrapped: bytes) -> bytes:
        """The data key. Raises Unreadable when ``wrapped`` was not made by this very key."""
        ...

    def wrap_all(self, version: int, keys: Sequence[bytes]) -> list[bytes]:
        """Many keys at once; raises as ``wrap``."""
        ...

    def unwrap_all(self, wrapped: Sequence[tuple[int, bytes]]) -> list[bytes | None]:
        """Many (version, wrapped) at once; None for each that does not unwrap."""
        ...

    def index_key(self) -> bytes:
        """32 bytes under which searchable values are hashed."""
        ...

    def describe(self) -> str:
        """Where the keys are kept, for the administrator; shows none of them."""
        ...


class OneByOne:
    """``wrap_all`` and ``unwrap_all`` for providers that gain nothing from many at once."""

    def wrap(self, version: int, key: bytes) -> bytes:
        """As in KeyProvider."""
        raise NotImplementedError

    def unwrap(self, version: int, wrapped: bytes) -> bytes:
        """As in KeyProvider."""
        raise NotImplementedError

    def wrap_all(self, version: int, keys: Sequence[bytes]) -> list[bytes]:
        """As in KeyProvider."""
        return [self.wrap(version, key) for key in keys]

    def unwrap_all(self, wrapped: Sequence[tuple[int, bytes]]) -> list[bytes | None]:
        """As in KeyProvider."""
        return [self._unwrapped(version, one) for version, one in wrapped]

    def _unwrapped(self, version: int, wrapped: bytes) -> bytes | None:
        try:
            return self.unwrap(version, wrapped)
        except Unreadable:
            return None
