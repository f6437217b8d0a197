"""Which labels stand on an entry: its sender's, the rules', and what people decided last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.vault import Vault
from countersign.kit.json import encode

from .parameters import TABLE, parameters

Keys = Sequence[tuple[str, str]]
"""Types and identifiers of entries."""

RULES_LOCK = 73118
_VISIT = ("encounter", "context")


def relabel(
    connection: Connection[DictRow],
    vault: Vault,
    patients: Iterable[str],
    keys: Keys | None = None,
) -> set[str]:
    """Brings the labels of these patients' entries up to date, within the caller's transaction;
    returns the patients of whom any changed.

    With ``keys`` only those entries are looked at, and nothing is done where neither a rule nor
    a decision could concern them.
    """
    wanted = sorted(set(patients))
    # A rule that begins or ends meanwhile is waited for, or waits for this transaction.
    connection.execute("select pg_advisory_xact_lock_shared(%s)", (RULES_LOCK,))
    rules = connection.execute(_RULES).fetchall()
    if not wanted or (keys is not None and not rules and not _decided(connection, wanted)):
        return set()
    marks = [_mark(rule["label"], tokens=rule["tokens"]) for rule in rules if rule["tokens"]]
    places = [rule for rule in rules if not rule["tokens"]]
    if places:
        marks += _visits(connection, vault, wanted, places)
    given = {
        "marks": encode(marks).decode(),
        "patients": wanted,
        "types": None if keys is None else [kind for kind, _ in keys],
        "ids": None if keys is None else [identifier for _, identifier in keys],
    }
    return {row["patient"] for row in connection.execute(_RELABEL, given).fetchall()}


def tokens_of(vault: Vault, code: str) -> list[int]:
    """The keyed hashes by which every type is found that bears this code, as in a search by
    ``code``: ``system|code`` or the code alone.
    """
    found = {vault.blind(f"{kind}.code", code) for kind in TABLE if "code" in parameters(kind)}
    return sorted(found)


def note(connection: Connection[DictRow], patients: Iterable[str]) -> None:
    """A visit that came in or changed, or the place of one, may label what was there before:
    these patients are gone through by the next run of the rules.
    """
    wanted = sorted(set(patients))
    if wanted:
        connection.execute(_DUE, (wanted,))


@lru_cache(maxsize=1)
def _visiting() -> tuple[tuple[str, str], ...]:
    """The types that say to which visit they belong, with the parameter that says so."""
    return tuple((kind, name) for kind in TABLE for name in _VISIT if name in parameters(kind))


def _visits(
    connection: Connection[DictRow],
    vault: Vault,
    patients: Sequence[str],
    rules: Sequence[DictRow],
) -> list[dict[str, Any]]:
    """What marks the visits of the rules' departments and everything that belongs to them."""
    given = {
        "patients": list(patients),
        "labels": [rule["label"] for rule in rules],
        "departments": [rule["value"] for rule in rules],
    }
    return [
        _mark(
            row["label"],
            patient=row["patient"],
            encounters=row["visits"],
            tokens=[
                vault.blind(f"{kind}.{name}", f"Encounter/{visit}")
                for visit in row["visits"]
                for kind, name in _visiting()
            ],
        )
        for row in connection.execute(_VISITS, given).fetchall()
    ]


def _decided(connection: Connection[DictRow], patients: Sequence[str]) -> bool:
    row = connection.execute(_DECIDED, (list(patients),)).fetchone()
    return row is not None


def _mark(
    label: str,
    *,
    tokens: Sequence[int],
    patient: str | None = None,
    encounters: Sequence[str] = (),
) -> dict[str, Any]:
    return {
        "label": label,
        "patient": patient,
        "tokens": list(tokens),
        "encounters": list(encounters),
    }


_RULES: Final = (
    "select label, value, tokens from chart.label_rule where ended_at is null order by at, id"
)
_DECIDED: Final = "select from chart.label_decision where patient = any (%s) limit 1"
_DUE: Final = (
    "insert into chart.label_due (patient) select unnest(%s::text[]) where exists"
    " (select from chart.label_rule where ended_at is null and kind = 'department')"
    " order by 1 on conflict (patient) do update set taken = false"
)
_VISITS: Final = """
with rule as (select unnest(%(labels)s::text[]) as label, unnest(%(departments)s::text[]) as code)
select r.label, c.patient, array_agg(c.id order by c.id) as visits
from chart.current c join rule r on r.code = any (c.departments) or exists (
    select from unnest(c.via) as one (reference) join chart.current v
        on v.type = split_part(one.reference, '/', 1) and v.id = split_part(one.reference, '/', 2)
    where not v.deleted and v.type in ('Organization', 'Location')
      and r.code = any (v.departments))
where c.patient = any (%(patients)s) and c.type = 'Encounter' and not c.deleted
group by r.label, c.patient
"""
_RELABEL: Final = """
with mark as (
    select * from json_to_recordset(%(marks)s::json)
        as m (label text, patient text, tokens bigint[], encounters text[])
), said as (
    select c.type, c.id, c.version, c.sensitivity as was, c.ruled as by_rule,
        coalesce(c.sent, '{}') as sent, array(
        select distinct m.label from mark m
        where (m.patient is null or m.patient = c.patient)
          and (c.tokens && m.tokens or c.type = 'Encounter' and c.id = any (m.encounters))
        order by 1) as ruled
    from chart.current c
    where c.patient = any (%(patients)s) and not c.deleted
      and (%(types)s::text[] is null or (c.type, c.id) in
           (select unnest(%(types)s::text[]), unnest(%(ids)s::text[])))
), decided as (
    select distinct on (type, resource, label) type, resource, label, decision
    from chart.label_decision where patient = any (%(patients)s)
    order by type, resource, label, number desc
), meant as (
    select s.type, s.id, s.version, s.was, s.by_rule, nullif(s.ruled, '{}') as ruled, array(
        select label from (
            select unnest(s.sent || s.ruled) as label
            union select d.label from decided d
            where d.type = s.type and d.resource = s.id and d.decision = 'set'
            except select d.label from decided d
            where d.type = s.type and d.resource = s.id and d.decision = 'removed'
        ) as one order by 1) as sensitivity
    from said s
)
update chart.current c set sensitivity = m.sensitivity, ruled = m.ruled
from meant m where c.type = m.type and c.id = m.id
  -- Whoever changed the entry meanwhile labelled it as well, knowing more.
  and c.version = m.version and c.sensitivity is not distinct from m.was
  and c.ruled is not distinct from m.by_rule
  and (c.sensitivity is distinct from m.sensitivity or c.ruled is distinct from m.ruled)
returning c.patient
"""
