"""Questions that found nothing: sealed, without who asked, and gone after 180 days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from countersign.ground.db import WHOLE, DbRole, Scope
from countersign.ground.identity import Forbidden
from countersign.ground.library.finding import KEPT_DAYS
from countersign.ground.vault import HOUSE, Sealed, Unreadable
from ground.library.shelves import Shelves

VAIN = "鼋鼍之毒如何解"


def rows(shelves: Shelves, where: str = "true") -> list[dict[str, object]]:
    pool = shelves.building.database.pool(DbRole.LIBRARY).within(WHOLE)
    return pool.rows(f"select * from library.asked where {where}")  # type: ignore[arg-type]


def keep(shelves: Shelves, text: str, days: int) -> None:
    """A question as it was asked some days ago."""
    building = shelves.building
    pool = building.database.pool(DbRole.LIBRARY).within(WHOLE)
    day = pool.rows("select house.today() as day")[0]["day"] - timedelta(days=days)
    box = building.house.vault.seal(HOUSE, text.encode(), f"library/asked/{day}")
    pool.rows(
        "insert into library.asked (day, language, found, departments, suite, key_id, box)"
        " values (%s, 'zh', 0, '{*}', %s, %s, %s) returning id",
        (day, box.suite, box.key_id, box.box),
    )


def test_a_question_is_sealed_and_names_nobody(shelves: Shelves) -> None:
    asked = f"{VAIN} 身份证 110101199003071234 电话 13800138000"
    shelves.library.finding.ask(shelves.who("wang"), asked)
    (row,) = rows(shelves)
    assert row.keys() == {
        "id", "day", "language", "found", "departments", "suite", "key_id", "box",
    }  # fmt: skip
    assert VAIN.encode() not in row["box"] and row["departments"] == ["cardiology"]
    wang = shelves.who("wang").id
    assert all(wang not in str(value) for value in row.values())
    (told,) = shelves.library.finding.unanswered(shelves.who("curator"))
    assert told.question == f"{VAIN} 身份证 … 电话 …"
    assert (told.times, told.language) == (1, "zh")


def test_it_is_bound_to_its_day(shelves: Shelves) -> None:
    """A box moved to another row does not open: the day is part of its place."""
    vault, (row, *_) = shelves.building.house.vault, rows(shelves)
    box = Sealed(row["suite"], row["key_id"], row["box"])  # type: ignore[arg-type]
    with pytest.raises(Unreadable):
        vault.open(HOUSE, box, "library/asked/2020-01-01")


def test_only_curators_are_told(shelves: Shelves) -> None:
    with pytest.raises(Forbidden):
        shelves.library.finding.unanswered(shelves.who("wang"))
    for scope in (Scope(), Scope(reaches=frozenset({"clinical/*"}))):
        pool = shelves.building.database.pool(DbRole.LIBRARY).within(scope)
        assert pool.rows("select id from library.asked") == []


def told(shelves: Shelves, name: str) -> set[str]:
    return {one.question for one in shelves.library.finding.unanswered(shelves.who(name))}


def test_a_question_is_told_to_the_curators_of_its_own_department_alone(shelves: Shelves) -> None:
    """Probes: each department asks many words that the other may not learn of."""
    ask = shelves.library.finding.ask
    mine = {"wang": [f"心衰秘方{n}号鼋鼍" for n in range(20)]}
    mine["surgeon"] = [f"阑尾机密{n}号鼋鼍" for n in range(20)]
    for name, questions in mine.items():
        for question in questions:
            ask(shelves.who(name), question)
    assert set(mine["wang"]) <= told(shelves, "curator")
    assert set(mine["surgeon"]) <= told(shelves, "keeper")
    assert not set(mine["surgeon"]) & told(shelves, "curator")
    assert not set(mine["wang"]) & told(shelves, "keeper")


def test_of_somebody_without_a_department_every_curator_is_told(shelves: Shelves) -> None:
    nobody = replace(shelves.who("wang"), departments=frozenset())
    shelves.library.finding.ask(nobody, "鼋鼍无科室之问")
    for name in ("curator", "keeper"):
        assert "鼋鼍无科室之问" in told(shelves, name)


def test_the_database_tells_no_other_shelf_not_even_of_what_the_last_version_wrote(
    shelves: Shelves,
) -> None:
    pool = shelves.building.database.pool(DbRole.LIBRARY)
    box = shelves.building.house.vault.seal(HOUSE, b"old", "library/asked/2026-01-01")
    pool.within(WHOLE).rows(
        "insert into library.asked (day, language, found, departments, suite, key_id, box)"
        " values ('2026-01-01', 'zh', 1, '{*,cardiology}', %s, %s, %s) returning id",
        (box.suite, box.key_id, box.box),
    )
    old = "select id from library.asked where day = '2026-01-01'"

    def seen(*shelf: str) -> int:
        return len(pool.within(Scope(shelves=frozenset(shelf))).rows(old))  # type: ignore[arg-type]

    assert (seen("*"), seen("*", "surgery"), seen("*", "cardiology")) == (0, 0, 1)
    pool.within(WHOLE).rows("delete from library.asked where day = '2026-01-01' returning id")


def test_it_goes_after_its_time_and_no_sooner(shelves: Shelves) -> None:
    before = len(rows(shelves))
    keep(shelves, "还在", KEPT_DAYS)
    keep(shelves, "过期", KEPT_DAYS + 1)
    keep(shelves, "早已过期", 4 * KEPT_DAYS)
    readers = shelves.building.database.pool(DbRole.LIBRARY).within(
        Scope(reaches=frozenset({"clinical/*"}), shelves=frozenset({"*"}))
    )
    assert readers.rows("delete from library.asked where true returning id") == []
    assert len(rows(shelves)) == before + 3
    assert shelves.library.finding.forget() == 2
    assert len(rows(shelves)) == before + 1
    assert "还在" in {
        one.question for one in shelves.library.finding.unanswered(shelves.who("curator"))
    }
    assert shelves.library.finding.forget() == 0


def test_many_questions_of_a_chart_are_not_kept(shelves: Shelves) -> None:
    before = len(rows(shelves))
    shelves.library.finding.ask_all(shelves.who("wang"), [VAIN, "鼋鼍"], 3)
    assert len(rows(shelves)) == before
