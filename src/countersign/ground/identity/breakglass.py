"""Opens a chart to a physician for one hour at most, for a stated reason that a person reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import Sealed, Vault
from countersign.kit.ids import NewId
from countersign.kit.words import Words

from .action import Action
from .errors import BadValue, GlassUnknown, OnlyEmergency, OwnReview, Reviewed
from .policy import Policy
from .principal import SENSITIVE, Facts, Principal

LONGEST = timedelta(hours=1)
"""Nothing is opened for longer; the database holds it as well."""

SHORTEST_REASON, LONGEST_REASON = 10, 2000
STAFF = "EMP"
"""The label of patients who are members of staff."""

REASONS: dict[str, Words] = {
    "emergency": Words("Emergency: the patient needs me now", "急救：患者此刻需要我处理"),
    "handover": Words("I have taken the patient over", "我已接手该患者"),
    "consultation": Words("A colleague asked for my opinion", "同事请我会诊"),
    "patient-asked": Words("The patient asked me to look", "患者本人要求我查看"),
    "other": Words("Another reason", "其他理由"),
}
OUTCOMES: dict[str, Words] = {
    "justified": Words("Justified", "理由充分"),
    "unjustified": Words("Not justified", "理由不充分"),
    "follow-up": Words("To be followed up with the person", "需与本人进一步核实"),
}


@dataclass(frozen=True, slots=True)
class Review:
    """What a named reviewer found."""

    reviewer: str
    outcome: str
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """One chart opened by one person. ``text`` is empty where only the fact is shown."""

    id: str
    person: str
    patient: str
    reason: str
    pierces: frozenset[str]
    opened_at: datetime
    ends: datetime
    ended_at: datetime | None
    review_due: datetime
    text: str = ""
    review: Review | None = None

    @property
    def until(self) -> datetime:
        """When it was over, or will be."""
        return min(self.ended_at or self.ends, self.ends)

    def overdue(self, now: datetime) -> bool:
        """Whether the review is late."""
        return self.review is None and now > self.review_due


@dataclass(frozen=True, slots=True)
class Stated:
    """What a person states: a code of ``REASONS``, own words, and labels to be opened too."""

    reason: str
    text: str
    labels: frozenset[str] = frozenset()


class BreakGlass:
    """Opening, ending and reviewing. ``pool`` is that of DbRole.IDENTITY.

    ``changed`` is called after each change, so that this process forgets older rights.
    """

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        policy: Policy,
        vault: Vault,
        new_id: NewId,
        changed: Callable[[], None],
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy
        self._vault = vault
        self._new_id = new_id
        self._changed = changed

    def open(
        self, by: Principal, facts: Facts, stated: Stated, length: timedelta = LONGEST
    ) -> Opening:
        """Opens the chart that ``facts`` are of. Raises Forbidden, BadValue, OnlyEmergency.

        Labels are opened only where they are named, each time anew. A member of staff's own
        chart opens in an emergency alone, and is reviewed before others.
        """
        self._policy.require(by, Action.GLASS_BREAK, facts)
        patient = facts.patient or ""
        stated = _checked(stated)
        pierces = stated.labels & SENSITIVE
        if stated.reason == "emergency":
            pierces |= {STAFF}
        elif STAFF in facts.sensitivity:
            raise OnlyEmergency
        # Whether the chart bears the label is not told: an emergency opens it in any case.
        pierces -= {STAFF} - facts.sensitivity
        opening = self._new_id()
        box = self._vault.seal(patient, stated.text.encode(), f"break-glass/{opening}")
        values = {
            "id": opening,
            "person": by.id,
            "patient": patient,
            "reason": stated.reason,
            "pierces": sorted(pierces),
            "suite": box.suite,
            "key": box.key_id,
            "box": box.box,
            "length": min(length, LONGEST),
        }
        with self._ledger.unit(self._pool) as unit:
            row = unit.connection.execute(_OPEN, values).fetchone()
            assert row is not None  # noqa: S101 - an insert that returns
            detail: dict[str, str | int | bool] = {
                "reason": stated.reason,
                "until": row["ends"].isoformat(timespec="seconds"),
            }
            if pierces:
                detail["labels"] = ",".join(sorted(pierces))
            unit.record(_event(EventKind.GLASS_OPENED, by, patient, opening, detail))
        self._changed()
        return _opening(row)

    def end(self, by: Principal, opening: str) -> None:
        """Ends one's own opening before its time; safe to repeat. Raises GlassUnknown."""
        with self._ledger.unit(self._pool) as unit:
            row = unit.connection.execute(_END, {"id": opening, "person": by.id}).fetchone()
            if row is None:
                known = unit.connection.execute(
                    "select from identity.break_glass where id = %s and person_id = %s",
                    (opening, by.id),
                ).fetchone()
                if known is None:
                    raise GlassUnknown
                return
            unit.record(_event(EventKind.GLASS_ENDED, by, row["patient"], opening, {}))
        self._changed()

    def recent(self, patients: Iterable[str], days: int = 30) -> tuple[Opening, ...]:
        """Who opened these charts lately, the newest first: for the care team to see."""
        wanted = sorted(set(patients))
        if not wanted:
            return ()
        given = {"patients": wanted, "days": timedelta(days=days)}
        return tuple(map(_opening, self._pool.rows(_RECENT, given)))

    def patients_since(self, days: int = 3) -> frozenset[str]:
        """Whose charts were opened lately; which of them a person may know of is not said here."""
        rows = self._pool.rows(
            "select distinct patient from identity.break_glass"
            " where opened_at > clock_timestamp() - %s",
            (timedelta(days=days),),
        )
        return frozenset(row["patient"] for row in rows)

    def to_review(self, *, by: Principal, done: bool = False) -> tuple[Opening, ...]:
        """What awaits a review, staff and pierced labels first, then the longest due; or, with
        ``done``, the last hundred that were reviewed.
        """
        self._policy.require(by, Action.GLASS_REVIEW, Facts.house("break-glass"))
        return tuple(map(_opening, self._pool.rows(_DONE if done else _PENDING)))

    def one(self, opening: str, *, by: Principal) -> Opening:
        """One opening with its reason, for the reviewer. Raises GlassUnknown."""
        self._policy.require(by, Action.GLASS_REVIEW, Facts.house("break-glass"))
        rows = self._pool.rows(_ONE, {"id": opening})
        if not rows:
            raise GlassUnknown
        row = rows[0]
        found = replace(_opening(row), text=self._said(row, f"break-glass/{opening}", ""))
        if found.review is None:
            return found
        comment = self._said(row, f"break-glass-review/{opening}", "review_")
        return replace(found, review=replace(found.review, comment=comment))

    def review(self, opening: str, outcome: str, comment: str, *, by: Principal) -> None:
        """Writes the outcome under the reviewer's name, once.

        Raises GlassUnknown, BadValue, OwnReview, Reviewed.
        """
        self._policy.require(by, Action.GLASS_REVIEW, Facts.house("break-glass"))
        found = self.one(opening, by=by)
        comment = comment.strip()
        if outcome not in OUTCOMES:
            raise BadValue(field="outcome")
        if len(comment) > LONGEST_REASON or (outcome != "justified" and not comment):
            raise BadValue(field="comment")
        if found.person == by.id:
            raise OwnReview
        box = self._vault.seal(found.patient, comment.encode(), f"break-glass-review/{opening}")
        try:
            with self._ledger.unit(self._pool) as unit:
                unit.connection.execute(
                    "insert into identity.break_glass_review"
                    " (opening_id, reviewer_id, outcome, suite, key_id, box)"
                    " values (%s, %s, %s, %s, %s, %s)",
                    (opening, by.id, outcome, box.suite, box.key_id, box.box),
                )
                detail = {"outcome": outcome, "opened_by": f"person:{found.person}"}
                unit.record(_event(EventKind.GLASS_REVIEWED, by, found.patient, opening, detail))
        except UniqueViolation as problem:
            raise Reviewed from problem

    def _said(self, row: DictRow, context: str, prefix: str) -> str:
        sealed = Sealed(row[f"{prefix}suite"], row[f"{prefix}key_id"], row[f"{prefix}box"])
        return self._vault.open(row["patient"], sealed, context).decode()


