"""Destroys every key of one patient, so that nobody can ever read the patient's data again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from psycopg import errors

from countersign.kit.clock import stamp
from countersign.kit.json import JSON, encode

from .deeds import Batches, Deed
from .errors import BadOrder
from .keyring import KEPT_SECONDS
from .vault import HOUSE, Vault

FORMAT = "countersign certificate of destruction 1"
LONGEST = 120


class Ground(StrEnum):
    """Why data may be destroyed."""

    RETENTION_ENDED = "retention-ended"
    PATIENT_REQUEST = "patient-request"
    COURT_ORDER = "court-order"
    WRONGLY_RECEIVED = "wrongly-received"
    TEST_DATA = "test-data"


@dataclass(frozen=True, slots=True)
class Order:
    """Two different persons order it, by their identifiers; ``reference`` is a file number.

    Raises BadOrder for anything less.
    """

    patient: str
    ground: Ground
    reference: str
    ordered_by: str
    confirmed_by: str

    def __post_init__(self) -> None:
        if not self.patient or self.patient == HOUSE:
            raise BadOrder(problem="it is no patient")
        if not self.ordered_by or not self.confirmed_by:
            raise BadOrder(problem="two persons must be named")
        if self.ordered_by == self.confirmed_by:
            raise BadOrder(problem="the second person must be another than the first")
        if not self.reference.strip() or len(self.reference) > LONGEST:
            raise BadOrder(problem=f"the reference must have 1 to {LONGEST} signs")
        if not self.reference.isprintable():
            raise BadOrder(problem="the reference has a sign that cannot be printed")


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was destroyed. ``text`` is what the ledger commits to by its SHA-256.

    ``rows`` counts the sealed rows that nobody can open any more, by table.
    """

    id: str
    text: str
    keys: tuple[int, ...]
    rows: dict[str, int]

    @property
    def sha256(self) -> str:
        """In hexadecimal."""
        return sha256(self.text.encode()).hexdigest()


def shred(
    vault: Vault, batches: Batches, order: Order, identifier: str, now: datetime
) -> Certificate:
    """Destroys the wrapped keys, the search words and the unfinished texts, in one transaction.

    ``identifier`` is a fresh one and names the certificate. Other processes may go on opening
    what they have a key for until KEPT_SECONDS have passed. Raises BadOrder for a patient who
    has no keys or whose keys are gone already, DatabaseUnavailable while the patient's data
    are being written; then nothing was destroyed.
    """
    try:
        with batches() as unit:
            found = unit.connection.execute(
                "select kind, name, number from vault.condemn(%s)", (order.patient,)
            ).fetchall()
            keys = tuple(row["number"] for row in found if row["kind"] == "key")
            if not keys:
                raise BadOrder(problem="this patient has no keys, or they are gone already")
            rows = {row["name"]: row["number"] for row in found if row["kind"] == "rows"}
            text = encode(_said(order, identifier, now, keys, rows)).decode()
            certificate = Certificate(identifier, text, keys, rows)
            unit.connection.execute(
                "select vault.shred(%s, %s, %s, %s)", (order.patient, identifier, text, now)
            )
            unit.record(_deed(order, certificate))
    except errors.UniqueViolation:
        raise BadOrder(problem="the keys of this patient are gone already") from None
    vault.forget(order.patient)
    return certificate


def _said(
    order: Order, identifier: str, now: datetime, keys: tuple[int, ...], rows: dict[str, int]
) -> JSON:
    return {
        "format": FORMAT,
        "id": identifier,
        "at": stamp(now),
        "patient": order.patient,
        "ground": str(order.ground),
        "reference": order.reference.strip(),
        "ordered_by": f"person:{order.ordered_by}",
        "confirmed_by": f"person:{order.confirmed_by}",
        "keys": list(keys),
        "rows": rows,
        "memory_seconds": int(KEPT_SECONDS),
    }


def _deed(order: Order, certificate: Certificate) -> Deed:
    return Deed(
        "destroyed",
        f"certificate:{certificate.id}",
        patient=order.patient,
        commits={"certificate": certificate.sha256},
        detail={
            "ground": str(order.ground),
            "reference": order.reference.strip(),
            "ordered_by": f"person:{order.ordered_by}",
            "confirmed_by": f"person:{order.confirmed_by}",
            "keys": len(certificate.keys),
            "first_key": certificate.keys[0],
            "last_key": certificate.keys[-1],
            "rows": sum(certificate.rows.values()),
            "memory_seconds": int(KEPT_SECONDS),
        },
    )
