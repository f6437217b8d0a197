"""No clinical word in any column, and nothing shown that left no receipt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from building import SECRET, Building
from countersign.ground.db import Database, DbRole
from countersign.ground.ledger import LedgerUnavailable
from countersign.ground.signoff import Damaged

SCHEMAS = ("signoff", "release", "ledger", "chart", "jobs")
TABLES = """
select n.nspname || '.' || c.relname as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname = any (%s)
"""


@pytest.fixture
def own(database: Database, tmp_path: Path) -> Iterator[Building]:
    """A building whose database may be harmed."""
    one = Building(database, tmp_path)
    yield one
    try:
        one.close()
    except LedgerUnavailable:
        return


def test_no_clinical_word_stands_in_any_column(own: Building) -> None:
    """Every row of the gate, the chart and the ledger is searched as text and as bytes."""
    own.decide("wang", own.drafted(), "accept")
    own.decide("wang", own.drafted(), "amend", text=f"My words: {SECRET}")
    own.decide("wang", own.drafted(), "reject", reason="too-costly-uncovered", comment=SECRET)
    own.signoff.working.save(own.who("wang"), own.drafted(topic=SECRET), "en", SECRET)
    own.signoff.waiting.listing(own.who("wang"))
    names = [row["name"] for row in own.rows(TABLES, list(SCHEMAS))]
    assert {"signoff.draft", "signoff.signature", "release.released", "ledger.event"} <= set(names)
    hidden = SECRET.encode().hex()
    words = ("potassium is high", "我", "repeat potassium", "王小明", SECRET.lower(), hidden)
    for name in names:
        text = "\n".join(row["row"] for row in own.rows(f"select t::text as row from {name} t"))
        for word in words:
            assert word not in text.lower(), (name, word)


def test_the_search_would_find_it(own: Building) -> None:
    """The search above is worth something: what is planted, it finds."""
    own.drafted()
    with psycopg.connect(own.database.owner_conninfo) as owner:
        owner.execute("create table signoff.planted as select %b::bytea as x", (SECRET.encode(),))
    (row,) = own.rows("select t::text as row from signoff.planted t")
    assert SECRET.encode().hex() in row["row"]


def test_no_receipt_no_display(own: Building) -> None:
    draft = own.drafted()
    wang = own.who("wang")
    own.open("wang", draft)
    with psycopg.connect(own.database.owner_conninfo, autocommit=True) as owner:
        owner.execute("alter function ledger.append(bytea[]) rename to broken")
    for shown in (
        lambda: own.signoff.reading.open(wang, draft),
        lambda: own.signoff.reading.for_patient(wang, "p1"),
        lambda: own.signoff.waiting.listing(wang),
        lambda: own.signoff.decisions.accept(wang, draft),
        own.drafted,
    ):
        with pytest.raises(LedgerUnavailable):
            shown()
    assert own.state(draft) == "open"
    assert own.floor.chart.reader(wang).open("p1").versions, "the chart goes on"
    with psycopg.connect(own.database.owner_conninfo, autocommit=True) as owner:
        owner.execute("alter function ledger.broken(bytea[]) rename to append")


def test_a_draft_that_was_changed_is_not_shown(own: Building) -> None:
    """Even one who holds the keys and the database cannot put other words under a signature."""
    draft = own.drafted()
    forged = own.house.vault.seal("p1", b'{"body": {}}', f"draft/{draft}")
    with psycopg.connect(own.database.owner_conninfo) as owner:
        owner.execute("alter table signoff.draft disable trigger append_only")
        owner.execute(
            "update signoff.draft set suite = %s, key_id = %s, box = %s where id = %s",
            (forged.suite, forged.key_id, forged.box, draft),
        )
    with pytest.raises(Damaged):
        own.open("wang", draft)


def test_rows_of_the_gate_open_for_no_other_role(own: Building) -> None:
    own.drafted()
    for role in (DbRole.RECEIVER, DbRole.LEDGER, DbRole.VAULT, DbRole.STEWARD, DbRole.JOBS):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own.database.pool(role).rows("select * from signoff.draft")