def _checked(stated: Stated) -> Stated:
    text = stated.text.strip()
    if stated.reason not in REASONS:
        raise BadValue(field="reason")
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        raise BadValue(field="text")
    return replace(stated, text=text)


def _event(
    kind: EventKind,
    by: Principal,
    patient: str,
    opening: str,
    detail: dict[str, str | int | bool] | dict[str, str],
) -> Event:
    return Event(kind, by.actor, patient, f"break-glass:{opening}", detail=dict(detail))


def _opening(row: DictRow) -> Opening:
    review = None
    if row.get("reviewer_id"):
        review = Review(row["reviewer_id"], row["outcome"], "", row["reviewed_at"])
    return Opening(
        id=row["id"],
        person=row["person_id"],
        patient=row["patient"],
        reason=row["reason_code"],
        pierces=frozenset(row["pierces"]),
        opened_at=row["opened_at"],
        ends=row["ends"],
        ended_at=row["ended_at"],
        review_due=row["review_due"],
        review=review,
    )


# The trigger writes the times; the end is given as a length.
_OPEN = """
insert into identity.break_glass (id, person_id, patient, reason_code, pierces, suite, key_id, box,
                                  opened_at, ends, review_due)
values (%(id)s, %(person)s, %(patient)s, %(reason)s, %(pierces)s, %(suite)s, %(key)s, %(box)s,
        now(), now() + %(length)s, now())
returning *
"""
_END = """
update identity.break_glass set ended_at = clock_timestamp()
where id = %(id)s and person_id = %(person)s and ended_at is null and ends > clock_timestamp()
returning patient
"""
_REVIEWED = """
select g.*, r.reviewer_id, r.outcome, r.reviewed_at, r.suite as review_suite,
       r.key_id as review_key_id, r.box as review_box
from identity.break_glass g left join identity.break_glass_review r on r.opening_id = g.id
"""
_RECENT = (
    _REVIEWED
    + " where g.patient = any (%(patients)s) and g.opened_at > clock_timestamp() - %(days)s"
    " order by g.opened_at desc limit 50"
)
_PENDING = (
    _REVIEWED
    + " where r.opening_id is null order by 'EMP' = any (g.pierces) desc, g.review_due, g.id"
)
_DONE = _REVIEWED + " where r.opening_id is not null order by r.reviewed_at desc limit 100"
_ONE = _REVIEWED + " where g.id = %(id)s"
