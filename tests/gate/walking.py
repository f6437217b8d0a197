"""Random walks through the gate, honest steps and forged rows mixed, and what must hold after.

One walk is a few steps on drafts of its own, in a building that all walks share. The walker
asks ``pick`` for every choice, so that Hypothesis or a seeded generator can lead it.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar

import psycopg
from psycopg import Connection, sql
from psycopg.rows import DictRow

from building import INSTALLER, WORKER
from countersign.ground.db import DbRole
from countersign.ground.identity import LicenceKind, Principal, Role
from countersign.ground.ledger import Event, EventKind
from countersign.ground.signoff import REASONS, RiskClass
from countersign.kit.errors import CountersignError
from gate.stage import (
    Row,
    Stage,
    draft_leaf,
    insert,
    leaf,
    release_leaf,
    signature_leaf,
)

T = TypeVar("T")
Pick = Callable[[Sequence[T]], T]

HONEST = (
    "propose", "open", "accept", "amend", "reject", "countersign", "release", "correct",
    "expire", "stop", "resume", "revoke",
)  # fmt: skip
FORGED = (
    "forge a draft", "forge a view", "forge a signature", "forge a second signature",
    "forge a release", "forge a version", "forge an expiry", "change a row",
)  # fmt: skip
STEPS = (*HONEST, *FORGED)
TABLES = ("signoff.draft", "signoff.signature", "release.released", "chart.version")
SIGNERS = ("wang", "zhao", "li", "chen", "mortal")
OTHERS = ("lapsed", "revoked", "nurse", "pathologist", "student", "stranger")
EVERYBODY = (*SIGNERS * 4, *OTHERS)
SENIORS = ("li", "chen", "li", "chen", "wang", "mortal", "pathologist")
LIKELY = (
    *STEPS, "propose", "open", "correct",
    *("accept", "amend", "release") * 4, *("countersign",) * 3,
    *("forge a signature", "forge a second signature", "forge a release", "forge a version") * 2,
)  # fmt: skip
"""The steps by how often a generator should take them, so that many walks get far."""


class WalkStage(Stage):
    """Keeps its connections, so that 100,000 walks do not log in a million times."""

    def __init__(self, building: Any) -> None:
        super().__init__(building)
        self.licensed: dict[str, Row] = {}
        self.mortals = 0
        self.owned = psycopg.connect(
            building.database.owner_conninfo, autocommit=True, row_factory=psycopg.rows.dict_row
        )
        self.is_stopped = False
        self.born()

    def close(self) -> None:
        self.owned.close()

    @contextmanager
    def work(self, role: DbRole, *, isolation: int | None = None) -> Iterator[Connection[DictRow]]:
        with self.building.database.pool(role).transaction() as connection:
            yield connection

    def licence(self, name: str) -> Row:
        if name not in self.licensed:
            self.licensed[name] = super().licence(name)
        return self.licensed[name]

    def found(self, query: Any, *values: object) -> list[DictRow]:
        return self.owned.execute(query, values).fetchall()

    def born(self) -> None:
        """A physician whose licence a walk may revoke; the next one takes the name over."""
        self.mortals += 1
        people, building = self.building.floor.people, self.building
        person = people.add("mortal", by=INSTALLER)
        people.grant(person, Role.PHYSICIAN, by=INSTALLER)
        building.people["mortal"] = person
        building.licences["mortal"] = people.license(
            person, LicenceKind.PHYSICIAN, date(2020, 1, 1), date(2100, 1, 1), by=INSTALLER
        )
        people.join(person, "cardiology", by=INSTALLER)
        self.mortal = f"mortal{self.mortals}"
        building.people[self.mortal] = person
        building.account(self.mortal)
        self.licensed.pop("mortal", None)

    def principal(self, name: str) -> Principal:
        return self.building.who(self.mortal if name == "mortal" else name)

    def presence(self, name: str) -> str | None:
        return super().presence(self.mortal if name == "mortal" else name)


class Walk:
    """One walk. ``outcomes`` counts (step, passed or refused)."""

    def __init__(self, stage: WalkStage, pick: Pick[Any], outcomes: Counter[tuple[str, bool]]):
        self.stage = stage
        self.pick = pick
        self.outcomes = outcomes
        self.drafts: list[str] = []
        OPENINGS[pick(tuple(OPENINGS))](self)

    def step(self, kind: str) -> None:
        """Takes one step; a refusal is an outcome, anything else that breaks is a defect."""
        try:
            passed = STEP[kind](self) is not False
        except (CountersignError, psycopg.Error):
            passed = False
        self.outcomes[kind, passed] += 1

    def end(self) -> list[DictRow]:
        """Leaves the building as it was; returns the escapes among this walk's own drafts."""
        if self.stage.is_stopped:
            self._resume()
        return self.stage.found(ESCAPES + OF_THESE, self.drafts, self.drafts)

    @property
    def _signoff(self) -> Any:
        return self.stage.building.signoff

    def _draft(self) -> str:
        return self.pick(self.drafts)

    def _somebody(self) -> Principal:
        return self.stage.principal(self.pick(EVERYBODY))

    def _fresh(self) -> None:
        self._propose()

    def _half(self) -> None:
        """A draft of the highest class under its first signature."""
        self._propose(risk=RiskClass.HIGH, valid_days=7.0)
        self.stage.building.accept("wang", self.drafts[0])

    def _whole(self) -> None:
        """A draft under all the signatures that it needs."""
        self._propose(risk=RiskClass.MEDIUM, valid_days=7.0)
        self.stage.building.accept("wang", self.drafts[0])

    def _out(self) -> None:
        """An answer that was released."""
        self._whole()
        self.stage.building.inbox.release(self.drafts[0])

    def _propose(self, **changes: Any) -> None:
        given = {
            "risk": self.pick((RiskClass.LOW, RiskClass.MEDIUM, RiskClass.HIGH, RiskClass.HIGH)),
            "topic": self.pick(("one", "another")) + (self.drafts[0] if self.drafts else ""),
            "valid_days": self.pick((7.0,) * 7 + (1e-7,)),
            **changes,
        }
        proposal = self.stage.building.proposal(**given)
        draft = self._signoff.proposals.propose(WORKER, proposal)
        if draft:
            self.drafts.append(draft)

    def _open(self) -> None:
        self._signoff.reading.open(self._somebody(), self._draft())

    def _accept(self) -> None:
        self._seen_and("accept")

    def _amend(self) -> None:
        self._seen_and("amend", "en", f"My own words {secrets.token_hex(4)}.")

    def _reject(self) -> None:
        self._seen_and("reject", self.pick(sorted(REASONS)), "")

    def _countersign(self) -> None:
        self._seen_and("countersign", people=SENIORS)

    def _seen_and(self, decision: str, *more: str, people: Sequence[str] = EVERYBODY) -> None:
        who, draft = self.stage.principal(self.pick(people)), self._draft()
        if self.pick((True,) * 7 + (False,)):
            self._signoff.reading.open(who, draft)
        getattr(self._signoff.decisions, decision)(who, draft, *more)

    def _release(self) -> bool:
        return self.stage.building.inbox.release(self._draft()) is not None

    def _correct(self) -> None:
        self._propose(corrects=self._draft())

    def _expire(self) -> None:
        """As the timekeeper does, for one draft."""
        draft = self._draft()
        with self.stage.work(DbRole.ROOM) as connection:
            row = {"draft_id": draft, "cause": "time", "at": "2026-01-01T00:00:00Z"}
            insert(connection, "signoff.expiry", row)
            leaf(
                connection,
                Event(EventKind.DRAFT_EXPIRED, "system:timekeeper", subject=f"draft:{draft}"),
            )

    def _stop(self) -> None:
        self.stage.building.floor.switch.stop(WORKER)
        self.stage.is_stopped = True

    def _resume(self) -> None:
        self.stage.building.floor.switch.resume(WORKER, "A walk is over.")
        self.stage.is_stopped = False

    def _revoke(self) -> None:
        people, licence = self.stage.building.floor.people, self.stage.building.licences["mortal"]
        people.revoke_licence(licence, "struck off", by=INSTALLER)
        if self.pick((True, False)):
            self.stage.born()

    def _forge_draft(self) -> None:
        changes = self.pick(DRAFT_LIES)
        row = self.stage.draft_row(**changes)
        with self.stage.work(self._role(DbRole.ROOM)) as connection:
            insert(connection, "signoff.draft", row)
            if self.pick((True, True, False)):
                leaf(connection, draft_leaf(row))
        self.drafts.append(row["id"])

    def _forge_view(self) -> None:
        """Every role may append to the ledger; so the view alone proves nothing."""
        self.stage.seen(self.pick(SIGNERS), self._draft())

    def _forge_signature(self) -> None:
        draft = self._row("signoff.draft")
        other = self._row("signoff.draft")
        name = self.pick((*SIGNERS * 2, *self.stage.building.licences))
        lies: tuple[Row, ...] = (
            *({},) * 8,
            {"draft_sha256": other["sha256"], "signed_sha256": other["sha256"]},
            {"signed_sha256": secrets.token_bytes(32)},
            {"decision": "amended", "signed_sha256": secrets.token_bytes(32)},
            {"decision": "rejected", "reason_code": "x", "signed_sha256": None},
            {"risk": "low"}, {"patient": "p2"}, {"ordinal": 2},
            {"signer_id": self.stage.building.people[self.pick(SIGNERS)]},
            {"valid_from": date(2000, 1, 1), "valid_to": date(2100, 1, 1)},
            {"licence_kind": "senior_physician"},
            {"presence_id": None}, {"presence_id": self.stage.presence(self.pick(SIGNERS))},
            {"signed_at": "2001-01-01T00:00:00Z", "signed_on": "2001-01-01"},
        )  # fmt: skip
        self._sign(self.stage.signature_row(draft, name, **self.pick(lies)), name)

    def _forge_second(self) -> None:
        draft = self._row("signoff.draft")
        firsts = self._signatures(draft["id"])
        signed = firsts[0]["signed_sha256"] if firsts else draft["sha256"]
        name = self.pick(("li", "chen", "wang", "zhao", "nurse", "pathologist"))
        lies: tuple[Row, ...] = (
            {}, {}, {}, {"signed_sha256": secrets.token_bytes(32)},
            {"decision": "accepted"}, {"risk": "medium"}, {"ordinal": 1},
            {"presence_id": None}, {"presence_id": self.stage.presence(self.pick(SIGNERS))},
        )  # fmt: skip
        changes = {"signed_sha256": signed, **self.pick(lies)}
        self._sign(self.stage.second_row(draft, name, **changes), name)

    def _sign(self, row: Row, name: str) -> None:
        if self.pick((True,) * 7 + (False,)):
            self.stage.seen(name, row["draft_id"])
        with self.stage.work(self._role(DbRole.SIGNER)) as connection:
            insert(connection, "signoff.signature", row)
            if self.pick((True,) * 7 + (False,)):
                leaf(connection, signature_leaf(row))

    def _forge_release(self) -> None:
        draft = self._row("signoff.draft")
        mine, any_of = self._signatures(draft["id"]), self._signatures(self._draft())
        invented = self.stage.signature_row(draft, self.pick(SIGNERS))
        first = self.pick((*(mine or [invented])[:1] * 4, *any_of, invented))
        second = self.pick((None, None, first, *mine[1:] * 4, *any_of))
        lies: tuple[Row, ...] = (
            *({},) * 8, {"risk": "low"}, {"risk": "medium"}, {"patient": "p2"},
            {"decision": "accepted"}, {"signed_sha256": draft["sha256"]},
            {"draft_id": self._draft()}, {"targets": ["Observation/o1"]},
        )  # fmt: skip
        row = self.stage.release_row(draft, first, second, **self.pick(lies))
        version = self.stage.version_row(row, **self.pick(VERSION_LIES))
        with self.stage.work(self._role(DbRole.SENDER)) as connection:
            insert(connection, "release.released", row)
            if self.pick((True, False)):
                insert(connection, "chart.version", version)
            if self.pick((True, True, True, False)):
                leaf(connection, release_leaf(row))

    def _forge_version(self) -> None:
        done = self.stage.found(
            "select * from release.released where draft_id = any (%s)", self.drafts
        )
        invented = {"id": "invented", "patient": "p1", "targets": ["DetectedIssue/invented"]}
        release = self.pick((*done, invented))
        row = self.stage.version_row(release, **self.pick(VERSION_LIES))
        with self.stage.work(self._role(DbRole.SENDER)) as connection:
            insert(connection, "chart.version", row)

    def _forge_expiry(self) -> None:
        with self.stage.work(self._role(DbRole.ROOM)) as connection:
            row = {
                "draft_id": self._draft(),
                **self.pick(
                    ({"cause": "superseded", "newer_id": self._draft()}, {"cause": "taken-back"})
                ),
                "at": "2026-01-01T00:00:00Z",
            }
            insert(connection, "signoff.expiry", row)

    def _change(self) -> None:
        table = sql.Identifier(*self.pick(TABLES).split("."))
        query = self.pick(CHANGES)
        with self.stage.work(self.pick(tuple(DbRole))) as connection:
            connection.execute(sql.SQL(query).format(table))

    def _role(self, right: DbRole) -> DbRole:
        return self.pick((right,) * 20 + tuple(DbRole))

    def _row(self, table: str) -> Row:
        return self.stage.found(f"select * from {table} where id = %s", self._draft())[0]

    def _signatures(self, draft: str) -> list[Row]:
        return self.stage.found(
            "select * from signoff.signature where draft_id = %s order by ordinal", draft
        )


