"""Finds what a query asks for among what may be seen, in the database and after decryption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from psycopg import Connection, sql
from psycopg.rows import DictRow

from countersign.ground.identity import ADMITTED, CLOSE, PIERCED, Visibility
from countersign.ground.vault import Vault

from .dates import DateTest, Prefix
from .indexing import texts, values, words_of
from .names import PREFIX, begins, normal
from .parameters import parameters
from .query import Group, Query
from .version import Version

Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be seen: these patients alone (``visible`` is None: the policy was asked about
    each), or what a list may show; ``house`` adds what belongs to no patient. What bears one
    of the labels in ``hidden`` is left out: of one patient, or of those whom ``visible`` does
    not call close.
    """

    patients: frozenset[str] | None = None
    house: bool = False
    visible: Visibility | None = None
    hidden: frozenset[str] = frozenset()


def patients_of(query: Query) -> frozenset[str] | None:
    """The patients that a query is about, None where it may be about any."""
    if query.type == "Patient" and query.ids is not None:
        return query.ids
    return query.patients


def find(
    connection: Connection[DictRow], vault: Vault, query: Query, scope: Scope
) -> tuple[list[DictRow], int]:
    """The rows of one page, in order, and the number of all matches, by one statement."""
    given: Values = {"type": query.type, "limit": query.count}
    conditions = [
        sql.SQL("c.type = %(type)s and not c.deleted"),
        *_seen(scope, given),
        *_groups(vault, query, given),
        *_dates(query, given),
    ]
    if query.ids is not None:
        given["ids"] = sorted(query.ids)
        conditions.append(sql.SQL("c.id = any(%(ids)s)"))
    key, compare, direction = (sql.SQL(text) for text in _ORDER[query.sort, query.descending])
    behind: sql.Composable = sql.SQL("true")
    if query.after is not None:
        given["after"] = query.after
        behind = sql.SQL(_BEHIND).format(key=key, compare=compare)
    where = sql.SQL(" and ").join(conditions)
    statement = sql.SQL(_PAGE).format(key=key, where=where, behind=behind, direction=direction)
    rows = connection.execute(statement, given, binary=True).fetchall()
    return [row for row in rows if row["id"] is not None], rows[0]["total"]


def matches(query: Query, version: Version) -> bool:
    """Whether the decrypted resource itself has what was asked for: a hash may collide."""
    if not query.groups:
        return True
    resource = version.resource
    words = words_of(resource, {group.parameter for group in query.groups})
    for group in query.groups:
        if bool(group.words & words) == group.no:
            return False
        if group.starts and not _starts(group, [*_texts(group, resource)]):
            return False
    return True


def name_tokens(vault: Vault, name: str) -> list[int]:
    """What finds a patient by the beginning of a name or by a whole identifier."""
    start = normal(name)[:PREFIX].rstrip()
    return [vault.blind("Patient.name", start), vault.blind("Patient.identifier", name.strip())]


def _texts(group: Group, resource: dict[str, object]) -> list[str]:
    parameter = parameters(str(resource["resourceType"]))[group.parameter]
    return [text for value in values(resource, parameter) for text in texts(value)]


def _starts(group: Group, found: Sequence[str]) -> bool:
    return any(begins(text, start) for text in found for start in group.starts)


def _seen(scope: Scope, given: Values) -> list[sql.Composable]:
    conditions: list[sql.Composable] = []
    if scope.patients is not None:
        given["patients"] = sorted(scope.patients)
        conditions.append(sql.SQL("c.patient = any(%(patients)s)"))
    if scope.visible is not None and not (
        scope.visible.everything and scope.house and not scope.visible.shut
    ):
        given.update(scope.visible.parameters(), house=scope.house)
        conditions.append(sql.SQL(_VISIBLE))
    if scope.visible is None and scope.hidden:
        given["hidden"] = sorted(scope.hidden)
        conditions.append(sql.SQL("not c.sensitivity && %(hidden)s::text[]"))
    return conditions


