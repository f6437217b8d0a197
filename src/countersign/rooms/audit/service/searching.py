"""Searches the ledger for the auditor, proves single events, exports case bundles."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

from countersign.ground.identity import Principal
from countersign.ground.ledger import (
    BundleOrder,
    Checkpoint,
    Event,
    EventKind,
    EventPage,
    EventQuery,
    Exported,
    Ledger,
    NothingKept,
    NotInLedger,
    Opening,
    Receipt,
    Recorded,
    Report,
    Returned,
    Witnesses,
    export,
)
from countersign.kit.json import digest, encode

RETURNED = ("results", "patients", "drafts")
"""Names under which events commit to what a search or a list returned."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One event with what an outsider needs to check it: hashes in hexadecimal."""

    event: Recorded
    leaf_hash: str
    path: tuple[str, ...]
    checkpoint: Checkpoint
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Within:
    """What an event's search returned of ``patient``: each an opening of its commitment."""

    proof: Proof
    patient: str
    openings: tuple[Opening, ...]
    holds: bool


class Audit:
    """Each look at the audit is itself an event."""

    def __init__(self, ledger: Ledger, returned: Returned, witnesses: Witnesses) -> None:
        self._ledger = ledger
        self._returned = returned
        self._witnesses = witnesses

    def search(self, principal: Principal, query: EventQuery) -> tuple[EventPage, Receipt]:
        """One page of events, newest first, and the receipt of having looked."""
        page = self._ledger.events(query)
        asked = digest(encode(query.as_json())).hex()
        shown = digest(b"".join(digest(b"\x00" + event.body) for event in page.events)).hex()
        receipt = self._seen(principal, query.patient, len(page.events), asked, events=shown)
        return page, receipt

    def prove(self, principal: Principal, index: int) -> Proof:
        """One event and its inclusion proof in a fresh checkpoint. Raises NotInLedger."""
        event = one(self._ledger, index)
        receipt = self._seen(principal, event.patient, 1, digest(event.body).hex())
        checkpoint = self._ledger.checkpoint()
        path = self._ledger.inclusion(index, checkpoint.size)
        leaf = digest(b"\x00" + event.body).hex()
        return Proof(event, leaf, tuple(node.hex() for node in path), checkpoint, receipt)

    def export(self, principal: Principal, query: EventQuery) -> tuple[bytes, Exported]:
        """A case bundle as a ZIP archive; the export is recorded before it leaves."""
        out = io.BytesIO()
        asked = replace(query, before=None)
        order = BundleOrder(principal.actor, asked, witnesses=self._witnesses)
        exported = export(self._ledger, order, out)
        return out.getvalue(), exported

    def verify(self) -> Report:
        """Recomputes the whole tree from what is stored, and checks what witnesses signed."""
        return self._ledger.verify(witnesses=[place.key for place in self._witnesses.places])

    def within(self, principal: Principal, index: int, patient: str) -> Within:
        """Whether a patient was among what the search or list of one event returned.

        Raises NotInLedger, NothingKept.
        """
        proof = self.prove(principal, index)
        roots = [proof.event.commits[name] for name in RETURNED if name in proof.event.commits]
        if not roots:
            raise NothingKept
        openings = self._returned.of_patient(roots[0], patient)
        kept = all(one.holds(bytes.fromhex(roots[0])) for one in openings)
        return Within(proof, patient, tuple(openings), kept)

    def _seen(
        self, principal: Principal, patient: str | None, count: int, asked: str, **more: str
    ) -> Receipt:
        return self._ledger.record(
            Event(
                kind=EventKind.AUDIT_VIEWED,
                actor=principal.actor,
                patient=patient,
                commits={"asked": asked, **more},
                detail={"count": count},
            )
        )


def one(ledger: Ledger, index: int) -> Recorded:
    """The event of that index. Raises NotInLedger."""
    page = ledger.events(EventQuery(before=index + 1, limit=1))
    if not page.events or page.events[0].index != index:
        raise NotInLedger(index=index, size=ledger.size())
    return page.events[0]
