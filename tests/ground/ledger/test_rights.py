"""Each database role appends its own kinds; none may change, remove, forge or look elsewhere."""

from __future__ import annotations

import psycopg
import pytest

from countersign.ground.db import Database, DbRole, UnfitValue
from countersign.ground.db.migrate import FOLDER
from countersign.ground.ledger import Event, EventKind, Ledger

TABLES = ("head", "leaf", "event", "tile", "checkpoint")
READERS = {DbRole.AUDITOR, DbRole.LEDGER}
BODY = b'{"actor":"person:1","at":"2026-11-22T08:00:00.000Z","kind":"draft-proposed","v":1}'

ITS_OWN = {
    DbRole.ROOM: {
        EventKind.DRAFT_PROPOSED,
        EventKind.DRAFT_EXPIRED,
        EventKind.DRAFT_TAKEN_BACK,
        EventKind.RECALL_ANSWERED,
        EventKind.RECALL_CLOSED,
        EventKind.CASES_CHANGED,
        EventKind.DISTILLATION_CHANGED,
        EventKind.ORDER_CHECKED,
        EventKind.RECORD_SAVED,
        EventKind.ALERTS_ANSWERED,
        EventKind.MEDICATION_RULE_CHANGED,
        EventKind.MEDICATION_RULE_JUDGED,
        EventKind.CASE_ESCALATED,
        EventKind.CASE_DECIDED,
        EventKind.IMPRESSION_RECORDED,
        EventKind.SHOWN_AT_ONCE,
        EventKind.CARD_OUTCOME,
        EventKind.STUDY_CHANGED,
        EventKind.PRICES_CHANGED,
        EventKind.PROTOCOL_CHANGED,
        EventKind.INTERVIEW_INVITED,
        EventKind.INTERVIEW_OPENED,
        EventKind.INTERVIEW_SENT,
        EventKind.INTERVIEW_REVOKED,
        EventKind.DANGER_TOLD,
        EventKind.DANGER_ACKNOWLEDGED,
        EventKind.SLIDE_ARRIVED,
        EventKind.SLIDE_MATCHED,
        EventKind.SLIDE_MOVED,
        EventKind.SLIDE_MEASURED,
        EventKind.SLIDE_CORRECTED,
        EventKind.CONTROL_CHANGED,
        EventKind.TRAINED_CHANGED,
    },
    DbRole.RECEIVER: {
        EventKind.CHART_RECEIVED,
        EventKind.LABEL_CHANGED,
        EventKind.LABEL_RULE_CHANGED,
    },
    DbRole.SIGNER: {EventKind.DRAFT_SIGNED, EventKind.DRAFT_REJECTED, EventKind.CASE_OPENED},
    DbRole.SENDER: {EventKind.RELEASED},
    DbRole.AUDITOR: set[EventKind](),
    DbRole.IDENTITY: {
        EventKind.SIGN_IN,
        EventKind.SIGN_OUT,
        EventKind.POLICY_CHANGED,
        EventKind.PERSON_CHANGED,
        EventKind.FACTOR_ENROLLED,
        EventKind.FACTOR_REMOVED,
        EventKind.STEPPED_UP,
        EventKind.IDENTITY_LINKED,
        EventKind.IDENTITY_UNLINKED,
        EventKind.GLASS_OPENED,
        EventKind.GLASS_ENDED,
        EventKind.GLASS_REVIEWED,
        EventKind.DELEGATED,
        EventKind.DELEGATION_ACCEPTED,
        EventKind.DELEGATION_DECLINED,
        EventKind.DELEGATION_ENDED,
        EventKind.APP_CHANGED,
        EventKind.APP_ALLOWED,
        EventKind.APP_ACCESS,
        EventKind.CDS_CLIENT_CHANGED,
    },
    DbRole.VAULT: {
        EventKind.KEY_MADE,
        EventKind.KEYS_ROTATED,
        EventKind.DATA_RESEALED,
        EventKind.DATA_DESTROYED,
    },
    DbRole.LEDGER: {
        EventKind.INTERVIEW_READ,
        EventKind.SLIDE_SHOWN,
        EventKind.SLIDES_LISTED,
        EventKind.CASES_SEARCHED,
        EventKind.DISTILLATION_SHOWN,
        EventKind.CDS_CLIENT_REFUSED,
        EventKind.HOOK_ANSWERED,
        EventKind.SIGN_IN,
        EventKind.SIGN_OUT,
        EventKind.SIGN_IN_FAILED,
        EventKind.ACCESS_DENIED,
        EventKind.CHART_VIEWED,
        EventKind.CHART_SEARCHED,
        EventKind.PATIENTS_LISTED,
        EventKind.DRAFT_VIEWED,
        EventKind.DRAFTS_LISTED,
        EventKind.EXPORTED,
        EventKind.AUDIT_VIEWED,
        EventKind.PAYLOADS_PRUNED,
        EventKind.KEYS_EXPORTED,
        EventKind.BACKUP_MADE,
        EventKind.RESTORED,
        EventKind.SCHEMA_CHANGED,
        EventKind.EGRESS_CONTACTED,
        EventKind.EGRESS_REFUSED,
        EventKind.STEP_UP_REFUSED,
        EventKind.GLASS_USED,
        EventKind.LABEL_CHANGED,
        EventKind.CONSENT_RECORDED,
        EventKind.DECISION_EXPLAINED,
        EventKind.APP_ACCESS,
        EventKind.DOCUMENT_OPENED,
        EventKind.LIBRARY_SEARCHED,
        EventKind.MODEL_ASKED,
    },
    DbRole.STEWARD: {
        EventKind.MODEL_REGISTERED,
        EventKind.AI_STOPPED,
        EventKind.AI_RESUMED,
        EventKind.RECALL_STARTED,
        EventKind.RECALL_CLOSED,
        EventKind.SAFETY_RULE_CHANGED,
        EventKind.MODEL_SERVER_CHANGED,
        EventKind.MODEL_SERVER_PROBED,
        EventKind.MODEL_ASSIGNED,
        EventKind.MODEL_ANSWERED,
    },
    DbRole.JOBS: {EventKind.JOB_RETRIED},
    DbRole.INTERFACE: {
        EventKind.MESSAGES_RECEIVED,
        EventKind.MESSAGES_REPLAYED,
        EventKind.MESSAGE_SET_ASIDE,
        EventKind.MESSAGE_SENT,
        EventKind.IMAGES_RECEIVED,
    },
    DbRole.LIBRARY: {
        EventKind.DOCUMENT_RECEIVED,
        EventKind.DOCUMENT_READ,
        EventKind.DOCUMENT_DESCRIBED,
        EventKind.DOCUMENT_PUBLISHED,
        EventKind.DOCUMENT_REPLACED,
        EventKind.DOCUMENT_REVIEWED,
        EventKind.DOCUMENT_WITHDRAWN,
        EventKind.DOCUMENT_EXPIRED,
        EventKind.DOCUMENT_JUDGED,
        EventKind.FOLDER_WATCHED,
        EventKind.FOLDER_UNWATCHED,
    },
}
"""What each role records; whoever adds a kind says here and in a migration whose it is."""