def _groups(vault: Vault, query: Query, given: Values) -> list[sql.Composable]:
    conditions: list[sql.Composable] = []
    for number, group in enumerate(query.groups):
        split = (word.partition("=") for word in sorted(group.words))
        key = f"words{number}"
        given[key] = [vault.blind(f"{query.type}.{name}", value) for name, _, value in split]
        text = "not c.tokens && {}::bigint[]" if group.no else "c.tokens && {}::bigint[]"
        conditions.append(sql.SQL(text).format(sql.Placeholder(key)))
    return conditions


def _dates(query: Query, given: Values) -> list[sql.Composable]:
    conditions: list[sql.Composable] = []
    for texts_, all_tests in ((_CLINICAL, query.dates), (_WRITTEN, query.written)):
        for tests in all_tests:
            parts = [_test(texts_[test.prefix], test, given) for test in tests]
            conditions.append(sql.SQL("({})").format(sql.SQL(" or ").join(parts)))
    return conditions


def _test(text: LiteralString, test: DateTest, given: Values) -> sql.Composed:
    low, high = f"low{len(given)}", f"high{len(given)}"
    given.update({low: test.low, high: test.high})
    return sql.SQL(text).format(low=sql.Placeholder(low), high=sql.Placeholder(high))


_VISIBLE: Final = (
    "(c.patient is null and %(house)s"
    " or c.patient in (select patient from chart.seen_patient where " + ADMITTED + "))"
    " and (not c.sensitivity && %(guarded)s::text[]"
    " or c.patient in (select patient from chart.seen_patient where " + CLOSE + ")"
    " or exists (select from (values (c.patient, c.sensitivity)) as one (patient, sensitivity)"
    " where " + PIERCED + "))"
)
COLUMNS: Final = (
    "v.type, v.id, v.version, v.patient, v.at, v.origin, v.release_id, v.author, v.deleted,"
    " v.suite, v.key_id, v.box, v.sha256"
)
"""What a version is opened from."""

_PAGE: Final = (
    "with found as materialized ("
    " select c.id, c.version, {key} as key from chart.seen_current c where {where}"
    "), page as ("
    " select f.id, f.version, f.key from found f where {behind}"
    " order by f.key {direction}, f.id {direction} limit %(limit)s"
    ") select (select count(*) from found) as total, " + COLUMNS + " from (values (1)) as once (x)"
    " left join (page p join chart.version v on v.type = %(type)s and v.id = p.id"
    " and v.version = p.version) on true order by p.key {direction}, p.id {direction}"
)
_BEHIND: Final = (
    "(f.key, f.id) {compare} (select {key}, c.id from chart.current c"
    " where c.type = %(type)s and c.id = %(after)s)"
)
_LOW: Final = "coalesce(c.low, '0001-01-01T00:00:00Z'::timestamptz)"
_ORDER: Final[dict[tuple[str, bool], tuple[LiteralString, LiteralString, LiteralString]]] = {
    ("", False): ("c.id", ">", "asc"),
    ("date", False): (_LOW, ">", "asc"),
    ("date", True): (_LOW, "<", "desc"),
    ("at", False): ("c.at", ">", "asc"),
    ("at", True): ("c.at", "<", "desc"),
}
_CLINICAL: Final[dict[Prefix, LiteralString]] = {
    "eq": "(c.low >= {low} and c.high <= {high})",
    "ne": "(c.low < {low} or c.high > {high})",
    "gt": "(c.high > {high})",
    "lt": "(c.low < {low})",
    "ge": "(c.high > {high} or c.low >= {low} and c.high <= {high})",
    "le": "(c.low < {low} or c.low >= {low} and c.high <= {high})",
    "sa": "(c.low >= {high})",
    "eb": "(c.high <= {low})",
    "ap": "(c.low < {high} and c.high > {low})",
}
_WRITTEN: Final[dict[Prefix, LiteralString]] = {
    "eq": "(c.at >= {low} and c.at < {high})",
    "ne": "(c.at < {low} or c.at >= {high})",
    "gt": "(c.at >= {high})",
    "lt": "(c.at < {low})",
    "ge": "(c.at >= {low})",
    "le": "(c.at < {high})",
    "sa": "(c.at >= {high})",
    "eb": "(c.at < {low})",
    "ap": "(c.at >= {low} and c.at < {high})",
}
"""The same tests as ``DateTest.holds``; a resource is written at one moment."""