STEP: dict[str, Callable[[Walk], object]] = {
    "propose": Walk._propose,
    "open": Walk._open,
    "accept": Walk._accept,
    "amend": Walk._amend,
    "reject": Walk._reject,
    "countersign": Walk._countersign,
    "release": Walk._release,
    "correct": Walk._correct,
    "expire": Walk._expire,
    "stop": Walk._stop,
    "resume": Walk._resume,
    "revoke": Walk._revoke,
    "forge a draft": Walk._forge_draft,
    "forge a view": Walk._forge_view,
    "forge a signature": Walk._forge_signature,
    "forge a second signature": Walk._forge_second,
    "forge a release": Walk._forge_release,
    "forge a version": Walk._forge_version,
    "forge an expiry": Walk._forge_expiry,
    "change a row": Walk._change,
}
OPENINGS: dict[str, Callable[[Walk], None]] = {
    "proposed": Walk._fresh,
    "signed by one of two": Walk._half,
    "signed by all": Walk._whole,
    "released": Walk._out,
}
"""Where walks begin, so that short ones get far as well."""
DRAFT_LIES: tuple[Row, ...] = (
    {}, {"risk": "high"}, {"model_digest": bytes(32)}, {"manifest": {"limits": 0}},
    {"signer_kinds": ["nurse"]}, {"proposed_by": "person:nobody"}, {"corrects": "invented"},
)  # fmt: skip
VERSION_LIES: tuple[Row, ...] = (
    *({},) * 5, {"patient": "p2"}, {"patient": None}, {"release_id": None}, {"version": 2},
    {"origin": "received", "release_id": None}, {"id": "another"}, {"type": "Observation"},
)  # fmt: skip
CHANGES = (
    "delete from {}", "truncate {} cascade", "alter table {} disable trigger all",
    "update {} set patient = patient", "set session_replication_role = replica",
)  # fmt: skip