def of_kind(kind: str) -> bytes:
    return BODY.replace(b"draft-proposed", kind.encode())


@pytest.fixture(scope="module")
def filled(module_database: Database) -> Database:
    pool = module_database.pool(DbRole.ROOM)
    for _ in range(3):
        pool.rows("select ledger.append(%s)", ([BODY] * 200,))
    with psycopg.connect(module_database.owner_conninfo) as owner:
        owner.execute("select ledger.tend()")
        owner.execute("select ledger.publish(3, %s, 'note', now())", (bytes(32),))
    return module_database


def size(database: Database) -> int:
    return database.pool(DbRole.AUDITOR).rows("select size from ledger.head")[0]["size"]


@pytest.mark.parametrize("role", list(DbRole))
def test_a_role_appends_its_own_kinds_and_no_other(filled: Database, role: DbRole) -> None:
    for kind in EventKind:
        before = size(filled)
        query = "select ledger.append(%s) as first"
        if kind in ITS_OWN[role]:
            first = filled.pool(role).rows(query, ([of_kind(kind)] * 2,))
            assert first == [{"first": before}]
        else:
            own = [of_kind(mine) for mine in ITS_OWN[role]]
            with pytest.raises(psycopg.DataError, match="may not record"):
                filled.pool(role).rows(query, ([*own, of_kind(kind)],))
            assert size(filled) == before


