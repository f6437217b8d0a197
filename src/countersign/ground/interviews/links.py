"""Links for patients: each opens one interview of one visit, for some days, and nothing else."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

import psycopg
from psycopg.rows import DictRow

from countersign.ground.db import WHOLE, Pool
from countersign.ground.identity import Action, Facts, Policy, Principal, scope_of
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .errors import AIRefused, LinkUnusable, NoProtocol
from .held import ACTOR, Held, State
from .protocols import Protocols

SECRET = re.compile(r"[A-Za-z0-9_-]{27}")
"""160 bits in the alphabet of base64url: nothing that could be guessed or forged."""

FactsOf = Callable[[str], Facts]


class Links:
    """``pool`` logs in as DbRole.ROOM; ``facts`` are a patient's, from the chart."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        policy: Policy,
        facts: FactsOf,
        protocols: Protocols,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy
        self._facts = facts
        self._protocols = protocols
        self._clock = clock
        self._new_id = new_id

    def make(
        self, principal: Principal, patient: str, department: str, hours: int
    ) -> tuple[Held, str]:
        """A new interview and the secret of its link, which is told this once.

        Raises Forbidden, NotFound, AIRefused, NoProtocol, LedgerUnavailable.
        """
        facts = self._facts(patient)
        self._policy.require(principal, Action.INTERVIEW_INVITE, facts)
        if "ai" in facts.refused:
            raise AIRefused
        protocol = self._protocols.in_force()
        made, secret = self._new_id(), secrets.token_urlsafe(20)
        until = self._clock() + timedelta(hours=hours)
        values = (
            made, patient, department, protocol.id, hashed(secret), until, principal.actor
        )  # fmt: skip
        try:
            with self._ledger.unit(self._pool.within(scope_of(principal))) as unit:
                unit.connection.execute(
                    "insert into interviews.interview (id, patient, department, protocol_id,"
                    " secret_sha256, expires_at, actor) values (%s, %s, %s, %s, %s, %s, %s)",
                    values,
                )
                unit.record(
                    Event(
                        EventKind.INTERVIEW_INVITED,
                        principal.actor,
                        patient=patient,
                        subject=f"interview:{made}",
                        detail={"protocol": protocol.id, "hours": hours},
                    )
                )
        except psycopg.Error as problem:
            if problem.sqlstate == "CSI02":
                raise NoProtocol from None
            raise
        one = Held(made, patient, department, protocol.id, "invited", values[5])
        return one, secret

    def open(self, secret: str) -> Held:
        """The interview of a link, also one that was sent. Raises LinkUnusable."""
        if not SECRET.fullmatch(secret):
            raise LinkUnusable
        rows = self._pool.within(WHOLE).rows(_ONE, (hashed(secret),))
        if not rows:
            raise LinkUnusable
        found = held(rows[0], self._clock())
        if found.state in ("revoked", "expired"):
            raise LinkUnusable
        if found.state == "invited":
            self._opened(found)
        return found

    def revoke(self, principal: Principal, interview: str) -> None:
        """The link opens nothing any more. Raises Forbidden, LinkUnusable."""
        rows = self._pool.within(scope_of(principal)).rows(_BY_ID, (interview,))
        if not rows:
            raise LinkUnusable
        patient = rows[0]["patient"]
        self._policy.require(principal, Action.INTERVIEW_INVITE, self._facts(patient))
        with self._ledger.unit(self._pool.within(scope_of(principal))) as unit:
            unit.connection.execute(
                "insert into interviews.step (interview_id, state, actor)"
                " values (%s, 'revoked', %s) on conflict do nothing",
                (interview, principal.actor),
            )
            unit.record(
                Event(
                    EventKind.INTERVIEW_REVOKED,
                    principal.actor,
                    patient=patient,
                    subject=f"interview:{interview}",
                )
            )

    def _opened(self, one: Held) -> None:
        with self._ledger.unit(self._pool.within(WHOLE)) as unit:
            new = unit.connection.execute(
                "insert into interviews.step (interview_id, state, actor)"
                " values (%s, 'opened', %s) on conflict do nothing returning state",
                (one.id, ACTOR),
            ).fetchone()
            if new is not None:
                unit.record(
                    Event(
                        EventKind.INTERVIEW_OPENED,
                        ACTOR,
                        patient=one.patient,
                        subject=f"interview:{one.id}",
                    )
                )


def hashed(secret: str) -> bytes:
    """What is kept of a secret: it is long and random, so that a plain hash is enough."""
    return sha256(secret.encode()).digest()


def held(row: DictRow, now: datetime) -> Held:
    """From a row of ``STATES``."""
    return Held(
        row["id"], row["patient"], row["department"], row["protocol_id"], state(row, now),
        row["expires_at"],
    )  # fmt: skip


def state(row: DictRow, now: datetime) -> State:
    """What has become of it; what was sent stays so past its time."""
    steps = set(row["steps"])
    if "revoked" in steps:
        return "revoked"
    if "sent" in steps:
        return "sent"
    if row["expires_at"] <= now:
        return "expired"
    return "opened" if "opened" in steps else "invited"


_ONE = """
select i.*, array(select s.state from interviews.step s where s.interview_id = i.id) as steps
from interviews.interview i where i.secret_sha256 = %s
"""
_BY_ID = """
select i.*, array(select s.state from interviews.step s where s.interview_id = i.id) as steps
from interviews.interview i where i.id = %s
"""
