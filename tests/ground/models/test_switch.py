"""Stop AI stops every process, and only a reason lets it run again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.identity import Principal
from countersign.ground.ledger import EventQuery, Ledger, LedgerUnavailable, open_signer
from countersign.ground.models import (
    AIStopped,
    NotStopped,
    ReasonTooShort,
    Switch,
    SwitchState,
)
from countersign.kit.clock import utc_now

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
ADMIN = Principal("adm-1", "An administrator", "person")
REASON = "The laboratory feed is right again"


@pytest.fixture
def ledger(database: Database, tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(
        database.pool(DbRole.LEDGER),
        open_signer(tmp_path / "ledger", "test.example/ledger"),
        utc_now,
        checkpoint_every=None,
    )
    yield ledger
    ledger.close()


@pytest.fixture
def switch(database: Database, ledger: Ledger) -> Switch:
    return Switch(database.pool(DbRole.STEWARD), ledger, lambda: NOW)


def stopped_for(database: Database, role: DbRole) -> bool:
    return database.pool(role).rows("select models.ai_stopped() as stopped")[0]["stopped"]


def test_a_new_hospital_runs(switch: Switch) -> None:
    assert switch.state() == SwitchState(stopped=False, by=None, reason="", at=None)
    switch.require_running()


def test_stop_is_seen_at_once_by_every_process_and_role(
    database: Database, switch: Switch, ledger: Ledger
) -> None:
    elsewhere = Switch(database.pool(DbRole.STEWARD), ledger, utc_now)
    elsewhere.require_running()
    state = switch.stop(ADMIN, " wrong potassium values ")
    assert state == SwitchState(True, "person:adm-1", "wrong potassium values", NOW)
    assert switch.state() == elsewhere.state() == state
    with pytest.raises(AIStopped, match="nothing is proposed"):
        elsewhere.require_running()
    assert all(stopped_for(database, role) for role in DbRole)
    elsewhere.resume(ADMIN, REASON)
    assert not any(stopped_for(database, role) for role in DbRole)
    switch.require_running()


def test_both_presses_leave_receipts_without_the_words(switch: Switch, ledger: Ledger) -> None:
    switch.stop(ADMIN)
    switch.resume(ADMIN, REASON)
    resumed, stopped = ledger.events(EventQuery()).events
    assert (stopped.kind, stopped.actor) == ("ai-stopped", "person:adm-1")
    assert (resumed.kind, resumed.actor) == ("ai-resumed", "person:adm-1")
    assert dict(resumed.commits) == {"reason": sha256(REASON.encode()).hexdigest()}
    assert REASON.encode() not in resumed.body


def test_resuming_needs_a_reason(switch: Switch) -> None:
    switch.stop(ADMIN)
    for reason in ("", "ok", "         too few         "):
        with pytest.raises(ReasonTooShort, match="at least 10 characters"):
            switch.resume(ADMIN, reason)
    assert switch.state().stopped


def test_resuming_what_runs_is_refused(switch: Switch, ledger: Ledger) -> None:
    with pytest.raises(NotStopped):
        switch.resume(ADMIN, REASON)
    switch.stop(ADMIN)
    switch.resume(ADMIN, REASON)
    with pytest.raises(NotStopped):
        switch.resume(ADMIN, REASON)
    assert ledger.size() == 2


def test_without_a_receipt_the_switch_does_not_move(database: Database, switch: Switch) -> None:
    switch.stop(ADMIN)
    with psycopg.connect(database.owner_conninfo) as owner:
        owner.execute("alter function ledger.append(bytea[]) rename to append_gone")
    with pytest.raises((LedgerUnavailable, psycopg.Error)):
        switch.resume(ADMIN, REASON)
    assert switch.state().stopped


def test_nobody_but_the_steward_presses_and_nobody_rewrites(
    database: Database, switch: Switch
) -> None:
    switch.stop(ADMIN)
    press = "insert into models.switch (stopped, actor, reason, at) values (false, 'x', '', now())"
    for role in DbRole:
        attempts = ["update models.switch set stopped = false", "delete from models.switch"]
        attempts += [press] if role is not DbRole.STEWARD else []
        for attempt in attempts:
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege),
                database.pool(role).transaction() as connection,
            ):
                connection.execute(attempt)  # type: ignore[arg-type]
    with (
        psycopg.connect(database.owner_conninfo) as owner,
        pytest.raises(psycopg.DatabaseError, match="append-only"),
    ):
        owner.execute("delete from models.switch")
    assert switch.state().stopped
