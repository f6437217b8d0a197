"""A chart with everything below it, wired as the application wires it, and small resources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from countersign.ground.chart import Chart
from countersign.ground.db import Database, DbRole
from countersign.ground.identity import Policy, Principal, Purpose, Role
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import EventKind, EventQuery, Ledger, Recorded, Signer
from countersign.ground.vault import SealedFileProvider, Vault
from countersign.kit.ids import new_id
from countersign.kit.json import JSON

START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
IMPORTER = Principal.system("importer")
WORKER = Principal.system("worker")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **step: float) -> None:
        self.now += timedelta(**step)


class Hospital:
    """One chart on a database of its own; ``listeners`` wake tasks on new observations."""

    def __init__(self, database: Database, keys: Path) -> None:
        self.database = database
        self.clock = Clock()
        self.ledger = Ledger(
            database.pool(DbRole.LEDGER),
            Signer("test.example/ledger", bytes(32)),
            self.clock,
            checkpoint_every=None,
        )
        self.policy = Policy(self.ledger)
        self.vault = Vault(database.pool(DbRole.VAULT), SealedFileProvider(keys))
        self.jobs = Jobs(database, self.ledger)
        self.chart = Chart(
            database,
            self.vault,
            self.ledger,
            self.policy,
            self.jobs,
            self.clock,
            new_id,
            listeners={"Observation": ("workstation.review",)},
        )
        self.reader = self.chart.reader(WORKER)

    def take(self, data: bytes | JSON, **options: Any) -> Any:
        """Receives as the importer does."""
        options = {"source": "test", "keep_ids": True, **options}
        return self.chart.receive(IMPORTER, data, **options)

    def admit(self, *patients: str, department: str = "cardiology") -> None:
        """Makes patients of a department."""
        self.take(transaction(*(patient(one) for one in patients)), departments=(department,))

    def events(self, kind: EventKind) -> list[Recorded]:
        """The newest first."""
        return [one for one in self.ledger.events(EventQuery()).events if one.kind == kind]


def physician(name: str = "li", *departments: str, **more: Any) -> Principal:
    return Principal(
        name, name, "person", frozenset({Role.PHYSICIAN}), frozenset(departments), **more
    )


def client(*scopes: str, departments: tuple[str, ...] = ("cardiology",)) -> Principal:
    return Principal(
        "lis", "lis", "client", departments=frozenset(departments), scopes=frozenset(scopes)
    )


def own_record(patient_id: str) -> Principal:
    return Principal(
        "wang",
        "wang",
        "person",
        frozenset({Role.PATIENT}),
        patients=frozenset({patient_id}),
        purpose=Purpose.PERSONAL,
    )


def transaction(*resources: JSON, kind: str = "transaction", method: str = "PUT") -> JSON:
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [
            {
                "resource": one,
                "request": {
                    "method": method,
                    "url": one["resourceType"] + (f"/{one['id']}" if method == "PUT" else ""),
                },
            }
            for one in resources
        ],
    }


def patient(pid: str = "p1", /, **more: Any) -> JSON:
    return {
        "resourceType": "Patient",
        "id": pid,
        "identifier": [{"system": "urn:mrn", "value": f"MRN-{pid}"}],
        "name": [{"text": "王小明", "family": "王", "given": ["小明"]}],
        "gender": "male",
        "birthDate": "1950-05-06",
        **more,
    }


def observation(pid: str = "o1", subject: str = "Patient/p1", /, **more: Any) -> JSON:
    return {
        "resourceType": "Observation",
        "id": pid,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}], "text": "HbA1c"},
        "subject": {"reference": subject},
        "effectiveDateTime": "2026-11-20T08:00:00+08:00",
        "valueQuantity": {"value": Decimal("6.50"), "unit": "%"},
        **more,
    }


def encounter(pid: str = "e1", subject: str = "Patient/p1", /, **more: Any) -> JSON:
    return {
        "resourceType": "Encounter",
        "id": pid,
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": subject},
        "period": {"start": "2026-11-19T10:00:00+08:00"},
        **more,
    }
