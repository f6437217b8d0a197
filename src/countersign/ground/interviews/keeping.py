"""Keeps what a patient tells, each answer sealed as it is given, and what is attached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import psycopg
from psycopg.rows import DictRow

from countersign.ground.db import WHOLE, Pool
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import (
    Sealed,
    SealedReader,
    Vault,
    known_stream_key,
    new_stream_key,
    seal_stream,
)
from countersign.kit.ids import NewId
from countersign.kit.json import decode, digest, encode

from .errors import InterviewClosed, TooMuch
from .held import ACTOR, Attachment, Entry, Held

A_MINUTE, FILES = 60, 6
"""Answers that one link may give within a minute, and files that it may attach."""

PLACE = "interview-attachment/"


class Keeping:
    """``pool`` logs in as DbRole.ROOM; ``task`` is deferred when an interview is sent."""

    def __init__(
        self, pool: Pool, vault: Vault, ledger: Ledger, jobs: Jobs, new_id: NewId, task: str
    ) -> None:
        self._pool = pool.within(WHOLE)
        self._vault = vault
        self._ledger = ledger
        self._jobs = jobs
        self._new_id = new_id
        self._task = task

    def entries(self, held: Held) -> list[Entry]:
        """Everything in the order in which it was given. Raises Destroyed, Unreadable."""
        return entries(self._pool, self._vault, held.id, held.patient)

    def put(self, held: Held, item: str, value: Mapping[str, Any]) -> None:
        """One more answer, durable before this returns. Raises InterviewClosed, TooMuch."""
        raw = encode({"item": item, "value": dict(value)})
        with _closed(), self._pool.transaction() as connection:
            connection.execute(
                "select pg_advisory_xact_lock(hashtext('interviews.entry/' || %s))", (held.id,)
            )
            counted = connection.execute(_COUNT, (held.id,)).fetchone()
            if counted is None or counted["recent"] >= A_MINUTE or counted["number"] >= 500:
                raise TooMuch
            number = counted["number"] + 1
            box = self._vault.seal(held.patient, raw, f"interview/{held.id}/{number}")
            connection.execute(
                "insert into interviews.entry (interview_id, number, suite, key_id, box)"
                " values (%s, %s, %s, %s, %s)",
                (held.id, number, int(box.suite), box.key_id, box.box),
            )

    def alert(self, held: Held, flags: Sequence[str], *, urgent: bool) -> str:
        """Tells the desk of a danger; returns the alert's id. Raises LedgerUnavailable."""
        made = self._new_id()
        raw = encode({"flags": list(flags)})
        box = self._vault.seal(held.patient, raw, f"interview-alert/{made}")
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into interviews.alert (id, interview_id, urgent, suite, key_id, box)"
                " values (%s, %s, %s, %s, %s, %s)",
                (made, held.id, urgent, int(box.suite), box.key_id, box.box),
            )
            unit.record(
                Event(
                    EventKind.DANGER_TOLD,
                    ACTOR,
                    patient=held.patient,
                    subject=f"interview:{held.id}",
                    commits={"dangers": digest(raw).hex()},
                    detail={"urgent": urgent, "alert": made},
                )
            )
        return made

    def send(self, held: Held) -> None:
        """Closes the interview and has the physician's draft made. Raises InterviewClosed."""
        committed = encode([[one.number, one.item, one.value] for one in self.entries(held)])
        with self._ledger.unit(self._pool) as unit:
            new = unit.connection.execute(
                "insert into interviews.step (interview_id, state, actor)"
                " values (%s, 'sent', %s) on conflict do nothing returning state",
                (held.id, ACTOR),
            ).fetchone()
            if new is None:
                raise InterviewClosed
            unit.record(
                Event(
                    EventKind.INTERVIEW_SENT,
                    ACTOR,
                    patient=held.patient,
                    subject=f"interview:{held.id}",
                    commits={"answers": digest(committed).hex()},
                )
            )
            self._jobs.defer(
                unit.connection, self._task, {"interview": held.id}, lock=f"interview:{held.id}"
            )

    def attach(self, held: Held, media: str, content: bytes) -> str:
        """Keeps a file that was checked before, as a sealed stream. Raises TooMuch."""
        made = self._new_id()
        key = new_stream_key(self._vault, held.patient, PLACE + made)
        sealed = BytesIO()
        size = seal_stream(key, [content], sealed)
        with _closed(), self._pool.transaction() as connection:
            counted = connection.execute(
                "select count(*) as files from interviews.attachment where interview_id = %s",
                (held.id,),
            ).fetchone()
            if held.state == "sent" or counted is None or counted["files"] >= FILES:
                raise TooMuch
            connection.execute(
                "insert into interviews.attachment (id, interview_id, media, size, suite, key_id,"
                " box, content) values (%s, %s, %s, %s, %s, %s, %s, %s)",
                (made, held.id, media, size, int(key.sealed.suite), key.sealed.key_id,
                 key.sealed.box, sealed.getvalue()),
            )  # fmt: skip
        return made

    def attachments(self, held: Held) -> list[Attachment]:
        """What is attached, without its content."""
        return attachments(self._pool, held.id)


def entries(pool: Pool, vault: Vault, interview: str, patient: str) -> list[Entry]:
    """The answers of an interview that somebody may read."""
    rows = pool.rows(
        "select number, at, suite, key_id, box from interviews.entry where interview_id = %s"
        " order by number",
        (interview,),
    )
    found: list[Entry] = []
    for row in rows:
        box = Sealed(row["suite"], row["key_id"], row["box"])
        said = decode(vault.open(patient, box, f"interview/{interview}/{row['number']}"))
        found.append(Entry(row["number"], said["item"], said["value"], row["at"]))
    return found


def attachments(pool: Pool, interview: str) -> list[Attachment]:
    """The files of an interview, the oldest first."""
    rows = pool.rows(
        "select id, media, size, at from interviews.attachment where interview_id = %s order by at",
        (interview,),
    )
    return [Attachment(row["id"], row["media"], row["size"], row["at"]) for row in rows]


def content(vault: Vault, patient: str, row: DictRow) -> bytes:
    """A file as it was attached. Raises Unreadable, Destroyed."""
    box = Sealed(row["suite"], row["key_id"], row["box"])
    key = known_stream_key(vault, patient, box, PLACE + row["id"])
    return b"".join(SealedReader(key, BytesIO(row["content"])))


class _closed:  # noqa: N801 - reads as a statement
    """Says in words what the database refuses."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if isinstance(problem, psycopg.Error) and problem.sqlstate == "CSI04":
            raise InterviewClosed from None


_COUNT = """
select coalesce(max(number), 0) as number,
       count(*) filter (where at > clock_timestamp() - interval '1 minute') as recent
from interviews.entry where interview_id = %s
"""
