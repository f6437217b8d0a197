"""A small hospital on a real database, with a clock that tests set."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from argon2 import PasswordHasher

from countersign.ground.db import Database, DbRole
from countersign.ground.identity import (
    Accounts,
    Clients,
    LicenceKind,
    People,
    Policy,
    Principal,
    Role,
)
from countersign.ground.ledger import EventQuery, Ledger, Recorded, Signer
from countersign.kit.ids import new_id
from countersign.kit.words import Words

INSTALLER = Principal.system("installer")
PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **step: float) -> None:
        self.now += timedelta(**step)


class World:
    """Everything identity offers, wired as the application wires it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock()
        self.ledger = Ledger(
            database.pool(DbRole.LEDGER),
            Signer("test.example/ledger", bytes(32)),
            self.clock,
            checkpoint_every=None,
        )
        self.pool = database.pool(DbRole.IDENTITY)
        self.policy = Policy(self.ledger)
        self.people = People(self.pool, self.ledger, self.policy, self.clock, new_id)
        self.accounts = self.process()
        self.clients = Clients(self.pool, self.ledger, self.policy, self.clock, new_id)

    def process(self) -> Accounts:
        """The accounts as one more process of the application sees them."""
        return Accounts(self.pool, self.ledger, self.policy, self.clock, new_id, b"key", work=QUICK)

    def department(self, *codes: str) -> None:
        for code in codes:
            self.people.department(code, Words(code.title(), f"{code}科"), by=INSTALLER)

    def person(self, username: str, *roles: Role) -> str:
        """A person with an account, roles and a licence for each role that has one."""
        person = self.people.add(f"Name of {username}", by=INSTALLER)
        for role in roles:
            self.people.grant(person, role, by=INSTALLER)
            if role in set(LicenceKind):
                self.people.license(
                    person,
                    LicenceKind(role),
                    date(2020, 1, 1),
                    date(2030, 1, 1),
                    by=INSTALLER,
                )
        self.accounts.create(username, person, PASSWORD, by=INSTALLER)
        return person

    def events(self, *kinds: str) -> list[Recorded]:
        """What the ledger recorded, oldest first."""
        page = self.ledger.events(EventQuery(kinds=kinds, limit=500))
        return sorted(page.events, key=lambda event: event.index)
