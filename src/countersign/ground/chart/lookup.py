"""Finds resources by an identifier that another system gave them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.json import decode

from .errors import Ambiguous
from .indexing import words_of
from .version import context

_LOCK = 73107


def answer(
    connection: Connection[DictRow], vault: Vault, asks: Iterable[str]
) -> dict[str, str | None]:
    """The id for each ``Type?identifier=system|value``, or None where there is no such.

    Two transactions that ask for the same identifier wait for each other, so that only one
    of them creates it. Raises Ambiguous where several resources have the identifier.
    """
    found: dict[str, str | None] = {}
    for ask in sorted(asks):
        kind, _, value = ask.partition("?identifier=")
        token = vault.blind(f"{kind}.identifier", value)
        connection.execute("select pg_advisory_xact_lock(%s, hashint8(%s))", (_LOCK, token))
        rows = connection.execute(_FIND, (kind, [token])).fetchall()
        ids = [row["id"] for row in rows if _has(vault, row, f"identifier={value}")]
        if len(ids) > 1:
            raise Ambiguous(0, kind, count=len(ids))
        found[ask] = ids[0] if ids else None
    return found


def _has(vault: Vault, row: dict[str, Any], word: str) -> bool:
    """A keyed hash may collide; the resource itself decides."""
    sealed = Sealed(row["suite"], row["key_id"], row["box"])
    place = context(row["type"], row["id"], row["version"])
    resource = decode(vault.open(row["patient"] or HOUSE, sealed, place))
    return word in words_of(resource, ("identifier",))


_FIND = """
select c.type, c.id, c.version, c.patient, v.suite, v.key_id, v.box
from chart.current c join chart.version v using (type, id, version)
where c.type = %s and c.tokens @> %s::bigint[] and not c.deleted
order by c.id limit 3
"""
