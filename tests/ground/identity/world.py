"""A small hospital on a real database, with a clock that tests set."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from argon2 import PasswordHasher

from countersign.ground.db import Database, DbRole
from countersign.ground.egress import Egress
from countersign.ground.identity import (
    Accounts,
    Clients,
    Entrance,
    LicenceKind,
    People,
    Policy,
    Principal,
    ProviderSettings,
    Role,
    SecondFactor,
)
from countersign.ground.ledger import EventQuery, Ledger, Recorded, Signer
from countersign.ground.vault import Vault
from countersign.ground.vault.provider import OneByOne
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


class KeptKeys(OneByOne):
    """Wrapping keys in memory; no test here is about them."""

    def refresh(self) -> None:
        pass

    def add_version(self) -> int:
        raise NotImplementedError

    def describe(self) -> str:
        return "memory"

    def current_version(self) -> int:
        return 1

    def wrap(self, version: int, key: bytes) -> bytes:
        return key[::-1]

    def unwrap(self, version: int, wrapped: bytes) -> bytes:
        return wrapped[::-1]

    def index_key(self) -> bytes:
        return bytes(32)


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
        self.vault = Vault(database.pool(DbRole.VAULT), KeptKeys())
        self.accounts = self.process()
        self.egress = Egress()
        self.entrance = self.enter()
        self.clients = Clients(self.pool, self.ledger, self.policy, self.clock, new_id)

    def process(self, second: SecondFactor = SecondFactor.NO, local: bool = True) -> Accounts:
        """The accounts as one more process of the application sees them."""
        return Accounts(
            self.pool, self.ledger, self.policy, self.clock, new_id, b"key",
            work=QUICK, second=second, local=local,
        )  # fmt: skip

    def enter(
        self,
        accounts: Accounts | None = None,
        egress: Egress | None = None,
        provider: ProviderSettings | None = None,
        step_up: timedelta = timedelta(minutes=10),
    ) -> Entrance:
        """The entrance as one more process of the application sees it."""
        return Entrance(
            self.pool, self.ledger, self.policy, self.vault, egress or self.egress,
            accounts or self.accounts, self.clock, new_id, b"key",
            provider=provider, step_up=step_up,
        )  # fmt: skip

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
