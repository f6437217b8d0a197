"""Counts alerts that are drafts by their rule, with nothing beside it that names anybody.

One alert about one order of one patient by one physician is one showing, however many drafts and
cards say it: the topic of such a draft names all four, and the alert is known by its topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from psycopg import Connection

from countersign.ground.vault import Vault

_SIGNLESS = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Warned:
    """The rule that a draft speaks for, how loud (``interrupt``, ``inform``), and of which pack."""

    rule: str
    level: str
    pack: str


def alert_of(vault: Vault, draft: Mapping[str, Any]) -> str:
    """The identifier of the alert that a draft speaks for, among the counted ones; without the key
    of this database nobody can tell which drafts an alert belongs to.

    ``draft`` is a row with ``room``, ``patient``, ``topic`` and ``proposed_at``. Drafts of one
    topic and one day (UTC) are the same alert: of a system that gives every order the same
    identifier, tomorrow's is another one.
    """
    day = draft["proposed_at"].astimezone(UTC).date()
    said = "|".join((draft["room"], draft["patient"], str(draft["topic"]), day.isoformat()))
    first = vault.blind("alert.topic.1", said) & _SIGNLESS
    second = vault.blind("alert.topic.2", said) & _SIGNLESS
    return f"{first:016x}{second:016x}"


def count_shown(connection: Connection[Any], alerts: Mapping[str, Warned], day: date) -> None:
    """Counts each alert (by ``alert_of``) that was shown in another system, once, however often
    it is shown.
    """
    if not alerts:
        return
    # By identifier and not in their order, so that no row tells by its place what it belongs to.
    rows = sorted((alert, one.rule, one.pack, one.level, day) for alert, one in alerts.items())
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into signoff.alert (id, rule, pack, level, day, elsewhere)"
            " values (%s, %s, %s, %s, %s, true) on conflict do nothing",
            rows,
        )


def count_answer(connection: Connection[Any], alert: str, accepted: bool, reason: str = "") -> None:
    """Counts what became of an alert (by ``alert_of``); the first answer holds, and a draft that
    was never shown as an alert in another system changes nothing. ``reason`` is a code of an
    override.
    """
    connection.execute(
        "insert into signoff.alert_answer (alert_id, answer, reason)"
        " select id, %s, %s from signoff.alert where id = %s on conflict do nothing",
        (
            "accepted" if accepted else "overridden",
            "" if accepted else reason,
            alert,
        ),
    )
