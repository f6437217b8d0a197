"""Checks against the chart itself what a bundle says about resources it does not bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from .compartment import FREE, OWNER, SHARED, owner_element
from .errors import MissingReference, NoPatient, TwoPatients
from .prepare import Prepared


@dataclass(frozen=True, slots=True)
class _Known:
    patient: str | None


def settle(
    connection: Connection[DictRow], items: Sequence[Prepared], *, past: bool = False
) -> list[Prepared]:
    """The items with their owners; raises MissingReference, TwoPatients, NoPatient.

    With ``past`` they may point to what has been deleted since: a signed answer names the
    evidence that was there when it was signed.
    """
    wanted = {link for item in items for link in (*item.links, *item.via)}
    wanted |= {f"{item.type}/{item.id}" for item in items if not item.content}
    known = _read(connection, wanted, past) if wanted else {}
    return [_settled(item, known) for item in items]


def _settled(item: Prepared, known: dict[str, _Known]) -> Prepared:
    if not item.content:  # to be deleted, or found by its condition: it has its owner already
        own = known.get(f"{item.type}/{item.id}")
        return replace(item, owner=own.patient) if own else item
    for link in item.links:
        if link not in known:
            raise MissingReference(item.entry, item.type, reference=link)
    owners = {known[one].patient for one in item.via if one in known} | {item.owner}
    named = {owner for owner in owners if owner is not None}
    if len(named) > 1:
        raise TwoPatients(item.entry, item.type)
    owner = next(iter(named), None)
    if owner is not None and item.type not in SHARED:
        for link in item.links:
            # Another patient's resource must not be drawn into this chart.
            if known[link].patient not in (None, owner):
                raise TwoPatients(item.entry, item.type)
    if owner is None and item.via and _must_have(item) and not _named_elsewhere(item, known):
        raise NoPatient(item.entry, item.type, element=owner_element(item.type))
    return item if owner == item.owner else replace(item, owner=owner)


def _must_have(item: Prepared) -> bool:
    return item.type in OWNER and item.type not in FREE


def _named_elsewhere(item: Prepared, known: dict[str, _Known]) -> bool:
    """A group, a place or a device of the house may be the subject."""
    return any(one in known for one in item.via)


def _read(connection: Connection[DictRow], wanted: set[str], past: bool) -> dict[str, _Known]:
    kinds, ids = zip(*(one.partition("/")[::2] for one in sorted(wanted)), strict=True)
    rows: list[dict[str, Any]] = connection.execute(
        "select c.type, c.id, c.patient from unnest(%b::text[], %b::text[]) as w (type, id)"
        " join chart.current c on c.type = w.type and c.id = w.id and (%s or not c.deleted)",
        (list(kinds), list(ids), past),
    ).fetchall()
    return {f"{row['type']}/{row['id']}": _Known(row["patient"]) for row in rows}
