"""The signers' side of a recall: each says whether what they signed still stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import HOUSE, Sealed, Vault

from .correcting import correction
from .decide import LONGEST
from .errors import AlreadyReviewed, BadDecision, UnknownReview
from .propose import Proposals
from .reading import Opened, Reading
from .recall import close, closed

Answer = Literal["stands", "corrected", "withdrawn"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)


@dataclass(frozen=True, slots=True)
class Review:
    """One task of one signer. ``why`` is the reason of the recall; ``answer`` is None while
    it waits."""

    id: str
    recall_id: str
    node: str
    why: str
    draft_id: str
    patient: str
    opened_at: datetime
    answer: Answer | None
    correction_id: str | None
    answered_at: datetime | None


class Reviews:
    """Lists and answers the tasks of recalls. ``pool`` logs in as ROOM."""

    def __init__(
        self, pool: Pool, ledger: Ledger, vault: Vault, reading: Reading, proposals: Proposals
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._vault = vault
        self._reading = reading
        self._proposals = proposals

    def mine(self, principal: Principal) -> list[Review]:
        """A person's tasks, those that wait first."""
        rows = self._pool.rows(_TASKS, {"person": principal.id, "task": None})
        return [self._read(row) for row in rows]

    def waiting(self, principal: Principal) -> int:
        """How many of a person's tasks wait."""
        rows = self._pool.rows(
            "select count(*) as n from signoff.recall_task k where k.assignee = %s"
            " and not exists (select from signoff.recall_answer a where a.task_id = k.id)",
            (principal.id,),
        )
        return int(rows[0]["n"])

    def open(self, principal: Principal, task_id: str) -> tuple[Review, Opened]:
        """A task with the draft as it was signed. Raises UnknownReview, Forbidden."""
        review = self._one(principal, task_id)
        return review, self._reading.open(principal, review.draft_id)

    def answer(self, principal: Principal, task_id: str, answer: str, comment: str) -> Review:
        """Says whether what was signed stands; the last answer closes the recall.

        ``corrected`` and ``withdrawn`` bring a correction as a new draft, which a person must
        sign like any other. Raises UnknownReview, AlreadyReviewed, BadDecision, Forbidden.
        """
        if answer not in ANSWERS:
            raise BadDecision(problem="Say whether what you signed stands.")
        if len(comment) > LONGEST:
            raise BadDecision(problem="The text is too long. Sign at most 20,000 characters.")
        review, opened = self.open(principal, task_id)
        if review.answer is not None:
            raise AlreadyReviewed
        correction_id = None
        if answer != "stands":
            correction_id = self._correct(principal, opened, task_id)
        box = self._vault.seal(review.patient, comment.strip().encode(), f"review/{task_id}")
        with self._ledger.unit(self._pool) as unit:
            # Of two who answer last at once, the second sees what the first one answered.
            unit.connection.execute(
                "select pg_advisory_xact_lock(hashtextextended(%s, 73114))", (review.recall_id,)
            )
            made = unit.connection.execute(
                "insert into signoff.recall_answer"
                " (task_id, person_id, answer, correction_id, suite, key_id, box)"
                " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing returning task_id",
                (task_id, principal.id, answer, correction_id, box.suite, box.key_id, box.box),
            ).fetchone()
            if made is None:
                raise AlreadyReviewed
            unit.record(_answered(principal, review, answer))
            if _finished(unit.connection, review.recall_id):
                close(unit.connection, review.recall_id)
                unit.record(closed(principal, review.recall_id))
        return self._one(principal, task_id)

    def _correct(self, principal: Principal, opened: Opened, task_id: str) -> str:
        """A new draft, or the one that a colleague asked for and nobody decided yet."""
        head = opened.draft.head
        open_now = "select id from signoff.state where corrects = %s and state = 'open'"
        rows = self._pool.rows(open_now, (head.id,))
        if rows:
            return rows[0]["id"]
        proposal = correction(opened, f"recall:{task_id}")
        made = self._proposals.propose(Principal.system("worker"), proposal, asked_by=principal)
        if made is not None:
            return made
        rows = self._pool.rows(
            "select id from signoff.draft where corrects = %s order by proposed_at desc limit 1",
            (head.id,),
        )
        return rows[0]["id"]

    def _one(self, principal: Principal, task_id: str) -> Review:
        rows = self._pool.rows(_TASKS, {"person": principal.id, "task": task_id})
        if not rows:
            raise UnknownReview
        return self._read(rows[0])

    def _read(self, row: DictRow) -> Review:
        box = Sealed(row["suite"], row["key_id"], row["box"])
        return Review(
            id=row["id"],
            recall_id=row["recall_id"],
            node=row["node"],
            why=self._vault.open(HOUSE, box, f"recall/{row['recall_id']}").decode(),
            draft_id=row["draft_id"],
            patient=row["patient"],
            opened_at=row["opened_at"],
            answer=row["answer"],
            correction_id=row["correction_id"],
            answered_at=row["answered_at"],
        )


def _finished(connection: Connection[DictRow], recall_id: str) -> bool:
    row = connection.execute(
        "select from signoff.recall_task k where k.recall_id = %s"
        " and not exists (select from signoff.recall_answer a where a.task_id = k.id) limit 1",
        (recall_id,),
    ).fetchone()
    return row is None


def _answered(principal: Principal, review: Review, answer: str) -> Event:
    return Event(
        kind=EventKind.RECALL_ANSWERED,
        actor=principal.actor,
        patient=review.patient,
        subject=f"draft:{review.draft_id}",
        detail={"answer": answer, "recall": review.recall_id},
    )


_TASKS: Final = """
select k.*, r.node, r.suite, r.key_id, r.box, a.answer, a.correction_id, a.at as answered_at
from signoff.recall_task k
join signoff.recall r on r.id = k.recall_id
left join signoff.recall_answer a on a.task_id = k.id
where k.assignee = %(person)s and (%(task)s::text is null or k.id = %(task)s)
order by a.at nulls first, a.at desc, k.opened_at, k.id
limit 500
"""
