"""Records that people are writing: every version kept, none overwritten, and what signing kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import psycopg
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, Policy, Principal, scope_of
from countersign.ground.ledger import Event, EventKind, Ledger, Unit
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError
from countersign.kit.ids import NewId
from countersign.kit.json import JSON, decode, encode
from countersign.kit.words import Language

from .errors import translated
from .facts import FactsOf
from .rows import sealed

ROOM = "records"
LARGEST = 400_000
"""Bytes of one version."""


class UnknownManuscript(CountersignError):
    code = "signoff.unknown_manuscript"
    status = 404
    message = "There is no such record, or it is not yours to write. Open it from the patient."


class ManuscriptChanged(CountersignError):
    code = "signoff.manuscript_changed"
    status = 409
    message = (
        "Somebody saved this record meanwhile. Nothing of yours is lost: look at both versions,"
        " choose, and save again."
    )


class ManuscriptTooLong(CountersignError):
    code = "signoff.manuscript_too_long"
    status = 413
    message = "This record is too long to be kept. Shorten it, or make two of it."


@dataclass(frozen=True, slots=True)
class Manuscript:
    """One version of a record that is being written; ``content`` belongs to the room.

    ``number`` is its version, ``saved_by`` who saved it; ``draft`` is the draft that a version of
    it became last, None before.
    """

    id: str
    patient: str
    kind: str
    department: str
    language: Language
    begun_by: str
    begun_at: datetime
    number: int
    saved_by: str
    saved_at: datetime
    draft: str | None
    content: JSON


@dataclass(frozen=True, slots=True)
class Kept:
    """Of one signed record: characters signed and kept by section, and who signed when."""

    draft: str
    kind: str
    department: str
    person: str
    signed: Mapping[str, int]
    kept: Mapping[str, int]
    signed_all: int
    kept_all: int
    model_written: bool
    seconds: int
    at: datetime


class Manuscripts:
    """``pool`` logs in as DbRole.ROOM. Everything asks the policy, as of a draft of its kind."""

    def __init__(
        self,
        pool: Pool,
        own: Pool,
        ledger: Ledger,
        vault: Vault,
        policy: Policy,
        facts: FactsOf,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._pool = pool
        self._own = own
        self._ledger = ledger
        self._vault = vault
        self._policy = policy
        self._facts = facts
        self._clock = clock
        self._new_id = new_id

    def allow(self, principal: Principal, patient: str, kind: str) -> None:
        """Raises Forbidden where this person may not write such a record of this patient."""
        self._policy.require(principal, Action.DRAFT_DECIDE, self._about(patient, kind))

    def may(self, principal: Principal, patient: str, kind: str) -> bool:
        """Whether this person may write such a record of this patient."""
        facts = self._about(patient, kind)
        return self._policy.decide(principal, Action.DRAFT_DECIDE, facts).allowed

    def begin(
        self, principal: Principal, patient: str, kind: str, department: str, language: Language,
        content: JSON,
    ) -> str:  # fmt: skip
        """A new record with its first version. Raises Forbidden, LedgerUnavailable."""
        self.allow(principal, patient, kind)
        name = self._new_id()
        with self._ledger.unit(self._own) as unit:
            unit.connection.execute(
                "insert into signoff.manuscript (id, patient, kind, department, language,"
                " person_id, at) values (%s, %s, %s, %s, %s, %s, %s)",
                (name, patient, kind, department, language, principal.id, self._clock()),
            )
            self._write(unit, principal, name, patient, 1, content)
        return name

    def open(self, principal: Principal, name: str, number: int | None = None) -> Manuscript:
        """The newest version, or the one named. Raises UnknownManuscript, Forbidden."""
        rows = self._pool.within(scope_of(principal)).rows(_ONE, {"name": name, "number": number})
        if not rows:
            raise UnknownManuscript
        row = rows[0]
        self.allow(principal, row["patient"], row["kind"])
        return self._opened(row)

    def save(self, principal: Principal, over: Manuscript, content: JSON) -> int:
        """A new version over the one that was opened; returns its number.

        Raises ManuscriptChanged where somebody saved over that version already,
        ManuscriptTooLong, Forbidden, LedgerUnavailable.
        """
        self.allow(principal, over.patient, over.kind)
        number = over.number + 1
        try:
            with self._ledger.unit(self._own) as unit:
                self._write(unit, principal, over.id, over.patient, number, content)
        except psycopg.errors.UniqueViolation:
            raise ManuscriptChanged from None
        except psycopg.errors.DatabaseError as problem:
            raise translated(problem) from problem
        return number

    def of_patient(self, principal: Principal, patient: str) -> list[Manuscript]:
        """The records of a patient that may be written, the newest first."""
        rows = self._pool.within(scope_of(principal)).rows(_OF_PATIENT, {"patient": patient})
        return [self._opened(row) for row in rows if self.may(principal, patient, row["kind"])]

    def became(self, name: str, number: int, draft: str) -> None:
        """Remembers which version became which draft."""
        with self._own.transaction() as connection:
            connection.execute(
                "insert into signoff.manuscript_draft (draft_id, manuscript_id, number)"
                " values (%s, %s, %s)",
                (draft, name, number),
            )

    def signed_by(self, principal: Principal) -> list[Manuscript]:
        """Versions that this person signed, of patients whom she still sees, the newest first."""
        rows = self._pool.within(scope_of(principal)).rows(_SIGNED, {"person": principal.id})
        return [
            self._opened(row) for row in rows if self.may(principal, row["patient"], row["kind"])
        ]

    def unmeasured(self) -> list[tuple[str, str, int, str]]:
        """Signed records whose share was not measured: draft, record, version, signer."""
        rows = self._own.rows(_UNMEASURED)
        return [(r["draft_id"], r["manuscript_id"], r["number"], r["signer_id"]) for r in rows]

    def version(self, name: str, number: int) -> Manuscript:
        """A version for the measuring of what was kept. Raises UnknownManuscript."""
        rows = self._own.rows(_ONE, {"name": name, "number": number})
        if not rows:
            raise UnknownManuscript
        return self._opened(rows[0])

    def measured(
        self, draft: str, sections: Mapping[str, tuple[int, int]], both: tuple[int, int],
        model_written: bool,
    ) -> None:  # fmt: skip
        """Keeps (signed, kept) characters by section and of all; the first measurement stays."""
        with self._own.transaction() as connection:
            connection.execute(
                _MEASURED,
                {
                    "draft": draft,
                    "section": list(sections),
                    "signed": [one[0] for one in sections.values()],
                    "kept": [one[1] for one in sections.values()],
                    "signed_all": both[0],
                    "kept_all": both[1],
                    "model": model_written,
                },
            )

    def kept(self, principal: Principal) -> list[Kept]:
        """Everything measured for who looks after quality; one's own signatures for others."""
        whole = self._policy.decide(principal, Action.SAFETY_READ, Facts.house()).allowed
        rows = self._own.rows(_KEPT, {"person": None if whole else principal.id})
        return [
            Kept(
                row["draft_id"], row["kind"], row["department"], row["person_id"],
                dict(zip(row["section"], row["signed"], strict=True)),
                dict(zip(row["section"], row["kept"], strict=True)),
                row["signed_all"], row["kept_all"], row["model_written"], row["seconds"],
                row["signed_at"],
            )
            for row in rows
        ]  # fmt: skip

    def _about(self, patient: str, kind: str) -> Facts:
        return replace(self._facts(patient, frozenset()), kind=f"{ROOM}.{kind}")

    def _write(
        self, unit: Unit, principal: Principal, name: str, patient: str, number: int, content: JSON
    ) -> None:
        raw = encode(content)
        if len(raw) > LARGEST:
            raise ManuscriptTooLong
        box = self._vault.seal(patient, raw, f"manuscript/{name}/{number}")
        unit.connection.execute(
            "insert into signoff.manuscript_version (manuscript_id, number, person_id, suite,"
            " key_id, box, at) values (%s, %s, %s, %s, %s, %s, %s)",
            (name, number, principal.id, box.suite, box.key_id, box.box, self._clock()),
        )
        unit.record(
            Event(
                kind=EventKind.RECORD_SAVED,
                actor=principal.actor,
                patient=patient,
                subject=f"manuscript:{name}",
                detail={"version": number},
            )
        )

    def _opened(self, row: DictRow) -> Manuscript:
        place = f"manuscript/{row['id']}/{row['number']}"
        content = decode(self._vault.open(row["patient"], sealed(row), place))
        return Manuscript(
            row["id"], row["patient"], row["kind"], row["department"], row["language"],
            row["begun_by"], row["begun_at"], row["number"], row["saved_by"], row["saved_at"],
            row["draft_id"], content,
        )  # fmt: skip


