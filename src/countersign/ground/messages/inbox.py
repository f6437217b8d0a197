"""Keeps messages before they are acknowledged, and hands them out in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import HOUSE, Destroyed, Sealed, Vault
from countersign.kit.ids import NewId
from countersign.kit.json import digest, encode

from .arrived import Arrived, Due, Kept
from .errors import NoSuchMessage
from .naming import Naming

ACTOR = "system:interface"


@dataclass(frozen=True, slots=True)
class Inbox:
    """``pool`` logs in as DbRole.INTERFACE; ``task`` is deferred when something came."""

    pool: Pool
    vault: Vault
    ledger: Ledger
    jobs: Jobs | None
    new_id: NewId
    naming: Naming
    task: str

    def keep(self, batch: Sequence[Arrived]) -> list[Kept]:
        """All of them durable in one transaction with one event, or none.

        A message that is there already (same sender, control identifier and bytes) is not kept
        again and gets the answer of the first time. Raises LedgerUnavailable,
        DatabaseUnavailable, and the errors of keys.
        """
        if not batch:
            return []
        rows = self._sealed(batch)
        with self.ledger.unit(self.pool) as unit:
            made = {one["id"] for one in _insert(unit.connection, rows)}
            new = [row for row in rows if row["id"] in made]
            if new:
                committed = [[row["id"], row["sha256"].hex()] for row in new]
                unit.record(
                    Event(
                        EventKind.MESSAGES_RECEIVED,
                        ACTOR,
                        commits={"messages": digest(encode(committed)).hex()},
                        detail={"count": len(new)},
                    )
                )
                self.wake(unit.connection)
            known = _earlier(unit.connection, [row for row in rows if row["id"] not in made])
        return [_kept(row, made, known) for row in rows]

    def wake(self, connection: Connection[Any]) -> None:
        """Has what is due processed after the commit."""
        if self.jobs is not None:
            self.jobs.defer(connection, self.task, {}, lock=self.task)

    def due(self, limit: int = 50) -> list[str]:
        """The oldest that wait, but none of a patient of whom an earlier one failed.

        What its sender was told to be refused holds up nothing.
        """
        return [row["id"] for row in self.pool.rows(_DUE, (limit,))]

    def open(self, identifier: str) -> Due:
        """One message with its content. Raises NoSuchMessage, Unreadable, Destroyed."""
        rows = self.pool.rows(
            "select id, patient, keys, suite, key_id, box from messages.incoming where id = %s",
            (identifier,),
        )
        if not rows:
            raise NoSuchMessage
        return _opened(self.vault, rows[0])

    def patients(self, keys: Sequence[int]) -> dict[int, str]:
        """The charts that these identifiers are known to belong to."""
        rows = self.pool.rows(
            "select key, patient from messages.person where key = any(%s)", (list(keys),)
        )
        return {row["key"]: row["patient"] for row in rows}

    def processed(self, due: Due, patient: str | None, notes: Sequence[str]) -> None:
        """It is in the chart; ``patient`` is whose chart that is.

        The message is sealed anew where it lay under another key, so that destroying a
        patient's data reaches it.
        """
        owner = patient or due.patient
        sealed = None
        if owner != due.patient:
            sealed = self.vault.seal(owner, due.raw, f"message/{due.id}")
        with self.pool.transaction() as connection:
            if sealed is None:
                connection.execute(
                    "update messages.incoming set state = 'processed', reason = '', notes = %s,"
                    " attempts = attempts + 1 where id = %s and state = 'received'",
                    (list(notes), due.id),
                )
            else:
                connection.execute(
                    "update messages.incoming set state = 'processed', reason = '', notes = %s,"
                    " attempts = attempts + 1, patient = %s, suite = %s, key_id = %s, box = %s"
                    " where id = %s and state = 'received'",
                    (list(notes), owner, sealed.suite, sealed.key_id, sealed.box, due.id),
                )

    def link(self, keys: Sequence[int], patient: str) -> None:
        """From now on these identifiers mean this chart."""
        with self.pool.transaction() as connection:
            connection.execute(
                "insert into messages.person (key, patient) select unnest(%s::bigint[]), %s"
                " on conflict (key) do update set patient = excluded.patient"
                " where messages.person.patient <> excluded.patient",
                (sorted(set(keys)), patient),
            )

    def failed(self, identifier: str, reason: str, notes: Sequence[str] = ()) -> None:
        """It could not be processed; the later ones of its patient wait behind it."""
        with self.pool.transaction() as connection:
            connection.execute(
                "update messages.incoming set state = 'failed', reason = %s, notes = %s,"
                " attempts = attempts + 1 where id = %s and state = 'received'",
                (reason[:100], list(notes), identifier),
            )

    def clear(self, days: int) -> int:
        """Removes what was processed or set aside so many days ago; returns how many."""
        rows = self.pool.rows(
            "delete from messages.incoming where state in ('processed', 'set-aside')"
            " and changed_at < clock_timestamp() - make_interval(days => %s) returning id",
            (max(31, days),),
        )
        return len(rows)

    def _sealed(self, batch: Sequence[Arrived]) -> list[dict[str, Any]]:
        keys = [self.naming.keys(one.people) for one in batch]
        known = self.patients(sorted({key for some in keys for key in some}))
        owners = [
            next((known[key] for key in some if key in known), None)
            or self.naming.patient(one.people)
            for one, some in zip(batch, keys, strict=True)
        ]
        self._ensure(owners)
        return [
            self._row(one, owner, some)
            for one, owner, some in zip(batch, owners, keys, strict=True)
        ]

    def _ensure(self, owners: Sequence[str]) -> None:
        """One query for the keys of a batch; a destroyed patient is met again below, alone."""
        try:
            self.vault.ensure(owners)
        except Destroyed:
            return

    def _row(self, one: Arrived, owner: str, keys: Sequence[int]) -> dict[str, Any]:
        identifier, verdict, reason = self.new_id(), one.verdict, one.reason
        content = one.raw
        try:
            sealed = self.vault.seal(owner, content, f"message/{identifier}")
        except Destroyed:
            # Nothing of such a patient is kept again; that a message came is.
            owner, verdict, reason = HOUSE, "AR", Destroyed.code
            sealed = self.vault.seal(HOUSE, b"", f"message/{identifier}")
        return {
            "id": identifier,
            "sender": _plain(one.sender, 500),
            "control_id": _plain(one.control_id, 200),
            "kind": _plain(one.kind, 40),
            "version": _plain(one.version, 20),
            "sha256": sha256(content).digest(),
            "patient": owner,
            "keys": list(keys),
            "verdict": verdict,
            "state": "received" if verdict == "AA" else "failed",
            "reason": reason,
            "suite": sealed.suite,
            "key_id": sealed.key_id,
            "box": sealed.box,
        }


def _plain(text: str, most: int) -> str:
    """What a sender wrote, in signs that a page and a database can show."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:most]


