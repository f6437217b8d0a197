"""Chooses what keeps the wrapping keys, and lets the ledger hear what happens to them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.egress import Egress
from countersign.ground.identity import Principal
from countersign.ground.ledger import Event, EventKind, Ledger, Unit
from countersign.ground.vault import (
    Batches,
    Deed,
    KeyProvider,
    open_keys,
)

from .settings import Settings

KINDS = {
    "rotated": EventKind.KEYS_ROTATED,
    "resealed": EventKind.DATA_RESEALED,
    "destroyed": EventKind.DATA_DESTROYED,
}


def keeper(settings: Settings, pool: Pool, egress: Egress) -> KeyProvider:
    """The key provider that the settings name. ``pool`` logs in as DbRole.VAULT.

    Raises BadSetting for what is missing, and the errors of unusable keys.
    """
    return open_keys(pool, settings.keys, settings.cipher)


@dataclass(frozen=True, slots=True)
class _Told:
    """A transaction of the vault whose deeds become events of ``actor``."""

    unit: Unit
    actor: str

    @property
    def connection(self) -> Connection[DictRow]:
        return self.unit.connection

    def record(self, deed: Deed) -> None:
        self.unit.record(
            Event(
                kind=KINDS[deed.what],
                actor=self.actor,
                patient=deed.patient,
                subject=deed.subject,
                commits=deed.commits,
                detail=deed.detail,
            )
        )


def told(ledger: Ledger, pool: Pool, by: Principal) -> Batches:
    """Transactions of the vault with their events in the ledger, or neither."""

    @contextmanager
    def batch() -> Generator[_Told]:
        with ledger.unit(pool) as unit:
            yield _Told(unit, by.actor)

    return batch
