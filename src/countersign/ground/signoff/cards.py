"""Drafts on the screens of other systems: shown after their receipt, followed to their end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from psycopg.rows import DictRow

from countersign.ground.db import WHOLE
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger, Receipt
from countersign.ground.models import Switch
from countersign.ground.vault import Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .counting import Warned, alert_of, count_answer, count_shown
from .decide import Decisions
from .draft import Body, Draft, RiskClass, Urgency
from .errors import AlreadyTold, BadOutcomeOfCard, UnknownCard
from .facts import FactsOf, draft_facts
from .impressions import Impressions
from .quickness import SPANS, Quickness, quickness
from .reasons import FOREIGN, REASONS, UNSTATED
from .rows import Rows

SIGNS_WITHIN = timedelta(minutes=30)
"""How long after it was shown the acceptance of a card still counts as a signature."""

LONGEST = 4000
_URGENT: Final = [str(one) for one in Urgency]


@dataclass(frozen=True, slots=True)
class Screen:
    """Where cards are shown: the system that calls, and the service that it called."""

    client: str
    service: str
    hook: str


@dataclass(frozen=True, slots=True)
class Card:
    """A draft as another system may show it. ``signable`` where accepting it signs it."""

    id: str
    draft: Draft[Body]
    signable: bool
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Shown:
    """``withheld`` drafts wait for the person's own impression, ``more`` could have been shown
    beside these; ``receipt`` is of the answer.
    """

    cards: tuple[Card, ...]
    withheld: int
    more: int
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Known:
    """A card that was shown, as its outcome needs it; ``alert`` is what is counted of it."""

    id: str
    draft_id: str
    patient: str
    person: str | None
    signable: bool
    shown_at: datetime
    alert: str


@dataclass(frozen=True, slots=True)
class Counted:
    """The drafts that one system was shown since a day, by what became of them: a draft that
    stood on several cards is one, and the first outcome of any of them is its own.
    """

    client: str
    shown: int
    accepted: int
    overridden: int
    expired: int
    waiting: int


class Cards:
    """Shows drafts as cards and keeps what became of them. ``rows`` log in as ROOM."""

    def __init__(
        self,
        rows: Rows,
        ledger: Ledger,
        vault: Vault,
        policy: Policy,
        switch: Switch,
        facts: FactsOf,
        impressions: Impressions,
        decisions: Decisions,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._rows = rows
        self._pool = rows.pool.within(WHOLE)
        self._ledger = ledger
        self._vault = vault
        self._policy = policy
        self._switch = switch
        self._facts = facts
        self._impressions = impressions
        self._decisions = decisions
        self._clock = clock
        self._new_id = new_id

    def waiting(self, patient: str, room: str, limit: int = 20) -> list[str]:
        """The identifiers of a room's drafts that await a decision, most urgent first; for a
        room that answers a hook. It says nothing of what they hold.
        """
        rows = self._pool.rows(_WAITING, {"patient": patient, "room": room, "limit": limit})
        return [row["id"] for row in rows]

    def show(
        self,
        principal: Principal,
        patient: str,
        screen: Screen,
        drafts: Sequence[str],
        most: int,
        warned: Mapping[str, Warned] | None = None,
    ) -> Shown:
        """The ``most`` urgent of these drafts that this principal may see, each after its receipt.

        What may not be seen is left out. Of those shown that speak for a rule (``warned``) the
        rule's alert is counted. One event tells of the answer, even of one without any draft.
        Raises AIStopped, LedgerUnavailable; then nothing is shown.
        """
        self._switch.require_running()
        seen = self._rows.seen_by(principal)
        rows = seen.pool.rows(_STATES, {"ids": list(drafts), "patient": patient})
        order = {name: place for place, name in enumerate(drafts)}
        rows = sorted(rows, key=lambda row: (_URGENT.index(row["urgency"]), order[row["id"]]))
        allowed = [row for row in rows if self._may_see(principal, row)]
        blind = self._blind(principal, allowed)
        able = [row for row in allowed if row["id"] not in blind]
        shown = able[:most]
        said = {"client": screen.client, "service": screen.service, "hook": screen.hook}
        events = [_viewed(principal, row, said) for row in shown]
        counts = {"cards": len(shown), "withheld": len(blind)}
        events.append(
            Event(
                EventKind.HOOK_ANSWERED,
                principal.actor,
                patient,
                f"cds-client:{screen.client}",
                detail={**said, **counts},
            )
        )
        receipts = self._ledger.record_all(events)
        cards = [
            Card(self._new_id(), seen.opened(row), self._signable(principal, row), one)
            for row, one in zip(self._content(shown), receipts[:-1], strict=True)
        ]
        alerts = {
            alert_of(self._vault, row): warned[row["id"]]
            for row in shown
            if warned and row["id"] in warned
        }
        self._keep(principal, screen, cards, alerts)
        return Shown(tuple(cards), len(blind), len(able) - len(shown), receipts[-1])

    def known(self, client: str, card: str) -> Known:
        """A card of this client. Raises UnknownCard, also for another client's."""
        rows = self._pool.rows(
            "select c.*, d.room, d.patient, d.topic, d.proposed_at"
            " from signoff.card c join signoff.draft d on d.id = c.draft_id"
            " where c.id = %s and c.client_id = %s",
            (card, client),
        )
        if not rows:
            raise UnknownCard
        row = rows[0]
        alert = alert_of(self._vault, row)
        return Known(
            row["id"], row["draft_id"], row["patient"], row["person_id"], row["signable"],
            row["shown_at"], alert,
        )  # fmt: skip

    def tell(
        self, client: str, card: Known, outcome: str, reason: str | None, comment: str
    ) -> bool:
        """Keeps what became of a card; False when just this was told before.

        ``reason`` is a code of REASONS; another one is noted as foreign. Raises
        BadOutcomeOfCard, AlreadyTold, LedgerUnavailable.
        """
        if outcome not in ("accepted", "overridden") or len(comment) > LONGEST:
            raise BadOutcomeOfCard
        known = reason if reason in REASONS else None
        box = self._vault.seal(card.patient, comment.strip().encode(), f"card/{card.id}")
        detail: dict[str, str | int | bool] = {"outcome": outcome, "client": client}
        detail |= {"reason": known} if known else {}
        detail |= {"person": f"person:{card.person}"} if card.person else {}
        with self._ledger.unit(self._pool) as unit:
            made = unit.connection.execute(
                "insert into signoff.card_outcome"
                " (card_id, outcome, reason_code, foreign_reason, suite, key_id, box)"
                " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing returning card_id",
                (
                    card.id,
                    outcome,
                    known,
                    reason is not None and known is None,
                    box.suite,
                    box.key_id,
                    box.box,
                ),
            ).fetchone()
            if made is not None:
                count_answer(
                    unit.connection,
                    card.alert,
                    outcome == "accepted",
                    known or (FOREIGN if reason else UNSTATED),
                )
                unit.record(
                    Event(
                        EventKind.CARD_OUTCOME,
                        f"client:{client}",
                        card.patient,
                        f"draft:{card.draft_id}",
                        detail=detail,
                    )
                )
        if made is None:
            rows = self._pool.rows(
                "select outcome from signoff.card_outcome where card_id = %s", (card.id,)
            )
            if rows[0]["outcome"] != outcome:
                raise AlreadyTold
        return made is not None

    def count(self, client: str, service: str, milliseconds: float | None, complete: bool) -> None:
        """Counts one call; ``milliseconds`` is None for one that was refused."""
        span = 0
        if milliseconds is not None:
            span = next((one for one in SPANS if milliseconds <= one), SPANS[-1])
        with self._pool.transaction() as connection:
            # A count that is lost in a breakdown misleads nobody; no call waits for the disk.
            connection.execute("set local synchronous_commit = off")
            connection.execute(_COUNT, (client, service, span, 0 if complete else 1))

    def counted(self, principal: Principal, since: date) -> list[Counted]:
        """Numbers for the administrator, of nobody by name. Raises Forbidden."""
        self._policy.require(principal, Action.CLIENTS_READ, Facts.house("clients"))
        return [Counted(**row) for row in self._pool.rows(_COUNTED, (since,))]

    def quickness(self, principal: Principal, since: date) -> list[Quickness]:
        """How quickly calls were answered. Raises Forbidden."""
        self._policy.require(principal, Action.CLIENTS_READ, Facts.house("clients"))
        rows = self._pool.rows(_CALLS, (since,))
        clients = dict.fromkeys(row["client_id"] for row in rows)
        return [
            quickness(client, [row for row in rows if row["client_id"] == client])
            for client in clients
        ]

    def _may_see(self, principal: Principal, row: DictRow) -> bool:
        facts = draft_facts(self._facts, row)
        return self._policy.decide(principal, Action.DRAFT_READ, facts).allowed

    def _blind(self, principal: Principal, rows: Sequence[DictRow]) -> frozenset[str]:
        """Where nobody says who is there, a draft that asks for an impression stays away."""
        if principal.kind == "person":
            return self._impressions.due(principal, rows)
        return frozenset(row["id"] for row in self._impressions.sampled(rows))

    def _signable(self, principal: Principal, row: DictRow) -> bool:
        """The highest risk is signed at our own screen, where she proves to be there."""
        return (
            principal.kind == "person"
            and row["state"] == "open"
            and row["risk"] != RiskClass.HIGH
            and self._decisions.may_decide(principal, row["id"])
        )

    def _content(self, rows: Sequence[DictRow]) -> list[DictRow]:
        """The same rows with what is sealed, in their order, by one query."""
        if not rows:
            return []
        found = self._pool.rows(
            "select * from signoff.draft where id = any (%s)", ([row["id"] for row in rows],)
        )
        sealed = {row["id"]: row for row in found}
        return [{**sealed[row["id"]], "state": row["state"]} for row in rows]

    def _keep(
        self,
        principal: Principal,
        screen: Screen,
        cards: Sequence[Card],
        alerts: Mapping[str, Warned],
    ) -> None:
        if not cards:
            return
        person = principal.id if principal.kind == "person" else None
        drafts = [one.draft.head.id for one in cards]
        with self._pool.transaction() as connection:
            with connection.cursor() as cursor:
                cursor.executemany(
                    "insert into signoff.card (id, draft_id, client_id, service, person_id,"
                    " signable) values (%s, %s, %s, %s, %s, %s)",
                    [
                        (one.id, draft, screen.client, screen.service, person, one.signable)
                        for one, draft in zip(cards, drafts, strict=True)
                    ],
                )
            count_shown(connection, alerts, self._clock().date())


