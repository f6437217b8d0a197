"""What happened to scanners and stains is written down by a named person, and withdrawn once."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from building import Building
from countersign.ground.db import WHOLE, DbRole
from countersign.ground.db.migrate import FOLDER
from countersign.ground.identity import Principal
from countersign.ground.ledger import EventKind
from countersign.ground.slides import (
    ANEW,
    TOLD,
    ChangeWithdrawn,
    Changing,
    ControlAlarm,
    UnfitChange,
)

BY, OTHER = Principal("p-1", "One", "person"), Principal("p-2", "Other", "person")


@pytest.fixture
def changing(building: Building) -> Changing:
    return building.floor.slides.changing


def today(building: Building) -> date:
    return building.floor.people.today()


def test_what_is_written_down_stands_until_it_is_withdrawn(
    building: Building, changing: Changing
) -> None:
    day = today(building)
    first = changing.note(BY, day - timedelta(days=3), "reagent", "A", "he", "Lot 47/11")
    second = changing.note(BY, day, "looked-into", "", "", "")
    assert changing.all() == [second, first]
    assert (first.anew, second.anew) == (True, False)
    changing.withdraw(OTHER, first.number)
    assert changing.all() == [second]
    with pytest.raises(ChangeWithdrawn):
        changing.withdraw(BY, first.number)
    with pytest.raises(ChangeWithdrawn):
        changing.withdraw(BY, 10**9)
    said = building.events(kinds=(EventKind.CONTROL_CHANGED,))
    assert sorted((one.actor, one.detail["what"], one.detail["cause"]) for one in said[-3:]) == [
        ("person:p-1", "noted", "looked-into"),
        ("person:p-1", "noted", "reagent"),
        ("person:p-2", "withdrawn", "reagent"),
    ]
    changing.withdraw(BY, second.number)


@pytest.mark.parametrize("lot", ["王医生", "x" * 41, "a\nb", "50%"])
def test_a_lot_is_no_sentence(building: Building, changing: Changing, lot: str) -> None:
    with pytest.raises(UnfitChange):
        changing.note(BY, today(building), "reagent", "", "", lot)


def test_only_what_is_known_and_not_to_come(building: Building, changing: Changing) -> None:
    day = today(building)
    for when, cause in ((day + timedelta(days=1), "reagent"), (day, "weather"), (day, "")):
        with pytest.raises(UnfitChange):
            changing.note(BY, when, cause, "", "", "")
    assert changing.all() == []
    assert "looked-into" not in ANEW and "mended" not in ANEW


def test_no_limit_moves_without_a_name_in_the_ledger(
    building: Building, changing: Changing
) -> None:
    """Whoever holds the room's own login and forgets the ledger, or names another, is refused."""
    kept = changing.note(BY, today(building), "light", "", "", "")
    room = building.database.pool(DbRole.ROOM).within(WHOLE)
    for statement in (
        "insert into slides.control_change (day, scanner, stain, cause, lot, actor)"
        " values ('2026-01-01', '', '', 'reagent', '', 'person:p-1')",
        "update slides.control_change set withdrawn_by = 'person:p-1'"
        f" where number = {kept.number}",
    ):
        with pytest.raises(psycopg.Error) as refused, room.transaction() as connection:
            connection.execute(statement)  # type: ignore[arg-type]
            connection.commit()
        assert refused.value.sqlstate == "CSP09"
    for statement in (
        f"update slides.control_change set day = '2026-01-01' where number = {kept.number}",
        f"delete from slides.control_change where number = {kept.number}",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), room.transaction() as connection:
            connection.execute(statement)  # type: ignore[arg-type]
    assert changing.all() == [kept]
    changing.withdraw(BY, kept.number)


def test_the_way_back_and_forth_again_loses_nothing(building: Building, changing: Changing) -> None:
    """Numbers stay, as the ledger names them, and the next one is new."""
    gone, kept = (changing.note(BY, today(building), "scanner", "A", "", lot) for lot in ("1", "2"))
    changing.withdraw(BY, gone.number)
    with psycopg.connect(building.database.owner_conninfo) as owner:
        for name in ("0041_control_changes.down.sql", "0041_control_changes.sql"):
            owner.execute((FOLDER / "sql" / name).read_text(encoding="utf-8"))  # type: ignore[arg-type]
    assert changing.all() == [kept]
    with pytest.raises(ChangeWithdrawn):
        changing.withdraw(BY, gone.number)
    assert changing.note(BY, today(building), "light", "", "", "").number == kept.number + 1


def test_alarms_are_those_of_the_last_days_and_take_the_place_of_earlier_ones(
    building: Building, changing: Changing
) -> None:
    day = today(building)

    def of(days: int, scanner: str) -> ControlAlarm:
        rules = ("beyond-three-sigma", "moving-average")
        return ControlAlarm(scanner, "he", "focus", day - timedelta(days=days), rules, 0.25)

    changing.alarmed([of(TOLD, "old"), of(1, "B"), of(0, "A")])
    assert changing.alarms() == [of(0, "A"), of(1, "B")]
    changing.alarmed([of(2, "C")])
    assert changing.alarms() == [of(2, "C")]
    changing.alarmed([])
    assert changing.alarms() == []
