"""The way through: a licensed person accepts, amends, rejects or countersigns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import (
    Action,
    Facts,
    Lent,
    LicenceKind,
    People,
    Policy,
    Presences,
    Principal,
    is_own,
    lenders,
    on_behalf,
    scope_of,
)
from countersign.ground.ledger import Event, EventKind, Ledger, Receipt
from countersign.ground.vault import Sealed, Unreadable, Vault
from countersign.kit.ids import NewId
from countersign.kit.json import digest
from countersign.kit.words import Language

from .adjudication import Adjudication
from .content import amended_bytes, amended_content
from .counting import alert_of, count_answer
from .draft import Body, Draft, RiskClass
from .errors import (
    BadDecision,
    Damaged,
    NotLicensed,
    NotStandingIn,
    UnknownDraft,
    translated,
)
from .facts import FactsOf, draft_facts
from .reasons import REASONS
from .rechecking import Rechecks
from .rows import Rows
from .vigilance import Vigilance, kept

LONGEST = 20_000
"""Characters a person may write in one decision."""

_UNPRINTABLE = re.compile(
    "[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]"
)
"""What XML 1.0, and so the narrative of a FHIR resource, cannot hold or should not."""

WAITING = ("open", "countersignature")
SENIOR = (LicenceKind.SENIOR_PHYSICIAN, LicenceKind.PATHOLOGIST)


@dataclass(frozen=True, slots=True)
class _Decision:
    ordinal: int
    decision: str
    text: bytes
    signed_sha256: bytes | None
    reason_code: str | None


class Decisions:
    """Writes signatures; the database checks each of them once more."""

    def __init__(
        self,
        pool: Pool,
        rows: Rows,
        ledger: Ledger,
        vault: Vault,
        policy: Policy,
        people: People,
        facts: FactsOf,
        new_id: NewId,
        adjudication: Adjudication,
        vigilance: Vigilance,
        presences: Presences,
        rechecks: Rechecks,
    ) -> None:
        self._pool = pool
        self._rows = rows
        self._ledger = ledger
        self._vault = vault
        self._policy = policy
        self._people = people
        self._facts = facts
        self._new_id = new_id
        self._adjudication = adjudication
        self._vigilance = vigilance
        self._presences = presences
        self._rechecks = rechecks

    def accept(self, principal: Principal, draft_id: str) -> Receipt:
        """Signs the draft as it is."""
        sha256 = bytes.fromhex(self._row(principal, draft_id)["sha256"])
        return self._sign(principal, draft_id, _Decision(1, "accepted", b"", sha256, None))

    def amend(self, principal: Principal, draft_id: str, language: Language, text: str) -> Receipt:
        """Signs the person's own text in place of the draft's."""
        text = text.strip()
        row = self._row(principal, draft_id)
        self._policy.require(principal, Action.DRAFT_DECIDE, draft_facts(self._facts, row))
        draft = self._rows.seen_by(principal).draft(draft_id)
        if draft.body.written:
            raise BadDecision(
                problem="An order is not changed here: reject it and write it anew, so that it is"
                " checked again."
            )
        if not text:
            raise BadDecision(problem="Write the text that you want to sign.")
        if len(text) > LONGEST:
            raise BadDecision(problem="The text is too long. Sign at most 20,000 characters.")
        if _UNPRINTABLE.search(text):
            raise BadDecision(problem="The text holds characters that cannot be printed.")
        if text == draft.body.text.into(language).strip():
            raise BadDecision(problem="The text is unchanged. Accept the draft instead.")
        raw = amended_bytes(draft.head.sha256, language, text)
        return self._sign(principal, draft_id, _Decision(1, "amended", raw, digest(raw), None))

    def reject(
        self, principal: Principal, draft_id: str, reason_code: str, comment: str
    ) -> Receipt:
        """Refuses the draft with a coded reason; it stays readable for ever."""
        if reason_code not in REASONS:
            raise BadDecision(problem="Choose a reason from the list.")
        if len(comment) > LONGEST:
            raise BadDecision(problem="The text is too long. Sign at most 20,000 characters.")
        ordinal = 2 if self._row(principal, draft_id)["state"] == "countersignature" else 1
        decision = _Decision(ordinal, "rejected", comment.strip().encode(), None, reason_code)
        return self._sign(principal, draft_id, decision)

    def countersign(self, principal: Principal, draft_id: str) -> Receipt:
        """The second signature that the highest risk class asks for."""
        rows = self._rows.seen_by(principal).signatures(draft_id)
        sha256 = rows[0]["signed_sha256"] if rows else None
        return self._sign(principal, draft_id, _Decision(2, "countersigned", b"", sha256, None))

    def may_decide(self, principal: Principal, draft_id: str) -> bool:
        """Whether the page should offer a decision; the gate asks again when it is made."""
        try:
            row = self._rows.seen_by(principal).state(draft_id)
        except UnknownDraft:
            return False
        if row["state"] not in WAITING:
            return False
        facts = draft_facts(self._facts, row)
        if not self._policy.decide(principal, _action(row["state"]), facts).allowed:
            return False
        if row["state"] == "countersignature" and row["first_signer"] == principal.id:
            return False
        try:
            self._behalf(principal, row, facts)
        except NotStandingIn:
            return False
        return self._licence(principal, row["signer_kinds"], row["state"]) is not None

    def behalf(self, principal: Principal, draft_id: str) -> Lent | None:
        """For which colleague on leave this person would sign a draft; None for themselves.

        Raises Forbidden, NotStandingIn.
        """
        row = self._row(principal, draft_id)
        return self._behalf(principal, row, draft_facts(self._facts, row))

    def _behalf(self, principal: Principal, row: DictRow, facts: Facts) -> Lent | None:
        """Raises NotStandingIn where the right rests on delegations that do not allow it."""
        second = row["state"] == "countersignature"
        kinds = {LicenceKind(kind) for kind in row["signer_kinds"]}
        earlier = self._rows.seen_by(principal).signatures(row["id"]) if second else []
        signed = {one[name] for one in earlier for name in ("signer_id", "on_behalf_of")}
        kinds = kinds & set(SENIOR) if second else kinds
        if any(one["on_behalf_of"] == principal.id for one in earlier):
            raise NotStandingIn
        found = on_behalf(principal, facts, kinds, signed)
        if found is None and lenders(principal, facts) and not is_own(principal, facts):
            raise NotStandingIn
        return found

    def may_correct(self, principal: Principal, draft_id: str) -> bool:
        """Whether this person may ask for a correction of an answer that was released."""
        row = self._row(principal, draft_id)
        facts = draft_facts(self._facts, row)
        allowed = self._policy.decide(principal, Action.DRAFT_READ, facts).allowed
        return allowed and row["state"] == "released"

    def _row(self, principal: Principal, draft_id: str) -> DictRow:
        """The draft's state. Raises Forbidden, also for a draft that does not exist."""
        seen = self._rows.seen_by(principal)
        facts = seen.about(draft_id) or Facts.house("draft")
        try:
            return seen.state(draft_id)
        except UnknownDraft:
            self._policy.require(principal, Action.DRAFT_DECIDE, facts)
            raise

    def _licence(
        self, principal: Principal, kinds: list[str], state: str
    ) -> tuple[str, str, date, date] | None:
        wanted = {LicenceKind(kind) for kind in kinds}
        if state == "countersignature":
            wanted &= set(SENIOR)
        for licence in self._people.licences_today(principal.id):
            if licence.kind in wanted:
                return licence.id, str(licence.kind), licence.valid_from, licence.valid_to
        return None

    def _present(self, principal: Principal, risk: str, decision: _Decision) -> str | None:
        """The fresh proof under which the highest risk is signed. Raises StepUpNeeded."""
        if risk != RiskClass.HIGH or decision.decision == "rejected":
            return None
        return self._presences.required(principal)

    def _sign(self, principal: Principal, draft_id: str, decision: _Decision) -> Receipt:
        row = self._row(principal, draft_id)
        state = "countersignature" if decision.ordinal == 2 else "open"
        facts = draft_facts(self._facts, row)
        self._policy.require(principal, _action(state), facts)
        behalf = self._behalf(principal, row, facts)
        licence = self._licence(principal, row["signer_kinds"], state)
        if licence is None:
            raise NotLicensed
        presence = self._present(principal, row["risk"], decision)
        signature_id, draft = self._new_id(), self._opened(principal, row)
        check = self._checked(principal, row, draft, decision)
        read = self._reading(signature_id, principal, row, draft, decision)
        dispute = self._adjudication.dispute(
            principal,
            row,
            rejects=decision.decision == "rejected",
            behalf=behalf.person if behalf else None,
        )
        box = self._vault.seal(row["patient"], decision.text, f"signature/{signature_id}")
        try:
            with self._ledger.unit(self._pool.within(scope_of(principal))) as unit:
                signer = (signature_id, principal.id, presence)
                _insert(unit.connection, signer, behalf, row, decision, licence, box)
                if decision.ordinal == 1:
                    rejected, reason = decision.decision == "rejected", decision.reason_code or ""
                    alert = alert_of(self._vault, row)
                    count_answer(unit.connection, alert, not rejected, reason)
                unit.record(_event(principal, behalf, row, decision, licence, check))
                if read is not None:
                    self._vigilance.keep(unit, read)
                if dispute is not None:
                    self._adjudication.open(unit, dispute)
        except psycopg.errors.DatabaseError as problem:
            raise translated(problem) from problem
        return unit.receipts[0]

    def _opened(self, principal: Principal, row: DictRow) -> Draft[Body] | None:
        """The draft; None for one that cannot be opened, which is never released either."""
        try:
            return self._rows.seen_by(principal).draft(row["id"])
        except (Damaged, Unreadable):
            return None

    def _checked(
        self, principal: Principal, row: DictRow, draft: Draft[Body] | None, decision: _Decision
    ) -> str:
        """The check under which it is signed; nothing of what can be signed no more, which the
        database refuses. Raises NewAlerts, NotRechecked.
        """
        if draft is None or decision.decision == "rejected" or row["state"] not in WAITING:
            return ""
        return self._rechecks.check(principal, draft)

    def _reading(
        self,
        signature_id: str,
        principal: Principal,
        row: DictRow,
        draft: Draft[Body] | None,
        decision: _Decision,
    ) -> dict[str, object] | None:
        """What is kept of how long it was read; nothing of a draft that cannot be opened."""
        rows = self._rows.seen_by(principal)
        if draft is None:
            return None
        try:
            amended = amended_content(decision.text) if decision.decision == "amended" else None
            if decision.decision == "countersigned":
                first = rows.signatures(row["id"])[:1]
                if first and first[0]["decision"] == "amended":
                    amended = amended_content(rows.signature_text(first[0]))
        except (Damaged, Unreadable):
            return None
        facts = self._facts(row["patient"], None)
        return kept(signature_id, draft, facts, principal.id, decision.decision, amended)