def test_every_kind_belongs_to_a_role() -> None:
    assert set().union(*ITS_OWN.values()) == set(EventKind)


@pytest.mark.parametrize("role", sorted(set(DbRole) - {DbRole.AUDITOR, DbRole.LEDGER}))
def test_a_role_that_pretends_to_be_another_is_still_itself(filled: Database, role: DbRole) -> None:
    with psycopg.connect(filled.conninfo(role), autocommit=True) as connection:
        for attempt in (
            "set role countersign_ledger",
            "set session authorization countersign_ledger",
            "insert into ledger.recorder values ('chart-viewed', session_user)",
            "select ledger.permit('chart-viewed', session_user)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(attempt.encode())
        connection.execute("set search_path = pg_temp, public")
        connection.execute("create temporary table recorder (kind text, role name)")
        connection.execute("insert into recorder values ('chart-viewed', session_user)")
        with pytest.raises(psycopg.DataError, match="may not record"):
            connection.execute("select ledger.append(%s)", ([of_kind("chart-viewed")],))


def test_not_even_the_owner_of_the_database_records_a_view(filled: Database) -> None:
    with (
        psycopg.connect(filled.owner_conninfo) as owner,
        pytest.raises(psycopg.DataError, match="may not record"),
    ):
        owner.execute("select ledger.append(%s)", ([of_kind("chart-viewed")],))


@pytest.mark.parametrize("role", list(DbRole))
@pytest.mark.parametrize("table", TABLES)
def test_no_role_writes_a_table(filled: Database, role: DbRole, table: str) -> None:
    column = "size" if table in ("head", "checkpoint") else "index"
    with psycopg.connect(filled.conninfo(role), autocommit=True) as connection:
        for statement in (
            f"insert into ledger.{table} ({column}) values (99999)",
            f"insert into ledger.{table} default values",
            f"update ledger.{table} set {column} = {column}",
            f"delete from ledger.{table}",
            f"truncate ledger.{table} cascade",
            f"alter table ledger.{table} disable trigger all",
            f"drop table ledger.{table} cascade",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


@pytest.mark.parametrize("role", list(DbRole))
def test_only_the_auditor_and_the_ledger_read(filled: Database, role: DbRole) -> None:
    for table in TABLES:
        query = f"select count(*) as n from ledger.{table}".encode()
        with psycopg.connect(filled.conninfo(role)) as connection:
            if role in READERS:
                assert connection.execute(query).fetchone() != (0,)
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(query)


@pytest.mark.parametrize("role", sorted(set(DbRole) - {DbRole.LEDGER}))
def test_only_the_ledger_writes_tiles_and_checkpoints(filled: Database, role: DbRole) -> None:
    for call in ("ledger.tend()", "ledger.publish(1, sha256('x'), 'note', now())"):
        with (
            psycopg.connect(filled.conninfo(role)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(f"select {call}".encode())


@pytest.mark.parametrize("table", TABLES)
def test_even_the_owner_cannot_change_what_was_written(filled: Database, table: str) -> None:
    with psycopg.connect(filled.owner_conninfo, autocommit=True) as owner:
        statements = [f"delete from ledger.{table}", f"truncate ledger.{table} cascade"]
        change = {"head": "size = size - 1", "checkpoint": "size = size"}.get(
            table, "index = index"
        )
        statements.append(f"update ledger.{table} set {change}")
        for statement in statements:
            with pytest.raises(psycopg.DatabaseError, match="append-only"):
                owner.execute(statement.encode())
        owner.execute("set session_replication_role = replica")
        with pytest.raises(psycopg.DatabaseError, match="append-only"):
            owner.execute(f"delete from ledger.{table}".encode())


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        b"[]",
        b"{}",
        b'{"actor":"person:1","kind":"draft-proposed"}',
        b'{"actor":"person:1","at":"yesterday?","kind":"draft-proposed"}',
        b'{"actor":"nobody","at":"2026-11-22T08:00:00Z","kind":"draft-proposed"}',
        b'{"actor":"person:1","at":"2026-11-22T08:00:00Z","kind":"Sign In"}',
        b'{"actor":"person:1","at":"2026-11-22T08:00:00Z","kind":"\\u0000"}',
        b"\xff\xfe",
        b" " * 70_000 + BODY,
        BODY.replace(b"08:00:00.000Z", b"08:00:00+08"),
        BODY.replace(b"}", b',"patient":5}'),
        BODY.replace(b"}", b',"commits":"none"}'),
        BODY.replace(b"}", b',"detail":null}'),
    ],
)
def test_what_is_no_event_is_refused_whole(filled: Database, body: bytes) -> None:
    before = filled.pool(DbRole.AUDITOR).rows("select size from ledger.head")
    with pytest.raises((psycopg.DataError, psycopg.IntegrityError, UnfitValue)):
        filled.pool(DbRole.ROOM).rows("select ledger.append(%s)", ([BODY, body],))
    assert filled.pool(DbRole.AUDITOR).rows("select size from ledger.head") == before


@pytest.mark.parametrize("bodies", [[], None])
def test_nothing_is_not_appended(filled: Database, bodies: list[bytes] | None) -> None:
    with pytest.raises(psycopg.DataError):
        filled.pool(DbRole.ROOM).rows("select ledger.append(%s::bytea[])", (bodies,))


def test_a_checkpoint_of_leaves_to_come_is_refused(filled: Database) -> None:
    with pytest.raises(psycopg.DataError):
        filled.pool(DbRole.LEDGER).rows("select ledger.publish(99999, sha256('x'), 'n', now())")


def test_a_receipt_is_durable_even_where_the_server_does_not_wait(
    database: Database, ledger: Ledger, viewed: Event
) -> None:
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute("alter role countersign_signer set synchronous_commit = off")
    try:
        with ledger.unit(database.pool(DbRole.SIGNER)) as unit:
            unit.record(viewed)
        with psycopg.connect(database.conninfo(DbRole.SIGNER)) as signer:
            assert signer.execute("show synchronous_commit").fetchone() == ("off",)
            signer.execute("select ledger.append(%s)", ([of_kind("draft-signed")],))
            assert signer.execute("show synchronous_commit").fetchone() == ("on",)
    finally:
        with psycopg.connect(database.owner_conninfo) as owner:
            owner.execute("alter role countersign_signer reset synchronous_commit")


def test_the_schema_goes_back_and_forward_again(database: Database, ledger: Ledger) -> None:
    ledger.record(Event(EventKind.CHART_VIEWED, "person:1"))
    with psycopg.connect(database.owner_conninfo) as owner:
        cursor = owner.cursor()
        cursor.execute((FOLDER / "sql" / "0010_ledger_witness.down.sql").read_bytes())
    rows = database.pool(DbRole.ROOM).rows(
        "select ledger.append(%s) as first", ([of_kind("chart-viewed")],)
    )
    assert rows == [{"first": 1}], "as before, every role records every kind"
    with psycopg.connect(database.owner_conninfo) as owner:
        with pytest.raises(psycopg.DatabaseError, match="append-only"), owner.transaction():
            owner.execute("delete from ledger.event")
        owner.cursor().execute((FOLDER / "sql" / "0010_ledger_witness.sql").read_bytes())
    with pytest.raises(psycopg.DataError, match="may not record"):
        database.pool(DbRole.ROOM).rows(
            "select ledger.append(%s) as first", ([of_kind("chart-viewed")],)
        )
    assert ledger.verify().sound
