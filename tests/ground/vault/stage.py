"""A database with a vault and a ledger, and sealed rows of the chart in it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psycopg

from countersign.app.keeping import told
from countersign.ground.db import WHOLE, Database, DbRole
from countersign.ground.identity import Principal
from countersign.ground.ledger import EventQuery, Ledger, Recorded, Signer
from countersign.ground.vault import (
    Batches,
    DataRotation,
    Resealed,
    Sealed,
    SealedFileProvider,
    Suite,
    Vault,
)
from countersign.kit.clock import utc_now

INSTALLER = Principal.system("installer")


@dataclass
class Stage:
    """``folder`` holds the keys; several vaults may stand on it, as in several processes."""

    database: Database
    folder: Path
    ledger: Ledger

    def vault(self, suite: Suite = Suite.AES_256_GCM, **more: float) -> Vault:
        """A vault as another process would have it."""
        pool = self.database.pool(DbRole.VAULT)
        provider = SealedFileProvider(self.folder, suite)
        return Vault(pool, provider, suite=suite, **more)  # type: ignore[arg-type]

    @property
    def batches(self) -> Batches:
        return told(self.ledger, self.database.pool(DbRole.VAULT), INSTALLER)

    def events(self, **query: object) -> list[Recorded]:
        """The oldest first."""
        page = self.ledger.events(EventQuery(limit=500, **query))  # type: ignore[arg-type]
        return sorted(page.events, key=lambda event: event.index)

    def rotate(self, suite: Suite = Suite.AES_256_GCM) -> Resealed:
        """Every data key anew, without waiting for other processes."""
        store = self.vault(suite).store
        return DataRotation(store, self.batches, grace=0, rest=lambda seconds: None).run()

    def patients(self, *names: str) -> None:
        """Rows of the chart's patients, so that versions can refer to them."""
        with psycopg.connect(self.database.owner_conninfo) as owner:
            for name in names:
                owner.execute(
                    "insert into chart.patient (patient, departments) values (%s, '{cardiology}')",
                    (name,),
                )

    def write(self, vault: Vault, patient: str, number: int, version: int = 1) -> None:
        """One resource of the patient, sealed by this vault."""
        raw = content(patient, number)
        sealed = vault.seal(patient, raw, f"Observation/{patient}-{number}/{version}")
        with self.database.pool(DbRole.RECEIVER).transaction() as connection:
            connection.execute(
                "insert into chart.version (type, id, version, patient, at, origin, author, suite,"
                " key_id, box, sha256) values ('Observation', %s, %s, %s, now(), 'received', 'x',"
                " %s, %s, %s, %s)",
                (
                    f"{patient}-{number}",
                    version,
                    patient,
                    sealed.suite,
                    sealed.key_id,
                    sealed.box,
                    sha256(raw).digest(),
                ),
            )

    def read(self, vault: Vault, patient: str, number: int, version: int = 1) -> bytes:
        """Raises what the vault raises."""
        name = f"{patient}-{number}"
        rows = (
            self.database.pool(DbRole.ROOM)
            .within(WHOLE)
            .rows(
                "select suite, key_id, box, sha256 from chart.version"
                " where id = %s and version = %s",
                (name, version),
            )
        )
        row = rows[0]
        sealed = Sealed(row["suite"], row["key_id"], row["box"])
        raw = vault.open(patient, sealed, f"Observation/{name}/{version}")
        assert sha256(raw).digest() == row["sha256"]
        return raw

    def owner(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What the owner of the database sees or does."""
        with psycopg.connect(self.database.owner_conninfo) as owner:
            cursor = owner.execute(query, values or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []


@contextmanager
def staged(database: Database, folder: Path) -> Generator[Stage]:
    """The stage until the block ends."""
    ledger = Ledger(
        database.pool(DbRole.LEDGER),
        Signer("test.example/ledger", bytes(32)),
        utc_now,
        checkpoint_every=None,
    )
    yield Stage(database, folder, ledger)
    ledger.close()


def content(patient: str, number: int) -> bytes:
    """What a resource says; no two say the same."""
    return f'{{"secret":"potassium of {patient} number {number}"}}'.encode()
