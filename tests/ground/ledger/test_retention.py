"""What has ended goes, with a record that proves it; nothing goes before its time."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.ledger import (
    BundleOrder,
    Event,
    EventKind,
    EventQuery,
    FindingKind,
    Ledger,
    Retention,
    RetentionRefused,
    Signer,
    export,
    merkle,
    verifier,
)
from countersign.ground.ledger.pruned import Leaf, commitment
from ground.ledger.forged import packed, unpacked
from ground.ledger.known import Owner, permit_all

NOW = datetime.now(UTC).replace(microsecond=0)
OLD = NOW - timedelta(days=4 * 366)
Filled = tuple[Ledger, Retention]
KINDS = (EventKind.CHART_VIEWED, EventKind.RELEASED, EventKind.SIGN_IN, EventKind.KEY_MADE)


@pytest.fixture
def filled(database: Database, signer: Signer) -> Filled:
    """40 events of four years ago, then 8 of today; the database's clock is the machine's."""
    permit_all(database)
    pool, moments = database.pool(DbRole.LEDGER), iter([OLD] * 40 + [NOW] * 1000)
    ledger = Ledger(pool, signer, lambda: next(moments, NOW), checkpoint_every=None)
    for number in range(48):
        ledger.record(Event(KINDS[number % 4], "person:1", patient=f"p{number}"))
    ledger.checkpoint()
    return ledger, Retention(ledger, pool, lambda: NOW)


def test_the_rules_name_their_source_and_keep_their_floor(filled: Filled, owner: Owner) -> None:
    rules = {rule.name: rule for rule in filled[1].rules()}
    assert rules["record"].years >= 15 and rules["process"].years >= 3
    assert all(rule.source and rule.years >= rule.floor for rule in rules.values())
    owner("update ledger.retention set years = 40 where rule = 'record'")
    for shorter in ("years = 14", "floor = 10, years = 10", "floor = 2, years = 2"):
        with pytest.raises(psycopg.errors.CheckViolation):
            owner(f"update ledger.retention set {shorter} where rule = 'record'")


def test_a_dry_run_counts_and_removes_nothing(filled: Filled) -> None:
    ledger, retention = filled
    counted = {due.rule.name: (due.count, due.first, due.last) for due in retention.due()}
    assert counted == {"process": (20, 0, 38), "record": (0, None, None)}
    assert ledger.size() == 48 and ledger.verify().pruned == 0


def test_what_has_ended_goes_and_its_place_stays_provable(filled: Filled) -> None:
    ledger, retention = filled
    before = {event.index: event for event in ledger.events(EventQuery(limit=100)).events}
    assert retention.prune("system:operator") == 20
    after = {event.index for event in ledger.events(EventQuery(limit=100)).events}
    assert set(before) - after == set(range(0, 40, 2)) and 48 in after
    checkpoint = ledger.checkpoint()
    for index in range(48):
        proof = ledger.inclusion(index, checkpoint.size)
        leaf = merkle.leaf_hash(before[index].body)
        assert merkle.verify_inclusion(leaf, index, checkpoint.size, proof, checkpoint.root)
    (record,) = ledger.events(EventQuery(kinds=("payloads-pruned",))).events
    gone = [before[index] for index in range(0, 40, 2)]
    assert record.commits["pruned"] == commitment(
        Leaf(one.index, merkle.leaf_hash(one.body), one.kind, one.at) for one in gone
    )
    assert record.detail["rule"] == "process" and record.detail["count"] == 20
    report = ledger.verify()
    assert report.sound and report.pruned == 20 and "20 events were pruned" in report.words.en
    assert retention.prune("system:operator") == 0


def test_a_bundle_lists_what_was_pruned_and_proves_it(filled: Filled, tmp_path: Path) -> None:
    ledger, retention = filled
    before = {event.index: event.body for event in ledger.events(EventQuery(limit=100)).events}
    retention.prune("system:operator")

    def exported(query: EventQuery) -> dict[str, bytes]:
        out = io.BytesIO()
        export(ledger, BundleOrder("person:9", query), out)
        (tmp_path / "case.zip").write_bytes(out.getvalue())
        return unpacked(out.getvalue())

    files = exported(EventQuery(patient="p1"))
    lines = [json.loads(line) for line in files["pruned.jsonl"].splitlines()]
    assert [line["index"] for line in lines] == list(range(0, 40, 2))
    assert all(
        line["leaf"] == merkle.leaf_hash(before[line["index"]]).hex() and line["record"] == 48
        for line in lines
    )
    said = verifier.check(str(tmp_path / "case.zip"), ledger.verifier_key)
    assert ("20 events were pruned, as recorded.", "20 个事件已清除并有记录。") in said
    tampered = files | {"pruned.jsonl": files["pruned.jsonl"].replace(b"chart-viewed", b"sign-in")}
    (tmp_path / "case.zip").write_bytes(packed(tampered))
    with pytest.raises(verifier.Failure, match="changed"):
        verifier.check(str(tmp_path / "case.zip"), ledger.verifier_key)
    assert "pruned.jsonl" not in exported(EventQuery(since=NOW - timedelta(days=1)))
    assert "pruned.jsonl" not in exported(EventQuery(kinds=("released",)))
    assert "pruned.jsonl" in exported(EventQuery(kinds=("sign-in",)))


def test_nobody_prunes_before_the_time(filled: Filled, database: Database) -> None:
    ledger, _ = filled
    body = ledger.body(Event(EventKind.PAYLOADS_PRUNED, "person:1"))
    with psycopg.connect(database.conninfo(DbRole.LEDGER), autocommit=True) as connection:
        for chosen, rule in (([40], "process"), ([1], "record"), ([0], "record"), ([3], "process")):
            with pytest.raises(psycopg.DatabaseError, match="retention"):
                connection.execute("select ledger.prune(%b, %s, %s)", (body, chosen, rule))
    with psycopg.connect(database.owner_conninfo, autocommit=True) as connection:
        for statement in (
            "delete from ledger.event where index = 0",
            "delete from ledger.event where index = 40",
            "insert into ledger.pruned select index, at, kind, 'process', 1 from ledger.event"
            " where index = 40",
            "insert into ledger.pruned values (40, '2001-01-01', 'chart-viewed', 'process', 1)",
        ):
            with pytest.raises(psycopg.DatabaseError, match="append-only"):
                connection.execute(statement.encode())
    assert ledger.size() == 48 and ledger.verify().sound


def test_a_clock_of_the_process_that_runs_ahead_prunes_nothing_early(
    filled: Filled, database: Database
) -> None:
    ledger, _ = filled
    ahead = Retention(ledger, database.pool(DbRole.LEDGER), lambda: NOW + timedelta(days=9999))
    with pytest.raises(RetentionRefused):
        ahead.prune("system:operator")
    report = ledger.verify()
    assert report.sound and report.pruned in (0, 20)


@pytest.mark.parametrize(
    ("statement", "kind", "place"),
    [
        ("delete from ledger.event where index = 47", FindingKind.LOST_BODY, "47"),
        (
            "delete from ledger.event where index = 47;"
            "insert into ledger.pruned values (47, '2001-01-01', 'key-made', 'process', 48)",
            FindingKind.PRUNED_UNPROVED,
            "48",
        ),
        ("delete from ledger.pruned where index = 4", FindingKind.LOST_BODY, "4"),
        (
            "update ledger.pruned set at = at - interval '1 year' where index = 4",
            FindingKind.PRUNED_UNPROVED,
            "48",
        ),
        ("update ledger.leaf set leaf_hash = sha256('x') where index = 4",
         FindingKind.PRUNED_UNPROVED, "48"),
        ("update ledger.pruned set record = 47", FindingKind.PRUNED_UNPROVED, "47"),
    ],
)  # fmt: skip
def test_what_no_record_accounts_for_is_found(
    filled: Filled, owner: Owner, statement: str, kind: FindingKind, place: str
) -> None:
    ledger, retention = filled
    retention.prune("system:operator")
    ledger.checkpoint()
    owner(statement)
    assert (kind, place) in [(one.kind, one.place) for one in ledger.verify().findings]


def test_a_record_that_prunes_too_early_is_found_though_it_adds_up(
    filled: Filled, owner: Owner, database: Database
) -> None:
    ledger, _ = filled
    with psycopg.connect(database.owner_conninfo) as connection:
        row = connection.execute(
            "select e.index, leaf_hash, kind, at from ledger.event e"
            " join ledger.leaf using (index) where e.index = 44"
        ).fetchone()
    assert row is not None
    leaf = Leaf(*row)
    ledger.record(
        Event(
            EventKind.PAYLOADS_PRUNED,
            "person:1",
            commits={"pruned": commitment([leaf])},
            detail={"rule": "process", "years": 3, "count": 1},
        )
    )
    owner(
        "insert into ledger.pruned select index, at, kind, 'process', 48 from ledger.event"
        " where index = 44; delete from ledger.event where index = 44"
    )
    assert [(one.kind, one.place) for one in ledger.verify().findings] == [
        (FindingKind.PRUNED_EARLY, "44")
    ]


def test_a_list_of_what_a_search_returned_goes_with_its_event(
    filled: Filled, database: Database
) -> None:
    ledger, retention = filled
    root = bytes(range(32))
    pool = database.pool(DbRole.LEDGER)
    key = database.pool(DbRole.VAULT).rows(
        "insert into vault.data_key (subject, version, suite, wrapping_version, wrapped)"
        " values ('house', 1, 1, 1, %s) returning id",
        (bytes(40),),
    )[0]["id"]
    pool.rows("select ledger.keep_returned(%s, 1::smallint, %s, 'x')", (root, key))
    early = Ledger(pool, ledger._signer, lambda: OLD, checkpoint_every=None)  # pyright: ignore[reportPrivateUsage]
    early.record(Event(EventKind.CHART_SEARCHED, "person:1", commits={"results": root.hex()}))
    assert retention.prune("system:operator") == 21
    assert pool.rows("select * from ledger.returned") == []
    early.close()