def _insert(connection: Connection[DictRow], rows: Sequence[dict[str, Any]]) -> list[DictRow]:
    made: list[DictRow] = []
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, rows, returning=True)
        while True:
            made += cursor.fetchall()
            if not cursor.nextset():
                return made


def _earlier(
    connection: Connection[DictRow], rows: Sequence[dict[str, Any]]
) -> dict[tuple[str, str, bytes], DictRow]:
    if not rows:
        return {}
    found = connection.execute(
        "select m.id, m.verdict, m.reason, m.sender, m.control_id, m.sha256"
        " from messages.incoming m join unnest(%s::text[], %s::text[], %s::bytea[])"
        " as w (sender, control_id, sha256) using (sender, control_id, sha256)",
        ([r["sender"] for r in rows], [r["control_id"] for r in rows], [r["sha256"] for r in rows]),
    ).fetchall()
    return {(row["sender"], row["control_id"], bytes(row["sha256"])): row for row in found}


def _kept(
    row: dict[str, Any], made: set[str], known: dict[tuple[str, str, bytes], DictRow]
) -> Kept:
    if row["id"] in made:
        return Kept(row["id"], row["verdict"], row["reason"])
    first = known[row["sender"], row["control_id"], row["sha256"]]
    # The reason of the first answer: what failed later in processing was acknowledged by AA.
    reason = "" if first["verdict"] == "AA" else first["reason"] or row["reason"]
    return Kept(first["id"], first["verdict"], reason, again=True)


def _opened(vault: Vault, row: DictRow) -> Due:
    sealed = Sealed(row["suite"], row["key_id"], row["box"])
    raw = vault.open(row["patient"], sealed, f"message/{row['id']}")
    return Due(row["id"], raw, row["patient"], tuple(row["keys"]))


_KEEP = (
    "insert into messages.incoming (id, sender, control_id, kind, version, sha256, patient, keys,"
    " verdict, state, reason, suite, key_id, box) values (%(id)s, %(sender)s, %(control_id)s,"
    " %(kind)s, %(version)s, %(sha256)s, %(patient)s, %(keys)s, %(verdict)s, %(state)s,"
    " %(reason)s, %(suite)s, %(key_id)s, %(box)s) on conflict do nothing returning id"
)
_DUE = (
    "select m.id from messages.incoming m"
    " where m.state = 'received' and not exists (select from messages.incoming e"
    " where e.state = 'failed' and e.verdict = 'AA' and e.number < m.number and e.keys && m.keys)"
    " order by m.number limit %s"
)
