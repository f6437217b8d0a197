"""The only writer of the chart: ``receive`` uses it for data of others, release for signed work.

Nothing else may import this module; the import contracts and the database see to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from psycopg import Connection, errors
from psycopg.rows import DictRow

from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.clock import stamp
from countersign.kit.json import JSON, decode, encode

from . import _patients
from .errors import (
    ConcurrentChange,
    PatientInUse,
    ReleasedOnly,
    TwoPatients,
    VersionConflict,
)
from .labelling import note, relabel
from .linked import settle
from .placement import NOWHERE
from .prepare import Prepared
from .version import Origin, context


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who writes, when and on what ground; ``release_id`` is set for released work alone.

    ``departments`` are added to the patients whom this transaction creates, and with
    ``add_departments`` to all whom it touches.
    """

    at: datetime
    author: str
    origin: Origin
    release_id: str | None = None
    departments: tuple[str, ...] = ()
    add_departments: bool = False

    @property
    def places_all(self) -> bool:
        """Whether patients who are already known get departments as well."""
        return self.add_departments and bool(self.departments)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one entry; ``unchanged`` ones were not written again."""

    entry: int
    type: str
    id: str
    version: int
    patient: str | None
    sha256: str
    created: bool
    unchanged: bool
    deleted: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class _Head:
    version: int
    patient: str | None
    content: bytes
    origin: str
    deleted: bool
    placed: bool
    at: datetime
    sha256: bytes


def write(
    connection: Connection[DictRow], vault: Vault, items: Sequence[Prepared], how: Stamp
) -> list[Written]:
    """Writes within the caller's transaction, all or nothing, in order of the items.

    Every resource gets the version after its current one, whose row stays locked until the
    commit. A resource whose content is the current one is left as it is. Raises
    MissingReference, NoPatient, TwoPatients, VersionConflict, ConcurrentChange,
    ReleasedOnly, PatientInUse.
    """
    how = replace(how, at=how.at.replace(microsecond=how.at.microsecond // 1000 * 1000))
    heads = _lock(connection, items)
    settled = settle(connection, items, past=how.origin == "released")
    written = [_decide(item, heads.get((item.type, item.id)), how) for item in settled]
    fresh = [(item, one) for item, one in zip(settled, written, strict=True) if not one.unchanged]
    if not fresh:
        return written
    owners = {one.patient for _, one in fresh if one.patient is not None}
    vault.ensure({*owners, HOUSE})
    _admit(connection, fresh, owners, how)
    # Everybody writes in one order, so that nobody waits in a circle.
    fresh.sort(key=lambda pair: (pair[1].type, pair[1].id))
    sealed = [_seal(vault, item, one, how) for item, one in fresh]
    try:
        _insert(connection, sealed, how)
    except errors.UniqueViolation:
        raise ConcurrentChange from None
    fresh = [(item, one) for (item, _), (one, _, _) in zip(fresh, sealed, strict=True)]
    _point(connection, vault, fresh, how)
    _settle_patients(connection, vault, fresh, heads, how)
    digests = {(one.type, one.id): one.sha256 for one, _, _ in sealed}
    return [replace(one, sha256=digests.get((one.type, one.id), one.sha256)) for one in written]


def _lock(
    connection: Connection[DictRow], items: Sequence[Prepared]
) -> dict[tuple[str, str], _Head]:
    keys = sorted({(item.type, item.id) for item in items})
    rows: list[dict[str, Any]] = connection.execute(
        _HEADS, ([kind for kind, _ in keys], [name for _, name in keys])
    ).fetchall()
    heads: dict[tuple[str, str], _Head] = {}
    for row in rows:
        key = (row.pop("type"), row.pop("id"))
        heads[key] = _Head(**row)
    return heads


def _decide(item: Prepared, head: _Head | None, how: Stamp) -> Written:
    """The next version of one item, or why there can be none."""
    if head is None:
        if item.expected is not None:
            raise VersionConflict(item.entry, item.type, current=0)
        # What is not there is as good as deleted (FHIR R4, RESTful API, delete).
        number, gone = (0, True) if item.deleted else (1, False)
        return Written(
            item.entry, item.type, item.id, number, item.owner, "", not gone, gone, gone, how.at
        )
    if item.expected is not None and item.expected != head.version:
        raise VersionConflict(item.entry, item.type, current=head.version)
    same = item.existing or (
        head.deleted if item.deleted else not head.deleted and head.content == item.digest
    )
    version = head.version if same else head.version + 1
    at, digest = (head.at, head.sha256.hex()) if same else (how.at, "")
    if not same and head.origin == "released" and how.origin != "released":
        raise ReleasedOnly(item.entry, item.type)
    if not (item.deleted or item.existing) and item.owner != head.patient:
        raise TwoPatients(item.entry, item.type)
    return Written(
        item.entry,
        item.type,
        item.id,
        version,
        head.patient,
        digest,
        False,
        same,
        item.deleted,
        at,
    )


def _admit(
    connection: Connection[DictRow],
    fresh: Iterable[tuple[Prepared, Written]],
    owners: set[str],
    how: Stamp,
) -> None:
    new = {one.id for _, one in fresh if one.type == "Patient" and not one.deleted}
    named = owners if how.places_all else new
    if named:
        _patients.admit(connection, sorted(named), how.departments)


def _seal(vault: Vault, item: Prepared, one: Written, how: Stamp) -> tuple[Written, Sealed, bytes]:
    resource: JSON = {"resourceType": one.type, "id": one.id}
    if item.content:
        resource = decode(item.content)
    meta: JSON = resource.get("meta") or {}
    meta = {**meta, "versionId": str(one.version), "lastUpdated": stamp(how.at)}
    raw = encode({**resource, "meta": meta})
    digest = sha256(raw)
    sealed = vault.seal(one.patient or HOUSE, raw, context(one.type, one.id, one.version))
    return replace(one, sha256=digest.hexdigest()), sealed, digest.digest()


def _insert(
    connection: Connection[DictRow],
    sealed: Sequence[tuple[Written, Sealed, bytes]],
    how: Stamp,
) -> None:
    connection.execute(
        _VERSIONS,
        {
            "type": [one.type for one, _, _ in sealed],
            "id": [one.id for one, _, _ in sealed],
            "version": [one.version for one, _, _ in sealed],
            "patient": [one.patient for one, _, _ in sealed],
            "deleted": [one.deleted for one, _, _ in sealed],
            "suite": [box.suite for _, box, _ in sealed],
            "key": [box.key_id for _, box, _ in sealed],
            "box": [box.box for _, box, _ in sealed],
            "sha256": [digest for _, _, digest in sealed],
            "at": how.at,
            "origin": how.origin,
            "release": how.release_id,
            "author": how.author,
        },
    )


def _point(
    connection: Connection[DictRow],
    vault: Vault,
    fresh: Sequence[tuple[Prepared, Written]],
    how: Stamp,
) -> None:
    """Makes the new versions the current ones, with what they are found by."""
    rows = [_current(vault, item, one) for item, one in fresh]
    connection.execute(
        _CURRENT, {"rows": encode(rows).decode(), "at": how.at, "origin": how.origin}
    )


def _current(vault: Vault, item: Prepared, one: Written) -> dict[str, Any]:
    split = (word.partition("=") for word in item.words)
    place = item.placement
    return {
        "type": one.type,
        "id": one.id,
        "version": one.version,
        "patient": one.patient,
        "deleted": one.deleted,
        "content": "\\x" + item.digest.hex(),
        "sha256": "\\x" + one.sha256,
        "tokens": [vault.blind(f"{one.type}.{name}", value) for name, _, value in split],
        "low": item.low,
        "high": item.high,
        "departments": place.departments,
        "care_team": place.care_team,
        "sensitivity": place.sensitivity,
        "sent": place.sensitivity or None,
        "via": place.via,
        "stay": place.stay,
        "refused": place.refused,
    }


def _settle_patients(
    connection: Connection[DictRow],
    vault: Vault,
    fresh: Sequence[tuple[Prepared, Written]],
    heads: dict[tuple[str, str], _Head],
    how: Stamp,
) -> None:
    changed: set[str] = set()
    house: list[str] = []
    activity: dict[str, datetime] = {}
    for item, one in fresh:
        head = heads.get((one.type, one.id))
        placed = item.placement != NOWHERE or (head is not None and head.placed)
        if one.patient is None:
            house += [f"{one.type}/{one.id}"] if placed else []
            continue
        if placed or one.type == "Patient" or how.places_all:
            changed.add(one.patient)
        if item.low is not None and item.low <= how.at:
            activity[one.patient] = max(item.low, activity.get(one.patient, item.low))
        if one.deleted and one.type == "Patient":
            _check_empty(connection, one)
    visited = {one.patient for _, one in fresh if one.type == "Encounter" and one.patient}
    if house:
        visited |= _patients.pointing_at(connection, house)
        changed |= visited
    # Rules and people's decisions hold for new versions too, in the same transaction.
    keys = [(one.type, one.id) for _, one in fresh if one.patient is not None]
    owners = {one.patient for _, one in fresh if one.patient is not None}
    changed |= relabel(connection, vault, owners, keys)
    note(connection, visited)
    _patients.refresh(connection, vault, changed)
    _patients.touch(connection, activity)


def _check_empty(connection: Connection[DictRow], one: Written) -> None:
    rest = connection.execute(
        "select 1 from chart.current where patient = %s and not deleted limit 1", (one.id,)
    ).fetchone()
    if rest is not None:
        raise PatientInUse(one.entry, one.type)


_HEADS = """
select c.type, c.id, c.version, c.patient, c.content, c.origin, c.deleted, c.at, c.sha256,
       c.departments <> '{}' or c.care_team <> '{}' or c.sensitivity <> '{}' or c.via <> '{}'
           or c.refused <> '{}' or c.stay as placed
