"""Chooses what keeps the wrapping keys, and lets the ledger hear what happens to them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.egress import Egress
from countersign.ground.identity import Principal
from countersign.ground.ledger import Event, EventKind, Ledger, Unit
from countersign.ground.vault import (
    Asked,
    Batches,
    Deed,
    KeyProvider,
    Pkcs11Provider,
    TransitProvider,
    open_kept,
    open_keys,
    read_secret,
)

from .settings import BadSetting, Settings

KINDS = {
    "rotated": EventKind.KEYS_ROTATED,
    "resealed": EventKind.DATA_RESEALED,
    "destroyed": EventKind.DATA_DESTROYED,
}


def keeper(settings: Settings, pool: Pool, egress: Egress) -> KeyProvider:
    """The key provider that the settings name. ``pool`` logs in as DbRole.VAULT.

    Raises BadSetting for what is missing, and the errors of unusable keys.
    """
    if settings.key_provider == "transit":
        token = settings.transit_token_file
        if not settings.transit_address or token is None:
            raise _missing("TRANSIT_ADDRESS and COUNTERSIGN_TRANSIT_TOKEN_FILE", "transit")

        def ask(method: str, url: str, headers: Mapping[str, str], content: bytes) -> Asked:
            answer = egress.request(method, url, headers=headers, content=content or None)
            return Asked(answer.status, answer.content)

        return open_kept(
            pool,
            TransitProvider(
                ask, settings.transit_address, settings.transit_key, read_secret(token)
            ),
        )
    if settings.key_provider == "pkcs11":
        pin = settings.pkcs11_pin_file
        if not settings.pkcs11_library or not settings.pkcs11_token or pin is None:
            raise _missing("PKCS11_LIBRARY, _TOKEN and _PIN_FILE", "pkcs11")
        return open_kept(
            pool,
            Pkcs11Provider(settings.pkcs11_library, settings.pkcs11_token, read_secret(pin)),
        )
    return open_keys(pool, settings.keys, settings.cipher)


def _missing(names: str, provider: str) -> BadSetting:
    return BadSetting(
        name=f"COUNTERSIGN_{names}",
        problem=f"it is needed with COUNTERSIGN_KEY_PROVIDER={provider}",
    )


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
