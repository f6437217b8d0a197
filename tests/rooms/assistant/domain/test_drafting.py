"""What a recommendation quotes, in which order, and what it says of what it does not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.assistant.domain import (
    Known,
    Recommendation,
    Source,
    care_plan,
    parsed,
    recommend,
)
from countersign.rooms.assistant.domain.naming import names, of_another_age, places
from rooms.assistant.domain.making import FILE, FINASTERIDE, GENERAL, MAN, NAMED, PSA, source

URO = parsed(FILE)
TODAY = date(2026, 11, 26)
CHART = ((PSA, "Observation/1/_history/1"),)


def made(
    *sources: Source, chart: Sequence[Any] = CHART, today: date = TODAY, **changes: Any
) -> Recommendation | None:
    return recommend(URO, replace(MAN, **changes), sources, chart, lambda _: True, today, "zh")


def said(*sources: Source, **changes: Any) -> list[str]:
    found = made(*sources, **changes)
    return [one.point.words for one in found.chosen] if found else []


def test_nothing_that_supports_means_no_recommendation() -> None:
    assert made() is None
    assert made(source(GENERAL, heading="流行病学")) is None, "no section takes it"


def test_what_names_the_patients_own_facts_comes_first() -> None:
    found = made(source(f"{GENERAL}\n{NAMED}"))
    assert found is not None
    assert [one.point.words for one in found.chosen] == [NAMED, GENERAL]
    assert [fact.label.zh for fact in found.chosen[0].facts] == [
        "非那雄胺片（5α 还原酶抑制剂）",
        "PSA 6.4 µg/L ↑（2026-11-20）",
        "前列腺增生症",
    ]
    marked = [NAMED[a:b] for a, b in found.chosen[0].marks]
    assert marked == ["5α还原酶抑制剂", "PSA"]
    assert "病历中未见" not in found.text.zh and "未使用语言模型" in found.text.zh
    assert NAMED in found.text.en and NAMED in found.text.zh, "quoted as written in both"


def test_a_sentence_for_other_ages_or_people_is_left_out() -> None:
    other = "50-69 岁男性可每 2 年查 PSA。"
    assert said(source(f"{other}\n{GENERAL}")) == [GENERAL]
    assert said(source(f"{other}\n{GENERAL}"), age=60) == [other, GENERAL]
    children = recommend(
        URO, MAN, [source(f"儿童禁用。\n{GENERAL}")], CHART, lambda words: "儿童" not in words,
        TODAY, "zh",
    )  # fmt: skip
    assert children is not None and [one.point.words for one in children.chosen] == [GENERAL]


def test_what_a_result_brought_must_name_that_result() -> None:
    brought = {"because": (), "results": frozenset({"Observation/1/_history/1"})}
    text = "前列腺特异抗原升高者应复查。\n穿刺前应行 MRI。\n长期用非那雄胺者慎用。"
    assert said(source(text, **brought)) == ["前列腺特异抗原升高者应复查。"]
    other = {"because": (), "results": frozenset({"Observation/9/_history/1"})}
    assert said(source(text, **other)) == []


def test_one_document_cannot_fill_a_section_and_a_sentence_is_quoted_once() -> None:
    lines = [f"第{number}条。" for number in range(9)]
    assert said(source("\n".join(lines))) == lines[:3]
    twice = said(source(GENERAL), source(GENERAL, document="other", version="v9"))
    assert twice == [GENERAL]


def test_a_long_line_is_quoted_by_its_sentences() -> None:
    first, second = "应检查" + "尿" * 90 + "。[1,2]", "监测 PSA" + "值" * 90 + "。 [3]"
    assert said(source(first + second)) == [second, first]


def test_what_is_missing_or_old_is_said() -> None:
    known = made(source(GENERAL))
    assert known is not None and known.missing == ()
    old = made(source(GENERAL), today=date(2028, 1, 1))
    assert old is not None and "已超过 365 天" in old.text.zh
    none = made(source(GENERAL), chart=())
    assert none is not None and "PSA: not in the chart" in none.text.en
    assert [one.measure.name.en for one in none.missing] == ["PSA"], "haemoglobin is not asked"
    assert any("PSA" in limit.en for limit in none.limits)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "entered-in-error"},
        {"meta": {"security": [{"code": "AIAST"}]}},
        {"code": {"text": "血糖", "coding": [{"code": "14749-6"}]}},
    ],
)
def test_what_is_void_a_models_or_another_result_is_missing(change: dict[str, Any]) -> None:
    found = made(source(GENERAL), chart=(({**PSA, **change}, "Observation/1/_history/1"),))
    assert found is not None and len(found.missing) == 1


def test_documents_that_name_different_numbers_are_put_side_by_side() -> None:
    first = source("PSA 界值一般为 4 ng/mL。", "诊断")
    second = source("PSA 界值一般为 3 ng/mL。", "诊断", document="eau", version="v2")
    found = made(first, second)
    assert found is not None
    assert len(found.differing) == 1 and found.alternatives
    assert "4 ng/ml" in found.alternatives[0].zh and "3 ng/ml" in found.alternatives[0].zh
    same = made(first, replace(second, text="PSA 的界值一般为 4 ng/mL。"))
    assert same is not None and same.differing == ()


def test_unreviewed_documents_and_silent_facts_are_among_the_limits() -> None:
    pressure = Known("problem", FINASTERIDE.label, "Condition/7/_history/1")
    found = made(source(GENERAL, reviewed=False), unmatched=(pressure,))
    assert found is not None
    limits = " ".join(one.en for one in found.limits)
    assert "Nobody of this hospital has reviewed 良性前列腺增生." in limits
    assert "says anything of: finasteride" in limits


def test_the_same_facts_and_passages_have_the_same_key() -> None:
    one, two = source(NAMED), source(GENERAL, document="eau", version="v2")
    first = made(one, two)
    assert first is not None
    for other in (made(two, one), made(one, two, today=date(2026, 12, 24))):
        assert other is not None and other.key == first.key
    newer = (({**PSA, "effectiveDateTime": "2026-11-25"}, "Observation/1/_history/2"),)
    for other in (
        made(one, replace(two, version="v3")),
        made(one),
        made(one, two, chart=newer),
    ):
        assert other is not None and other.key != first.key


LONG_LINE = (
    "尿常规应检查。[1] 尿频者查 PSA！3.5 cm 以上者手术？" * 6 + "See p. 3. Then act. [2] Stop"
)
LINE = st.sampled_from(
    [
        "",
        "  ",
        GENERAL,
        NAMED,
        "PSA",
        "非那雄胺片 5 mg",
        "α1 受体阻滞剂",
        "第1条\t二",
        "🙂 复查 PSA。",
    ]
)


@given(
    st.lists(st.tuples(st.lists(LINE, max_size=5), st.integers(0, 500), st.booleans()), max_size=5),
    st.integers(0, 9),
)
def test_every_quote_stands_at_its_place(
    given_: list[tuple[list[str], int, bool]], seed: int
) -> None:
    """Whatever the passages: exact words, exact places, numbers in a row, marks inside."""
    whole = {
        f"d{number}": " " * start + "\n".join(lines)
        for number, (lines, start, _) in enumerate(given_)
    }
    sources = [
        source("\n".join(lines), "诊断" if first else "治疗", document=f"d{number}", start=start,
               spans=((0, 3), (2, 9)))
        for number, (lines, start, first) in enumerate(given_)
    ]  # fmt: skip
    Random(seed).shuffle(sources)
    found = made(*sources)
    chosen = found.chosen if found else ()
    assert [one.number for one in chosen] == list(range(1, len(chosen) + 1))
    assert len({one.point.words for one in chosen}) == len(chosen)
    for one in chosen:
        document, _, start, end = one.point.place
        assert whole[document][start:end] == one.point.words == one.point.words.strip() != ""
        assert one.facts
        at = 0
        for first, last in one.marks:
            assert at <= first < last <= len(one.point.words)
            at = last + 1


@given(st.text(alphabet="aA 5α还原酶-抑制剂\n", max_size=30))
def test_places_are_of_what_is_named(text: str) -> None:
    words = ("5α 还原酶抑制剂", "A-a")
    found = places(words, text)
    assert bool(found) == names(words, text)
    for first, last in found:
        squeezed = "".join(text[first:last].split()).replace("-", "").lower()
        assert squeezed in ("5α还原酶抑制剂", "aa")


def test_names_begin_where_a_word_begins() -> None:
    assert names(("PSA",), "his psa fell") and not names(("PSA",), "capsa")
    assert names(("5α-reductase inhibitor",), "5α reductase inhibitors")


@pytest.mark.parametrize(
    ("text", "age", "other"),
    [
        ("50-69 岁男性", 74, True),
        ("50-69 岁男性", 69, False),
        ("men aged 50-69 years", 40, True),
        ("50-69 岁或 75-80 岁", 76, False),
        ("每 4-6 周复查", 74, False),
        ("50-69 岁男性", None, False),
    ],
)
def test_ages_from_to(text: str, age: int | None, other: bool) -> None:
    assert of_another_age(text, age) is other


def test_the_care_plan_orders_nothing() -> None:
    found = made(source(GENERAL))
    assert found is not None
    plan = care_plan("p1", found.title, found.text, "2026-11-26T09:00:00+08:00", ["Condition/1"])
    assert plan["intent"] == "proposal" and "activity" not in plan
    assert plan["description"] == found.text.zh
    assert plan["addresses"] == [{"reference": "Condition/1"}]