from unnest(%b::text[], %b::text[]) as w (type, id)
join chart.current c on c.type = w.type and c.id = w.id
order by c.type, c.id
for update of c
"""

_VERSIONS = """
insert into chart.version
    (type, id, version, patient, deleted, suite, key_id, box, sha256,
     at, origin, release_id, author)
select n.*, %(at)s, %(origin)s, %(release)s, %(author)s
from unnest(%(type)b::text[], %(id)b::text[], %(version)b::integer[], %(patient)b::text[],
            %(deleted)b::boolean[], %(suite)b::smallint[], %(key)b::bigint[],
            %(box)b::bytea[], %(sha256)b::bytea[]) as n
"""

_CURRENT = """
insert into chart.current
    (type, id, version, patient, deleted, content, sha256, tokens, low, high,
     departments, care_team, sensitivity, sent, via, stay, refused, at, origin)
select n.*, %(at)s, %(origin)s
from json_to_recordset(%(rows)s::json) as n
    (type text, id text, version integer, patient text, deleted boolean, content bytea,
     sha256 bytea, tokens bigint[], low timestamptz, high timestamptz, departments text[],
     care_team text[], sensitivity text[], sent text[], via text[], stay boolean,
     refused text[])
on conflict (type, id) do update set
    version = excluded.version, deleted = excluded.deleted, content = excluded.content,
    tokens = excluded.tokens, low = excluded.low, high = excluded.high,
    departments = excluded.departments, care_team = excluded.care_team,
    sensitivity = excluded.sensitivity, sent = excluded.sent, ruled = null,
    via = excluded.via, stay = excluded.stay,
    refused = excluded.refused, patient = excluded.patient, at = excluded.at,
    origin = excluded.origin,
    sha256 = excluded.sha256
"""
