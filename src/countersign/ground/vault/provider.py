"""The port to whatever keeps the keys that wrap data keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from countersign.ground.db import Pool

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


class Remote(KeyProvider, Protocol):
    """A provider whose first keys are made on request alone."""

    def make_first(self) -> None:
        """Makes the first keys where they are missing."""
        ...


_Remote = TypeVar("_Remote", bound=Remote)


def open_kept(pool: Pool, provider: _Remote) -> _Remote:
    """The provider, with first keys only where the database has none yet.

    ``pool`` logs in as DbRole.VAULT. New keys beside data that others wrapped would hide that
    those are lost: then the provider stays as it is, and says what is missing when it is used.
    """
    if not pool.rows("select 1 from vault.data_key limit 1"):
        provider.make_first()
    return provider
