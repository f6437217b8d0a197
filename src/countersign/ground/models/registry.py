"""Keeps every version of every model with its card; nothing else can propose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from countersign.ground.db import Pool
from countersign.ground.identity import Principal
from countersign.ground.ledger import Event, EventKind, Ledger

from .card import ModelCard, ModelRef
from .errors import UnknownModel, VersionTaken

_INSTALLER = Principal.system("installer")


@dataclass(frozen=True, slots=True)
class Registered:
    """A version as the registry keeps it."""

    ref: ModelRef
    card: ModelCard
    at: datetime


class Registry:
    """Append-only: a version is never changed or removed. ``pool`` logs in as STEWARD."""

    def __init__(self, pool: Pool, ledger: Ledger) -> None:
        self._pool = pool
        self._ledger = ledger

    def register(self, card: ModelCard, digest: str, by: Principal = _INSTALLER) -> ModelRef:
        """Makes a version known, once; its row and its receipt are written together.

        ``digest`` is the SHA-256 of what runs, in hexadecimal. Repeating it is harmless.
        Raises VersionTaken when the same name and version has another digest or card,
        LedgerUnavailable, DatabaseUnavailable.
        """
        ref = ModelRef(card.name, card.version, digest)
        found = self._pool.rows(_ONE, (ref.name, ref.version))
        if not found:
            with self._ledger.unit(self._pool) as unit:
                if _insert(unit.connection, ref, card):
                    unit.record(
                        Event(
                            EventKind.MODEL_REGISTERED,
                            by.actor,
                            model=ref.label,
                            commits={"digest": digest},
                            detail={"kind": str(card.kind)},
                        )
                    )
            found = self._pool.rows(_ONE, (ref.name, ref.version))
        _compare(found[0], ref, card)
        return ref

    def all(self) -> list[Registered]:
        """Every version of every model, the newest of each name first."""
        rows = self._pool.rows(
            "select name, version, digest, card, registered_at from models.version"
            " order by name, registered_at desc, version desc"
        )
        return [_read(row) for row in rows]

    def card(self, ref: ModelRef) -> ModelCard:
        """The card of one version. Raises UnknownModel, also for another digest."""
        rows = self._pool.rows(_ONE, (ref.name, ref.version))
        if not rows or rows[0]["digest"].hex() != ref.digest:
            raise UnknownModel(name=ref.name, version=ref.version)
        return ModelCard.from_json(rows[0]["card"])


_ONE = (
    "select name, version, digest, card, registered_at from models.version"
    " where name = %s and version = %s"
)


def _insert(connection: Connection[DictRow], ref: ModelRef, card: ModelCard) -> bool:
    """False when another process was quicker."""
    made = connection.execute(
        "insert into models.version (name, version, digest, kind, card)"
        " values (%s, %s, %s, %s, %s) on conflict do nothing returning name",
        (ref.name, ref.version, bytes.fromhex(ref.digest), card.kind, Jsonb(card.as_json())),
    )
    return made.fetchone() is not None


def _compare(row: dict[str, Any], ref: ModelRef, card: ModelCard) -> None:
    if row["digest"].hex() != ref.digest:
        raise VersionTaken(name=ref.name, version=ref.version, what="digest")
    if row["card"] != card.as_json():
        raise VersionTaken(name=ref.name, version=ref.version, what="card")


def _read(row: dict[str, Any]) -> Registered:
    ref = ModelRef(row["name"], row["version"], row["digest"].hex())
    return Registered(ref, ModelCard.from_json(row["card"]), row["registered_at"])
