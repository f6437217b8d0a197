"""The way in: a room proposes, and the proposal is encrypted, hashed and recorded."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import psycopg
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger, Unit
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId
from countersign.kit.json import digest, encode

from .content import draft_bytes
from .draft import Body, Draft, Proposal
from .edges import targets_of, trace
from .errors import Expired, UnknownDraft, refusals, translated
from .facts import FactsOf
from .resources import check_resources, check_sources, check_written, labels_of
from .rows import Rows


class Proposals:
    """Takes proposals from rooms; refuses everything while AI is stopped."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        vault: Vault,
        policy: Policy,
        facts: FactsOf,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._vault = vault
        self._policy = policy
        self._facts = facts
        self._clock = clock
        self._new_id = new_id

    def propose(
        self,
        principal: Principal,
        proposal: Proposal[Body],
        asked_by: Principal | None = None,
        within: Unit | None = None,
    ) -> str | None:
        """Stores the draft and returns its id, or None when it was proposed before.

        ``asked_by`` is the person who asked for it, if one did. An undecided draft on the
        same topic is superseded. ``within`` is a transaction of the room, which sees the whole
        house: the draft and what the room writes of it last together or not at all; what the
        database refuses at its end is said by ``refusals``. Raises AIStopped, BadProposal,
        Forbidden, LedgerUnavailable; then nothing is stored.
        """
        facts = self._facts(proposal.patient, frozenset())
        facts = replace(facts, kind=f"{proposal.room}.{proposal.kind}")
        self._policy.require(principal, Action.DRAFT_PROPOSE, facts)
        check_resources(proposal.body.resources, proposal.patient)
        asker = asked_by.id if asked_by is not None and asked_by.kind == "person" else None
        check_written(proposal.body.resources, asker, proposal.corrects)
        draft_id = self._new_id()
        own = self._ledger.unit(self._pool) if within is None else nullcontext(within)
        with refusals(), own as unit:
            check_sources(unit.connection, proposal.explanation, proposal.patient)
            if not self._insert(unit, principal, proposal, draft_id, asked_by):
                return None
            self._supersede(unit, principal, proposal, draft_id)
        return draft_id

    def proposed(self, patient: str, room: str, fingerprint: str) -> str | None:
        """The id of what a room proposed with this fingerprint, whatever became of it."""
        found = self._pool.rows(
            "select id from signoff.draft where room = %s and patient = %s and fingerprint = %s",
            (room, patient, self._vault.blind("draft.fingerprint", fingerprint)),
        )
        return found[0]["id"] if found else None

    def standing(self, patient: str, room: str, topic: str) -> Draft[Body] | None:
        """A room's own draft on a topic that still awaits a decision, so that the same is not
        proposed again. Raises Damaged.
        """
        found = self._pool.rows(
            _STANDING,
            {"patient": patient, "room": room, "topic": self._vault.blind("draft.topic", topic)},
        )
        return Rows(self._pool, self._vault).draft(found[0]["id"]) if found else None

    def expire(self, principal: Principal) -> int:
        """Puts every undecided draft that is past its time on the visible list of expired ones."""
        self._policy.require(principal, Action.DRAFT_EXPIRE, Facts.house())
        try:
            with self._ledger.unit(self._pool) as unit:
                rows = unit.connection.execute(_EXPIRE).fetchall()
                for row in rows:
                    unit.record(_expired(principal, row))
        except psycopg.errors.DatabaseError as problem:
            raise translated(problem) from problem
        return len(rows)

    def take_back(self, principal: Principal, draft_id: str, by: Principal, within: Unit) -> None:
        """Ends a draft that nobody has decided, in the room's transaction ``within``: ``by``, a
        person whose right to it the room has asked, goes on with what it was made of.

        Raises Forbidden, UnknownDraft, AlreadyDecided once somebody signed or rejected it, Expired,
        LedgerUnavailable; then it stands as before.
        """
        found = self._pool.rows("select * from signoff.state where id = %s", (draft_id,))
        if not found:
            raise UnknownDraft
        row = found[0]
        facts = self._facts(row["patient"], frozenset())
        facts = replace(facts, kind=f"{row['room']}.{row['kind']}")
        self._policy.require(principal, Action.DRAFT_PROPOSE, facts)
        if row["state"] in ("expired", "superseded", "taken-back"):
            raise Expired
        with refusals():
            within.connection.execute(
                "insert into signoff.expiry (draft_id, cause, at) values (%s, 'taken-back', now())",
                (draft_id,),
            )
            within.record(_ended(EventKind.DRAFT_TAKEN_BACK, by, row))

    def _insert(
        self,
        unit: Unit,
        principal: Principal,
        proposal: Proposal[Body],
        draft_id: str,
        asked_by: Principal | None,
    ) -> bool:
        raw = draft_bytes(proposal.body, proposal.explanation)
        box = self._vault.seal(proposal.patient, raw, f"draft/{draft_id}")
        model = proposal.explanation.model
        now = self._clock()
        row = unit.connection.execute(
            "insert into signoff.draft (id, room, kind, patient, risk, urgency, signer_kinds,"
            " fingerprint, topic, corrects, model_name, model_version, model_digest, manifest,"
            " sha256, suite, key_id, box, proposed_by, proposed_at, expires_at, sensitivity)"
            " values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)"
            " on conflict (room, patient, fingerprint) do nothing returning id",
            (
                draft_id,
                proposal.room,
                proposal.kind,
                proposal.patient,
                proposal.risk,
                proposal.urgency,
                sorted(proposal.signers),
                self._vault.blind("draft.fingerprint", proposal.fingerprint),
                self._vault.blind("draft.topic", proposal.topic),
                proposal.corrects,
                model.name,
                model.version,
                bytes.fromhex(model.digest),
                encode(proposal.explanation.manifest()).decode(),
                digest(raw),
                box.suite,
                box.key_id,
                box.box,
                principal.actor,
                now,
                now + timedelta(days=proposal.valid_days),
                labels_of(unit.connection, proposal.explanation),
            ),
        ).fetchone()
        if row is None:
            return False
        event = _proposed(principal, draft_id, proposal)
        if asked_by is not None:
            event = replace(event, detail={"asked_by": asked_by.actor})
        trace(unit.connection, draft_id, targets_of(proposal.explanation))
        unit.record(event.committing(content=digest(raw).hex()))
        return True

    def _supersede(
        self, unit: Unit, principal: Principal, proposal: Proposal[Body], draft_id: str
    ) -> None:
        values = {
            "newer": draft_id,
            "patient": proposal.patient,
            "room": proposal.room,
            "topic": self._vault.blind("draft.topic", proposal.topic),
        }
        for row in unit.connection.execute(_SUPERSEDE, values).fetchall():
            unit.record(_expired(principal, row))


