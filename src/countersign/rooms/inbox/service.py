"""A person decides; what the signatures allow is released at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from countersign.ground.identity import Principal
from countersign.ground.ledger import Receipt
from countersign.ground.release import Release, Released
from countersign.ground.signoff import BadDecision, NotLicensed, Signoff, correction
from countersign.kit.errors import CountersignError
from countersign.kit.words import Language

Choice = Literal["accept", "amend", "reject", "countersign"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the form says: the choice, and the text or the reason that belongs to it."""

    choice: str
    language: Language
    text: str = ""
    reason: str = ""
    comment: str = ""


class Inbox:
    """Takes decisions and hands what they allow to the release."""

    def __init__(self, signoff: Signoff, release: Release) -> None:
        self._signoff = signoff
        self._release = release

    def decide(self, principal: Principal, draft_id: str, decision: Decision) -> Receipt:
        """Writes the decision and releases the draft when no signature is missing.

        Raises the errors of ``signoff``; then nothing was decided.
        """
        receipt = self._write(principal, draft_id, decision)
        self._signoff.working.discard(principal, draft_id)
        self.release(draft_id)
        return receipt

    def correct(self, principal: Principal, draft_id: str) -> str:
        """A new draft in place of a released answer; the old one stays in the history.

        Its text is the one that was drafted. Where other words were signed, they are what this
        person changes it into until they write others. Raises BadDecision when nothing was
        released.
        """
        opened = self._signoff.reading.open(principal, draft_id)
        proposal = correction(opened, f"correction:{draft_id}:{opened.receipt.index}")
        if not self._signoff.decisions.may_correct(principal, draft_id):
            raise NotLicensed
        made = self._signoff.proposals.propose(
            Principal.system("worker"), proposal, asked_by=principal
        )
        if made is None:
            raise BadDecision(problem="This correction was asked for already.")
        if opened.amended:
            self._signoff.working.save(principal, made, *opened.amended)
        return made

    def release(self, draft_id: str) -> Released | None:
        """Releases a draft whose signatures are complete; None while they are not."""
        signed = self._signoff.reading.signed(draft_id)
        return self._release.release(signed) if signed else None

    def release_waiting(self) -> int:
        """Releases what was signed when something broke before its release."""
        done, last = 0, None
        for draft_id in self._signoff.reading.unreleased():
            try:
                done += self.release(draft_id) is not None
            except CountersignError as problem:
                last = problem  # one answer that cannot be released holds up no other
        if last is not None:
            raise last
        return done

    def expire(self) -> int:
        """Puts undecided drafts that are past their time on the list of expired ones."""
        return self._signoff.proposals.expire(Principal.system("timekeeper"))

    def _write(self, principal: Principal, draft_id: str, decision: Decision) -> Receipt:
        decisions = self._signoff.decisions
        match decision.choice:
            case "accept":
                return decisions.accept(principal, draft_id)
            case "amend":
                return decisions.amend(principal, draft_id, decision.language, decision.text)
            case "reject":
                return decisions.reject(principal, draft_id, decision.reason, decision.comment)
            case "countersign":
                return decisions.countersign(principal, draft_id)
            case _:
                raise BadDecision(problem="Choose what to do with the draft.")
