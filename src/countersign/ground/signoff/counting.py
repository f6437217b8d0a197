"""Counts alerts that are drafts by their rule, with nothing beside it that names anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
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


def alert_of(vault: Vault, draft: str) -> str:
    """The identifier of a draft's alert among the counted ones; without the key of this database
    nobody can tell which draft an alert belongs to.
    """
    first = vault.blind("alert.draft.1", draft) & _SIGNLESS
    second = vault.blind("alert.draft.2", draft) & _SIGNLESS
    return f"{first:016x}{second:016x}"


def count_shown(
    connection: Connection[Any], vault: Vault, shown: Mapping[str, Warned], day: date
) -> None:
    """Counts each draft that was shown in another system, once, however often it is shown."""
    if not shown:
        return
    # By identifier and not in their order, so that no row tells by its place what it belongs to.
    rows = sorted(
        (alert_of(vault, draft), one.rule, one.pack, one.level, day) for draft, one in shown.items()
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into signoff.alert (id, rule, pack, level, day, elsewhere)"
            " values (%s, %s, %s, %s, %s, true) on conflict do nothing",
            rows,
        )


def count_answer(
    connection: Connection[Any], vault: Vault, draft: str, accepted: bool, reason: str = ""
) -> None:
    """Counts what became of a draft's alert; the first answer holds, and a draft that was never
    shown as an alert in another system changes nothing. ``reason`` is a code of an override.
    """
    connection.execute(
        "insert into signoff.alert_answer (alert_id, answer, reason)"
        " select id, %s, %s from signoff.alert where id = %s on conflict do nothing",
        (
            "accepted" if accepted else "overridden",
            "" if accepted else reason,
            alert_of(vault, draft),
        ),
    )
