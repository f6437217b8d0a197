"""What colleagues found helpful lifts a passage a little, and never across permissions."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.db import WHOLE, DbRole, Scope
from countersign.ground.library import Found
from countersign.ground.library.helped import MOST, lifted
from ground.library.shelves import Shelves, permission

ASKED = "囡囡 水肿 怎么 处理"
MARKED = "囡囡，水肿：怎么处理？"
"""The same but for marks and spaces."""


def text(words: str, times: int) -> str:
    return f"# {words}\n\n{'囡囡水肿' * times}怎么处理：{words}，先看病人再作决定，并记录在案。\n"


@pytest.fixture(scope="module")
def placed(shelves: Shelves) -> dict[str, tuple[str, str]]:
    """Documents that answer the same question, by a word of their own."""
    found = {
        word: shelves.published(text(word, 6 - number), title=word)
        for number, word in enumerate(("甲法", "乙法", "丙法", "丁法", "戊法"))
    }
    found["心内"] = shelves.published(
        text("心内", 3), home="cardiology", permission=permission("cardiology")
    )
    return found


def answers(shelves: Shelves, name: str, asked: str = ASKED) -> list[Found]:
    answer = shelves.library.finding.ask(shelves.who(name), asked)
    return [*answer.support, *answer.near]


def order(shelves: Shelves, name: str, asked: str = ASKED) -> list[str]:
    return [one.document.id for one in answers(shelves, name, asked)]


def judge(
    shelves: Shelves, name: str, one: Found, verdict: str = "helpful", asked: str = ASKED
) -> None:
    place = one.hit.passage
    shelves.library.consulting.judge(
        shelves.who(name),
        place.document,
        place.version,
        (place.start, place.end),
        verdict,
        "",
        asked,
    )


def test_one_colleague_lifts_by_one_place_and_says_so(
    shelves: Shelves, placed: dict[str, tuple[str, str]]
) -> None:
    before = order(shelves, "wang")
    marked = order(shelves, "wang", MARKED)
    assert len(before) == len(marked) == len(placed)
    judge(shelves, "nurse", answers(shelves, "nurse")[3])
    after = order(shelves, "wang")
    assert after == [before[at] for at in (0, 1, 3, 2, 4, 5)]
    assert [one.helped for one in answers(shelves, "wang")] == [0, 0, 1, 0, 0, 0]
    again, place = answers(shelves, "wang", MARKED), marked.index(before[3])
    assert [one.document.id for one in again].index(before[3]) == max(place - 1, 0)
    assert sum(one.helped for one in again) == 1
    assert order(shelves, "nurse") == before, "her own verdict moves nothing for herself"
    judge(shelves, "nurse", answers(shelves, "nurse")[3])
    assert order(shelves, "wang") == after, "once for each colleague"
    assert not any(one.helped for one in answers(shelves, "wang", ASKED + "吗"))


def test_what_is_unhelpful_goes_to_the_curator_and_lowers_nothing(
    shelves: Shelves, placed: dict[str, tuple[str, str]]
) -> None:
    before = order(shelves, "wang")
    for verdict in ("wrong", "outdated", "unclear"):
        judge(shelves, "zhao", answers(shelves, "zhao")[0], verdict)
    assert order(shelves, "wang") == before
    said = shelves.library.consulting.feedback(shelves.who("curator"))
    assert {"wrong", "outdated", "unclear", "helpful"} <= {one.verdict for one in said}


def test_nothing_counts_across_permissions(
    shelves: Shelves, placed: dict[str, tuple[str, str]]
) -> None:
    document, keeping = placed["心内"][0], shelves.library.keeping
    before = order(shelves, "surgeon")
    assert document not in before
    for name in ("zhao", "nurse", "li"):
        own = next(one for one in answers(shelves, name) if one.document.id == document)
        judge(shelves, name, own)
    assert order(shelves, "surgeon") == before
    mine = next(one for one in answers(shelves, "wang") if one.document.id == document)
    assert mine.helped == 3
    curator = shelves.who("curator")
    card = keeping.one(curator, document)
    keeping.describe(curator, document, card.number, replace(card.card, permission=permission("*")))
    shelves.library.index.catch_up()
    opened = next(one for one in answers(shelves, "surgeon") if one.document.id == document)
    assert opened.helped == 0, "what was said within another permission stays there"


def test_the_same_words_of_a_new_version_keep_what_was_said(
    shelves: Shelves, placed: dict[str, tuple[str, str]]
) -> None:
    document = placed["戊法"][0]
    own = next(one for one in answers(shelves, "li") if one.document.id == document)
    judge(shelves, "li", own)
    told = {one.document.id: one.helped for one in answers(shelves, "wang")}
    assert told[document] == 1
    keeping, curator = shelves.library.keeping, shelves.who("curator")
    for words, helped in (
        (text("戊法", 2) + "\n# 附录\n\n另见他处之说明。\n", 1),
        (text("己法", 2), 0),
    ):
        version = keeping.add_version(curator, document, "b.md", [words.encode()])
        shelves.library.understand_here(version)
        shelves.publish(document, version)
        told = {one.document.id: one.helped for one in answers(shelves, "wang")}
        assert told[document] == helped


def test_neither_words_nor_other_reaches_lie_in_the_table(
    shelves: Shelves, placed: dict[str, tuple[str, str]]
) -> None:
    pool = shelves.building.database.pool(DbRole.LIBRARY)
    rows = pool.within(WHOLE).rows("select * from library.helped")
    assert rows and all("囡" not in str(value) for row in rows for value in row.values())
    for scope in (Scope(), Scope(reaches=frozenset({"clinical/surgery"}))):
        assert pool.within(scope).rows("select 1 from library.helped") == []
    surgery = pool.within(Scope(reaches=frozenset({"clinical/surgery"})))
    for reach in ("clinical/cardiology", "clinical/surgery"):
        with pytest.raises(psycopg.Error):
            surgery.rows(
                "insert into library.helped (feedback, document, reach, question, passage, actor)"
                " values (%s, %s, %s, 1, 1, 'x') returning 1",
                (rows[0]["feedback"], placed["心内"][0], reach),
            )


def test_a_place_that_is_no_passage_and_a_question_without_words_count_for_nothing(
    shelves: Shelves, placed: dict[str, tuple[str, str]]
) -> None:
    pool = shelves.building.database.pool(DbRole.LIBRARY).within(WHOLE)
    count = len(pool.rows("select 1 from library.helped"))
    document, version = placed["甲法"]
    judging = shelves.library.consulting.judge
    judging(shelves.who("li"), document, version, (0, 3), "helpful", "", ASKED)
    judge(shelves, "li", answers(shelves, "li")[0], asked=" ，？ ")
    assert len(pool.rows("select 1 from library.helped")) == count


def test_switched_off_it_neither_writes_nor_counts(
    shelves: Shelves, placed: dict[str, tuple[str, str]]
) -> None:
    helped = shelves.library.finding._helped
    try:
        helped._counts = False
        assert not any(one.helped for one in answers(shelves, "wang"))
        pool = shelves.building.database.pool(DbRole.LIBRARY).within(WHOLE)
        count = len(pool.rows("select 1 from library.helped"))
        judge(shelves, "chen", answers(shelves, "chen")[0])
        assert len(pool.rows("select 1 from library.helped")) == count
    finally:
        helped._counts = True
    assert any(one.helped for one in answers(shelves, "wang"))


@given(st.lists(st.integers(0, 9), max_size=20))
def test_nobody_is_moved_up_by_more_than_a_little(helped: list[int]) -> None:
    some = list(range(len(helped)))
    after = lifted(some, helped)
    assert sorted(after) == some
    for place, number in enumerate(helped):
        moved = place - after.index(place)
        assert moved <= min(number, MOST)
        ahead = sum(1 for other in range(place + 1, len(some)) if helped[other])
        assert -moved <= min(ahead, MOST), "those passed fall by no more than passed them"
    assert lifted(some, [0] * len(some)) == some
