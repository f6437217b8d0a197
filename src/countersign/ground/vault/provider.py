"""The port to whatever keeps the keys that wrap data keys."""

from __future__ import annotations

from typing import Protocol


class KeyProvider(Protocol):
    """Keeps the wrapping keys, each with a version, and the key of the search index.

    A provider never hands a wrapping key out. What an older version wrapped stays
    readable for as long as the provider keeps that version.
    """

    def current_version(self) -> int:
        """The version that wraps new data keys."""
        ...

    def wrap(self, version: int, key: bytes) -> bytes:
        """``key`` wrapped by ``version``. Raises KeysMissing for a version it does not keep."""
        ...

    def unwrap(self, version: int, wrapped: bytes) -> bytes:
        """The data key. Raises Unreadable when ``wrapped`` was not made by this very key."""
        ...

    def index_key(self) -> bytes:
        """32 bytes under which searchable values are hashed."""
        ...
