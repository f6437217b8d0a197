"""The port through which the vault tells the ledger, which stands above it, what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from psycopg import Connection
from psycopg.rows import DictRow

What = Literal["rotated", "resealed", "destroyed"]


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done to keys: an event in the making, with no key and no clinical content."""

    what: What
    subject: str
    patient: str | None = None
    commits: Mapping[str, str] = field(default_factory=dict[str, str])
    detail: Mapping[str, str | int | bool] = field(default_factory=dict[str, str | int | bool])


class Batch(Protocol):
    """One transaction as DbRole.VAULT together with what the ledger must be told of it."""

    @property
    def connection(self) -> Connection[DictRow]: ...

    def record(self, deed: Deed) -> None:
        """The deed is durable with the transaction, or neither is."""
        ...


Batches = Callable[[], AbstractContextManager[Batch]]
"""Opens a transaction; it is committed with its deeds at the end of the block."""