def _insert(
    connection: Connection[DictRow],
    who: tuple[str, str, str | None],
    behalf: Lent | None,
    row: DictRow,
    decision: _Decision,
    licence: tuple[str, str, date, date],
    box: Sealed,
) -> None:
    """The signature's row; ``who`` is its identifier, the signer's and that of the proof."""
    connection.execute(
        "insert into signoff.signature (id, draft_id, draft_sha256, risk, patient,"
        " ordinal, signer_id, licence_id, licence_kind, valid_from, valid_to,"
        " decision, reason_code, signed_sha256, suite, key_id, box,"
        " presence_id, on_behalf_of, delegation_id, signed_at, signed_on)"
        " values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,"
        " now(), house.today())",
        (
            who[0],
            row["id"],
            bytes.fromhex(row["sha256"]),
            row["risk"],
            row["patient"],
            decision.ordinal,
            who[1],
            *licence,
            decision.decision,
            decision.reason_code,
            decision.signed_sha256,
            box.suite,
            box.key_id,
            box.box,
            who[2],
            behalf.person if behalf else None,
            behalf.id if behalf else None,
        ),
    )


def _action(state: str) -> Action:
    return Action.DRAFT_COUNTERSIGN if state == "countersignature" else Action.DRAFT_DECIDE


def _event(
    principal: Principal,
    behalf: Lent | None,
    row: dict[str, object],
    decision: _Decision,
    licence: tuple[str, str, date, date],
    check: str,
) -> Event:
    rejected = decision.decision == "rejected"
    commits = {"draft": str(row["sha256"])}
    if decision.signed_sha256 is not None:
        commits["signed"] = decision.signed_sha256.hex()
    detail: dict[str, str | int | bool] = {
        "decision": decision.decision,
        "ordinal": decision.ordinal,
        "licence": licence[0],
    }
    if decision.reason_code:
        detail["reason"] = decision.reason_code
    if check:
        detail["check"] = check
    if behalf is not None:
        detail |= {"on_behalf_of": f"person:{behalf.person}", "delegation": behalf.id}
    return Event(
        kind=EventKind.DRAFT_REJECTED if rejected else EventKind.DRAFT_SIGNED,
        actor=principal.actor,
        patient=str(row["patient"]),
        subject=f"draft:{row['id']}",
        model=str(row["model"]),
        commits=commits,
        detail=detail,
    )
