"""A small real house on a test's database: two departments, their people, one patient."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from argon2 import PasswordHasher
from psycopg.rows import DictRow, dict_row

from countersign.app.house import House, _build
from countersign.app.settings import Settings
from countersign.ground.db import Database, DbRole
from countersign.ground.identity import (
    Accounts,
    BreakGlass,
    Delegations,
    LicenceKind,
    Party,
    Password,
    Principal,
    Role,
)
from countersign.ground.ledger import EventQuery, Ledger, Recorded, Signer
from countersign.ground.models import Dataset, ModelCard, ModelKind, ModelRef, NotMeasured, Source
from countersign.ground.release import Released
from countersign.ground.shell import Floor
from countersign.ground.signoff import (
    Body,
    Confidence,
    Evidence,
    Explanation,
    Opened,
    Proposal,
    RiskClass,
    Signoff,
    Urgency,
)
from countersign.kit.clock import Clock, utc_now
from countersign.kit.ids import new_id
from countersign.kit.json import JSON
from countersign.kit.words import Words
from countersign.rooms.inbox.service import Decision, Inbox

INSTALLER = Principal.system("installer")
IMPORTER = Principal.system("importer")
WORKER = Principal.system("worker")
PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HOSPITAL = ZoneInfo("Asia/Shanghai")
PATIENT = "p1"
OTHER_PATIENT = "p2"
PROOF = 1800.0
"""Seconds after which somebody who signs for longer proves anew to be there."""
HERE = Party("http://localhost", "localhost", "Countersign")
SECRET = "hyperkalaemia-of-Wang-Xiaoming"
"""Words that stand in every draft and may stand in no column."""


@dataclass(frozen=True)
class Member:
    """One person of the staff: role, department, licence and the days it is valid for."""

    role: Role
    department: str = "cardiology"
    licence: LicenceKind | None = None
    valid: tuple[int, int] = (-400, 400)


STAFF = {
    "wang": Member(Role.PHYSICIAN, licence=LicenceKind.PHYSICIAN),
    "zhao": Member(Role.PHYSICIAN, licence=LicenceKind.PHYSICIAN),
    "li": Member(Role.SENIOR_PHYSICIAN, licence=LicenceKind.SENIOR_PHYSICIAN),
    "chen": Member(Role.SENIOR_PHYSICIAN, licence=LicenceKind.SENIOR_PHYSICIAN),
    "lapsed": Member(Role.PHYSICIAN, licence=LicenceKind.PHYSICIAN, valid=(-400, -1)),
    "coming": Member(Role.PHYSICIAN, licence=LicenceKind.PHYSICIAN, valid=(1, 400)),
    "revoked": Member(Role.PHYSICIAN, licence=LicenceKind.PHYSICIAN),
    "nurse": Member(Role.NURSE, licence=LicenceKind.NURSE),
    "pathologist": Member(Role.PATHOLOGIST, licence=LicenceKind.PATHOLOGIST),
    "student": Member(Role.PHYSICIAN),
    "stranger": Member(Role.PHYSICIAN, "surgery", LicenceKind.PHYSICIAN),
    "auditor": Member(Role.AUDITOR),
    "admin": Member(Role.ADMINISTRATOR),
    "officer": Member(Role.SECURITY_OFFICER),
}
"""Names are usernames; ``revoked`` has a licence that was revoked, ``student`` has none."""


class Building:
    """Every ground part wired as the application wires it; ``floor`` is what rooms receive.

    The database judges by its own time, so that ``clock`` is the machine's. Call ``close``.
    """

    def __init__(
        self,
        database: Database,
        home: Path,
        clock: Clock = utc_now,
        staff: Any = None,
        **settings_too: Any,
    ) -> None:
        self.database = database
        self.ledger = Ledger(
            database.pool(DbRole.LEDGER),
            Signer("test.example/ledger", bytes(32)),
            clock,
            checkpoint_every=None,
        )
        settings = Settings(
            home=home, trusted_hosts=("127.0.0.1",), step_up_minutes=60, **settings_too
        )
        settings.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.house: House = _build(settings, database, self.ledger, b"secret", clock)
        accounts = self._accounts(clock)
        glass = self._glass(accounts)
        self.floor: Floor = replace(
            self.house.floor,
            accounts=accounts,
            glass=glass,
            delegations=self._delegations(accounts),
        )
        self.people: dict[str, str] = {}
        self.accounts: set[str] = set()
        self.licences: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._proved: dict[str, float] = {}
        self.model = self._register("renal-rules", "1.0.0")
        self._furnish(staff or STAFF)

    def close(self) -> None:
        """Writes what the gateway and the ledger still hold."""
        self.floor.gateway.close()
        self.ledger.close()

    @property
    def signoff(self) -> Signoff:
        return self.floor.signoff

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self.floor.signoff, self.floor.release)

    def who(self, name: str) -> Principal:
        """A person of the staff, signed in and provably there, with the rights of this moment."""
        accounts, now = self.floor.accounts, time.monotonic()
        session = accounts.principal_for(self._tokens[name]) if name in self._tokens else None
        if session is None:
            self._tokens[name] = accounts.sign_in(name, PASSWORD).token
            session = accounts.principal_for(self._tokens[name])
        assert session is not None
        if now - self._proved.get(session.id, -PROOF) >= PROOF:
            self.floor.entrance.step_up(self._tokens[name], Password(PASSWORD), HERE)
            self._proved[session.id] = now
        return session.principal

    def account(self, name: str) -> None:
        """Gives a person of the staff an account under that name."""
        self.floor.accounts.create(name, self.people[name], PASSWORD, by=INSTALLER)
        self.accounts.add(name)

    def proposal(self, **changes: Any) -> Proposal[Body]:
        """A finding about the potassium of the patient; each one is another finding."""
        patient = changes.pop("patient", PATIENT)
        explained = changes.pop("explanation", None) or self.explanation(of=patient)
        given: dict[str, Any] = {
            "room": "workstation",
            "kind": "potassium",
            "patient": patient,
            "risk": RiskClass.MEDIUM,
            "urgency": Urgency.URGENT,
            "signers": frozenset({LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN}),
            "topic": f"potassium:{new_id()}",
            "fingerprint": new_id(),
            "body": body(issue(patient)),
            "explanation": explained,
            "valid_days": 7.0,
            **changes,
        }
        return Proposal(**given)

    def explanation(self, of: str = PATIENT, **changes: Any) -> Explanation:
        """An explanation with every part; ``changes`` replace parts."""
        source = f"Observation/o{of.removeprefix('p')}/_history/1"
        given: dict[str, Any] = {
            "rationale": words(f"Potassium is high. {SECRET}"),
            "evidence": (Evidence(words(SECRET), reference=source),),
            "limits": (words("One measurement only."),),
            "confidence": Confidence(0.9, words("Calibrated on invented cases.")),
            "alternatives": (words("Haemolysis"),),
            "model": self.model,
            "inputs": (source,),
            **changes,
        }
        return Explanation(**given)

    def drafted(self, **changes: Any) -> str:
        """Proposes and returns the id of the draft."""
        draft = self.signoff.proposals.propose(WORKER, self.proposal(**changes))
        assert draft is not None
        return draft

    def open(self, name: str, draft: str) -> Opened:
        """The person opens the draft and so has seen it."""
        return self.signoff.reading.open(self.who(name), draft)

    def accept(self, name: str, draft: str) -> None:
        """Opens and accepts; nothing is released yet."""
        self.open(name, draft)
        self.signoff.decisions.accept(self.who(name), draft)

    def countersign(self, name: str, draft: str) -> None:
        """Opens and gives the second signature; nothing is released yet."""
        self.open(name, draft)
        self.signoff.decisions.countersign(self.who(name), draft)

    def released(self, name: str = "wang", **changes: Any) -> Released:
        """A draft that was proposed, accepted and released."""
        draft = self.drafted(**changes)
        self.accept(name, draft)
        done = self.inbox.release(draft)
        assert done is not None
        return done

    def decide(self, name: str, draft: str, choice: Any, **form: Any) -> None:
        """Opens and decides as the inbox does, which releases at once."""
        self.open(name, draft)
        self.inbox.decide(
            self.who(name), draft, Decision(choice, form.pop("language", "en"), **form)
        )

    def state(self, draft: str) -> str:
        return self.rows("select state from signoff.state where id = %s", draft)[0]["state"]

    def rows(self, query: Any, *values: object) -> list[DictRow]:
        """Rows as the owner of the database sees them."""
        with psycopg.connect(self.database.owner_conninfo, row_factory=dict_row) as owner:
            return owner.execute(query, values).fetchall()

    def events(self, subject: str | None = None, **query: Any) -> list[Recorded]:
        """What the ledger recorded, the oldest first."""
        page = self.ledger.events(EventQuery(subject=subject, limit=500, **query))
        return sorted(page.events, key=lambda event: event.index)

    def _accounts(self, clock: Clock) -> Accounts:
        pool, policy = self.database.pool(DbRole.IDENTITY), self.house.floor.policy
        return Accounts(pool, self.ledger, policy, clock, new_id, b"key", work=QUICK)

    def _glass(self, accounts: Accounts) -> BreakGlass:
        pool, policy = self.database.pool(DbRole.IDENTITY), self.house.floor.policy
        return BreakGlass(pool, self.ledger, policy, self.house.vault, new_id, accounts.forget)

    def _delegations(self, accounts: Accounts) -> Delegations:
        floor, vault = self.house.floor, self.house.vault
        pool = self.database.pool(DbRole.IDENTITY)
        return Delegations(
            pool, self.ledger, floor.policy, vault, floor.people, new_id, accounts.forget
        )

    def _register(self, name: str, version: str) -> ModelRef:
        card = ModelCard(
            name=name,
            version=version,
            kind=ModelKind.RULES,
            title=words("Renal rules"),
            intended_use=words("Tests"),
            not_for=words("Patients"),
            data=(Dataset(words("None"), "none"),),
            performance=(NotMeasured(words("All"), words("Invented")),),
            limits=(words("Invented"),),
            owner="Testing",
            sources=(Source("Nothing", "2026"),),
        )
        return self.floor.registry.register(card, "ab" * 32)

    def _furnish(self, staff: dict[str, Member]) -> None:
        people, today = self.floor.people, datetime.now(HOSPITAL).date()
        for code in ("cardiology", "surgery"):
            people.department(code, words(code), by=INSTALLER)
        for name, member in staff.items():
            person = self.people[name] = people.add(name, by=INSTALLER)
            people.grant(person, member.role, by=INSTALLER)
            people.join(person, member.department, by=INSTALLER)
            if member.licence is not None:
                start, end = (today + timedelta(days=days) for days in member.valid)
                self.licences[name] = people.license(
                    person, member.licence, start, end, by=INSTALLER
                )
            self.account(name)
        if "revoked" in staff:
            people.revoke_licence(self.licences["revoked"], "struck off", by=INSTALLER)
        for patient, department in ((PATIENT, "cardiology"), (OTHER_PATIENT, "surgery")):
            self.floor.chart.receive(
                IMPORTER,
                chart_of(patient),
                source="test",
                departments=(department,),
                keep_ids=True,
            )


def words(text: str) -> Words:
    return Words(text, f"{text}（中文）")


def body(*resources: JSON, text: str = f"Repeat potassium today. {SECRET}") -> Body:
    return Body(words(f"High potassium {SECRET}"), words(text), resources)


def issue(patient: str = PATIENT, **changes: Any) -> JSON:
    """A DetectedIssue as a room drafts it."""
    return {
        "resourceType": "DetectedIssue",
        "status": "final",
        "code": {"text": "High potassium"},
        "severity": "high",
        "patient": {"reference": f"Patient/{patient}"},
        "detail": f"Repeat potassium today. {SECRET}",
        **changes,
    }


def observation(patient: str = PATIENT, value: int = 38, **changes: Any) -> JSON:
    """An eGFR as a room drafts it."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "98979-8"}], "text": "eGFR"},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2026-11-20",
        "valueQuantity": {"value": value, "unit": "mL/min/1.73 m²"},
        "interpretation": [{"text": "low"}],
        **changes,
    }


def chart_of(patient: str) -> JSON:
    """A patient with one potassium; the first patient's is ``Observation/o1``."""
    number = patient.removeprefix("p")
    resources: list[JSON] = [
        {
            "resourceType": "Patient",
            "id": patient,
            "name": [{"text": "王小明"}],
            "gender": "male",
            "birthDate": "1950-05-06",
        },
        {
            **observation(patient, 6),
            "id": f"o{number}",
            "code": {"text": "Potassium"},
        },
    ]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "resource": one,
                "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
            }
            for one in resources
        ],
    }