LICENSED = """
exists (select from identity.licence l
        where l.id = {0}.licence_id and l.person_id = {0}.signer_id and l.kind = {0}.licence_kind
          and {0}.signed_on between l.valid_from and l.valid_to
          and {0}.signed_on = ({0}.signed_at at time zone 'Asia/Shanghai')::date)
and not exists (select from identity.licence_revocation x
                where x.licence_id = {0}.licence_id and x.at < {0}.signed_at)
and {0}.licence_kind = any (d.signer_kinds)
and {0}.draft_id = d.id and {0}.draft_sha256 = d.sha256 and {0}.signed_sha256 = r.signed_sha256
and exists (select from ledger.event e where e.subject = 'draft:' || d.id
            and e.kind = 'draft-signed' and e.actor = 'person:' || {0}.signer_id)
and (d.risk <> 'high' or exists (
     select from identity.presence p where p.id = {0}.presence_id
     and p.person_id = {0}.signer_id and {0}.signed_at between p.at and p.until))
"""
ESCAPES = f"""
select r.id as release, v.type, v.id, v.version
from release.released r
full join chart.version v on v.release_id = r.id
left join signoff.draft d on d.id = r.draft_id
left join signoff.signature s on s.id = r.signature_id
left join signoff.signature t on t.id = r.second_signature_id
where (r.id is not null or v.origin = 'released') and not coalesce(
    r.id is not null and d.id is not null and (v.id is null or v.patient = r.patient
        and v.xmin = r.xmin and v.type || '/' || v.id = any (r.targets))
    and r.patient = d.patient
    and s.ordinal = 1 and s.decision in ('accepted', 'amended') and {LICENSED.format("s")}
    and (s.decision = 'amended' or s.signed_sha256 = d.sha256)
    and not exists (select from signoff.expiry e where e.draft_id = d.id)
    and exists (select from ledger.event e
                where e.subject = 'draft:' || d.id and e.kind = 'released')
    and (d.risk <> 'high' or
         t.ordinal = 2 and t.decision = 'countersigned' and t.signer_id <> s.signer_id
         and t.licence_kind in ('senior_physician', 'pathologist') and {LICENSED.format("t")}),
    false)
"""  # fmt: skip
"""Everything in the chart or on its way there that no licensed person signed: it must be empty."""

OF_THESE = """
and (r.draft_id = any (%s)
     or v.release_id in (select id from release.released where draft_id = any (%s)))
"""

PROPOSED_WHILE_STOPPED = """
select e.subject from ledger.event e
where e.kind in ('draft-proposed', 'draft-signed')
  and (select w.kind from ledger.event w
       where w.kind in ('ai-stopped', 'ai-resumed') and w.index < e.index
       order by w.index desc limit 1) = 'ai-stopped'
  and exists (select from signoff.draft d where 'draft:' || d.id = e.subject)
"""
"""What the ledger says was proposed or signed between Stop AI and its end: it must be empty."""


def escapes(stage: WalkStage) -> list[DictRow]:
    """Every escape in the whole database. Nothing is ever deleted: none can have gone."""
    return stage.found(ESCAPES)
