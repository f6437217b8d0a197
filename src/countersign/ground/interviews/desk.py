"""What the desk watches and a physician reads of interviews, each within what the policy allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from psycopg.rows import DictRow

from countersign.ground.db import WHOLE, Pool
from countersign.ground.identity import Action, Facts, Policy, Principal, scope_of
from countersign.ground.ledger import Event, EventKind, Ledger, Receipt
from countersign.ground.vault import Sealed, Vault
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError
from countersign.kit.json import decode

from .errors import UnknownInterview
from .held import Alert, Attachment, Entry, Held, Invited
from .keeping import attachments, content, entries
from .links import held, state

FactsOf = Callable[[str], Facts]
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Told:
    """An interview that somebody reads under a durable receipt, None for the house's own job."""

    held: Held
    entries: tuple[Entry, ...]
    attachments: tuple[Attachment, ...]
    alerts: tuple[Alert, ...]
    receipt: Receipt | None


class Desk:
    """``pool`` logs in as DbRole.ROOM; ``facts`` are a patient's, from the chart."""

    def __init__(
        self, pool: Pool, vault: Vault, ledger: Ledger, policy: Policy, facts: FactsOf, clock: Clock
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._ledger = ledger
        self._policy = policy
        self._facts = facts
        self._clock = clock

    def alerts(self, principal: Principal, *, open_only: bool = True) -> list[Alert]:
        """Dangers of patients whom this person sees, urgent and old ones first."""
        self._policy.require(principal, Action.INTERVIEW_DESK, Facts.house("interviews"))
        rows = self._pool.within(scope_of(principal)).rows(_ALERTS, {"all": not open_only})
        mine = [row for row in rows if self._may(principal, row["patient"])]
        return [self._alert(row) for row in mine]

    def invited(self, principal: Principal) -> list[Invited]:
        """Interviews of patients whom this person sees, the newest first."""
        self._policy.require(principal, Action.INTERVIEW_DESK, Facts.house("interviews"))
        rows = self._pool.within(scope_of(principal)).rows(_INVITED, (SHOWN,))
        now = self._clock()
        return [
            Invited(
                row["id"], row["patient"], row["department"], state(row, now), row["at"],
                row["expires_at"], row["sent_at"],
            )
            for row in rows
            if self._may(principal, row["patient"])
        ]  # fmt: skip

    def acknowledge(self, principal: Principal, alert: str) -> None:
        """A person has taken notice of a danger. Raises UnknownInterview, Forbidden."""
        pool = self._pool.within(scope_of(principal))
        rows = pool.rows(
            "select i.patient, i.id from interviews.alert a join interviews.interview i"
            " on i.id = a.interview_id where a.id = %s",
            (alert,),
        )
        if not rows:
            raise UnknownInterview
        patient = rows[0]["patient"]
        self._policy.require(principal, Action.INTERVIEW_DESK, self._facts(patient))
        with self._ledger.unit(pool) as unit:
            new = unit.connection.execute(
                "insert into interviews.acknowledgement (alert_id, actor) values (%s, %s)"
                " on conflict do nothing returning alert_id",
                (alert, principal.actor),
            ).fetchone()
            if new is not None:
                unit.record(
                    Event(
                        EventKind.DANGER_ACKNOWLEDGED,
                        principal.actor,
                        patient=patient,
                        subject=f"interview:{rows[0]['id']}",
                        detail={"alert": alert},
                    )
                )

    def leaning(self, principal: Principal, interview: str) -> Entry | None:
        """The proposal of department and urgency, which the desk may see without the words."""
        found = self._one(principal, interview, Action.INTERVIEW_DESK)
        own = entries(self._pool.within(scope_of(principal)), self._vault, found.id, found.patient)
        return next((one for one in reversed(own) if one.item == "leaning"), None)

    def read(self, principal: Principal, interview: str) -> Told:
        """All that was told, under a receipt. Raises UnknownInterview, Forbidden."""
        found = self._one(principal, interview, Action.INTERVIEW_READ)
        pool = self._pool.within(scope_of(principal))
        told = entries(pool, self._vault, found.id, found.patient)
        rows = pool.rows(_ALERTS_OF, (found.id,))
        receipt = self._ledger.record(
            Event(
                EventKind.INTERVIEW_READ,
                principal.actor,
                patient=found.patient,
                subject=f"interview:{found.id}",
                detail={"answers": len(told)},
            )
        )
        alerts = tuple(self._alert(row) for row in rows)
        return Told(found, tuple(told), tuple(attachments(pool, found.id)), alerts, receipt)

    def attachment(
        self, principal: Principal, interview: str, attachment: str
    ) -> tuple[str, bytes]:
        """Type and content of a file, for physicians. Raises UnknownInterview, Forbidden."""
        found = self._one(principal, interview, Action.INTERVIEW_READ)
        rows = self._pool.within(scope_of(principal)).rows(
            "select * from interviews.attachment where id = %s and interview_id = %s",
            (attachment, interview),
        )
        if not rows:
            raise UnknownInterview
        self._ledger.record(
            Event(
                EventKind.INTERVIEW_READ,
                principal.actor,
                patient=found.patient,
                subject=f"interview:{found.id}",
                detail={"attachment": attachment},
            )
        )
        return rows[0]["media"], content(self._vault, found.patient, rows[0])

    def sent(self, interview: str) -> Told | None:
        """For the job that makes the physician's draft; None while it is not sent."""
        pool = self._pool.within(WHOLE)
        rows = pool.rows(_BY_ID, (interview,))
        if not rows or "sent" not in rows[0]["steps"]:
            return None
        found = held(rows[0], self._clock())
        alerts = tuple(self._alert(row) for row in pool.rows(_ALERTS_OF, (interview,)))
        told = tuple(entries(pool, self._vault, found.id, found.patient))
        return Told(found, told, tuple(attachments(pool, interview)), alerts, None)

    def _one(self, principal: Principal, interview: str, action: Action) -> Held:
        rows = self._pool.within(scope_of(principal)).rows(_BY_ID, (interview,))
        if not rows:
            raise UnknownInterview
        found = held(rows[0], self._clock())
        self._policy.require(principal, action, self._facts(found.patient))
        return found

    def _may(self, principal: Principal, patient: str) -> bool:
        try:
            facts = self._facts(patient)
        except CountersignError:
            return False
        return self._policy.decide(principal, Action.INTERVIEW_DESK, facts).allowed

    def _alert(self, row: DictRow) -> Alert:
        box = Sealed(row["suite"], row["key_id"], row["box"])
        said = decode(self._vault.open(row["patient"], box, f"interview-alert/{row['id']}"))
        return Alert(
            row["id"], row["interview_id"], row["patient"], row["urgent"], tuple(said["flags"]),
            row["at"], row["acknowledged_by"], row["acknowledged_at"],
        )  # fmt: skip


_ALERTS = """
select a.*, i.patient, k.actor as acknowledged_by, k.at as acknowledged_at
from interviews.alert a join interviews.interview i on i.id = a.interview_id
left join interviews.acknowledgement k on k.alert_id = a.id
where %(all)s or k.alert_id is null
order by k.alert_id is not null, not a.urgent, a.at limit 200
"""
_ALERTS_OF = """
select a.*, i.patient, k.actor as acknowledged_by, k.at as acknowledged_at
from interviews.alert a join interviews.interview i on i.id = a.interview_id
left join interviews.acknowledgement k on k.alert_id = a.id
where a.interview_id = %s order by a.at
"""
_INVITED = """
select i.*, array(select s.state from interviews.step s where s.interview_id = i.id) as steps,
       (select s.at from interviews.step s where s.interview_id = i.id and s.state = 'sent')
           as sent_at
from interviews.interview i order by i.at desc limit %s
"""
_BY_ID = """
select i.*, array(select s.state from interviews.step s where s.interview_id = i.id) as steps
from interviews.interview i where i.id = %s
"""