def _proposed(principal: Principal, draft_id: str, proposal: Proposal[Body]) -> Event:
    return Event(
        kind=EventKind.DRAFT_PROPOSED,
        actor=principal.actor,
        patient=proposal.patient,
        subject=f"draft:{draft_id}",
        model=proposal.explanation.model.label,
    )


def _expired(principal: Principal, row: DictRow) -> Event:
    return _ended(EventKind.DRAFT_EXPIRED, principal, row)


def _ended(kind: EventKind, principal: Principal, row: DictRow) -> Event:
    return Event(
        kind=kind,
        actor=principal.actor,
        patient=row["patient"],
        subject=f"draft:{row['id']}",
        model=row["model"],
    )


_STANDING = """
select id from signoff.state where patient = %(patient)s and room = %(room)s
  and topic = %(topic)s and state = 'open' and expires_at > clock_timestamp()
  and not models.is_recalled('model:' || model)
order by proposed_at desc, id limit 1
"""
# In order of the drafts, so that nobody waits in a circle.
_EXPIRE = """
with late as (
    select id, patient, model from signoff.state
    where state = 'open' and expires_at <= clock_timestamp() order by id limit 500),
gone as (
    insert into signoff.expiry (draft_id, cause, at)
    select id, 'time', now() from late order by id
    on conflict do nothing returning draft_id)
select late.* from late join gone on gone.draft_id = late.id
"""
_SUPERSEDE = """
with old as (
    select id, patient, model from signoff.state
    where patient = %(patient)s and room = %(room)s and topic = %(topic)s
      and state = 'open' and id <> %(newer)s),
gone as (
    insert into signoff.expiry (draft_id, cause, newer_id, at)
    select id, 'superseded', %(newer)s, now() from old order by id
    on conflict do nothing returning draft_id)
select old.* from old join gone on gone.draft_id = old.id
"""