def _viewed(principal: Principal, row: DictRow, said: dict[str, str]) -> Event:
    return Event(
        EventKind.DRAFT_VIEWED,
        principal.actor,
        row["patient"],
        f"draft:{row['id']}",
        row["model"],
        {"content": row["sha256"]},
        {"action": str(Action.DRAFT_READ), "purpose": str(principal.purpose), **said},
    )


_WAITING: Final = """
select id from signoff.state where patient = %(patient)s and room = %(room)s
  and state in ('open', 'countersignature') and expires_at > clock_timestamp()
order by array_position(array['critical', 'urgent', 'soon', 'routine'], urgency),
         proposed_at desc, id
limit %(limit)s
"""
_STATES: Final = """
select * from signoff.state where id = any (%(ids)s) and patient = %(patient)s
  and state in ('open', 'countersignature') and expires_at > clock_timestamp()
"""
_COUNT: Final = """
insert into signoff.card_call as c (day, client_id, service, milliseconds, calls, incomplete)
values (house.today(), %s, %s, %s, 1, %s)
on conflict (day, client_id, service, milliseconds)
do update set calls = c.calls + 1, incomplete = c.incomplete + excluded.incomplete
"""
_COUNTED: Final = """
select c.client_id as client, count(*) as shown,
       count(*) filter (where c.outcome = 'accepted') as accepted,
       count(*) filter (where c.outcome = 'overridden') as overridden,
       count(*) filter (where c.outcome is null
           and s.state in ('expired', 'superseded', 'taken-back')) as expired,
       count(*) filter (where c.outcome is null and s.state in ('open', 'countersignature'))
           as waiting
from (
    select distinct on (c.client_id, c.draft_id) c.client_id, c.draft_id, o.outcome
    from signoff.card c left join signoff.card_outcome o on o.card_id = c.id
    where c.shown_at >= %s order by c.client_id, c.draft_id, o.at nulls last
) c join signoff.state s on s.id = c.draft_id
group by c.client_id order by c.client_id
"""
_CALLS: Final = """
select client_id, milliseconds, sum(calls)::bigint as calls, sum(incomplete)::bigint as incomplete
from signoff.card_call where day >= %s group by client_id, milliseconds
order by client_id, milliseconds
"""