_VERSIONS = """
select m.id, m.patient, m.kind, m.department, m.language, m.person_id as begun_by,
    m.at as begun_at, v.number, v.person_id as saved_by, v.at as saved_at, v.suite, v.key_id, v.box,
    (select d.draft_id from signoff.manuscript_draft d where d.manuscript_id = m.id
     order by d.number desc limit 1) as draft_id
from signoff.manuscript m join signoff.manuscript_version v on v.manuscript_id = m.id
"""
_ONE = (
    _VERSIONS
    + """
where m.id = %(name)s and (%(number)s::integer is null or v.number = %(number)s)
  and m.patient in (select patient from chart.seen_patient where not destroyed)
order by v.number desc limit 1
"""
)
_OF_PATIENT = (
    _VERSIONS
    + """
where m.patient = %(patient)s
  and m.patient in (select patient from chart.seen_patient where not destroyed)
  and v.number = (select max(number) from signoff.manuscript_version where manuscript_id = m.id)
order by v.at desc limit 50
"""
)
_SIGNED = (
    _VERSIONS
    + """
join signoff.manuscript_draft d on d.manuscript_id = m.id and d.number = v.number
join signoff.signature s on s.draft_id = d.draft_id and s.ordinal = 1 and s.decision = 'accepted'
where s.signer_id = %(person)s
  and m.patient in (select patient from chart.seen_patient where not destroyed)
order by s.signed_at desc limit 30
"""
)
_UNMEASURED = """
select d.draft_id, d.manuscript_id, d.number, s.signer_id
from signoff.manuscript_draft d
join signoff.state t on t.id = d.draft_id and t.state in ('signed', 'released')
join signoff.signature s on s.draft_id = d.draft_id and s.ordinal = 1
where not exists (select from signoff.share_kept k where k.draft_id = d.draft_id)
  and t.patient in (select patient from chart.patient where not destroyed)
order by s.signed_at limit 200
"""
_MEASURED = """
insert into signoff.share_kept (draft_id, section, signed, kept, signed_all, kept_all,
    model_written, seconds, person_id, signed_at)
select %(draft)s, %(section)s, %(signed)s, %(kept)s, %(signed_all)s, %(kept_all)s, %(model)s,
    greatest(0, extract(epoch from s.signed_at - m.at))::integer, s.signer_id, s.signed_at
from signoff.signature s
join signoff.manuscript_draft d on d.draft_id = s.draft_id
join signoff.manuscript m on m.id = d.manuscript_id
where s.draft_id = %(draft)s and s.ordinal = 1
on conflict do nothing
"""
_KEPT = """
select k.*, m.kind, m.department
from signoff.share_kept k
join signoff.manuscript_draft d on d.draft_id = k.draft_id
join signoff.manuscript m on m.id = d.manuscript_id
where %(person)s::text is null or k.person_id = %(person)s
order by k.signed_at desc limit 5000
"""
