"""What a chart asks, where two texts differ, and how a text is laid out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.library import Block
from countersign.rooms.knowledge.domain.chart import Person, facts_of, fits, of_the_text, person_of
from countersign.rooms.knowledge.domain.differences import differences, numbers_of, pairs
from countersign.rooms.knowledge.domain.layout import laid_out, marked, part_of
from countersign.rooms.knowledge.domain.meanings import meaning_of

TODAY = date(2026, 11, 25)


def observed(name: str, flag: str | None, at: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": name},
        "effectiveDateTime": at,
        "valueQuantity": {"value": 6.1, "unit": "mmol/L"},
        **({"interpretation": [{"coding": [{"code": flag}]}]} if flag else {}),
        **more,
    }


def asked(*resources: dict[str, Any]) -> list[tuple[str, str]]:
    facts = facts_of((one, f"X/{n}/_history/1") for n, one in enumerate(resources))
    return [(one.kind, one.question) for one in facts]


def test_problems_that_are_over_or_refuted_do_not_ask() -> None:
    def problem(text: str, status: str, verified: str = "confirmed") -> dict[str, Any]:
        return {
            "resourceType": "Condition",
            "code": {"text": text},
            "clinicalStatus": {"coding": [{"code": status}]},
            "verificationStatus": {"coding": [{"code": verified}]},
        }

    found = asked(
        problem("高血压", "active"),
        problem("肺炎", "resolved"),
        problem("贫血", "active", "refuted"),
    )
    assert found == [("problem", "高血压")]


def test_only_the_newest_result_asks_and_only_when_it_is_abnormal() -> None:
    assert asked(observed("钾", "H", "2026-11-01")) == [("result", "高钾血症 hyperkalaemia")]
    assert asked(observed("钾", "H", "2026-10-01"), observed("钾", None, "2026-11-01")) == []
    assert asked(observed("钾", None, "2026-11-01"), observed("钾", "L", "2026-10-01")) == []


def test_what_a_model_asserted_does_not_ask() -> None:
    labelled = {"meta": {"security": [{"code": "AIAST"}]}}
    assert asked(observed("钾", "H", "2026-11-01", **labelled)) == []


def test_medicines_ask_by_their_substance() -> None:
    order = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "medicationCodeableConcept": {"text": "二甲双胍缓释片"},
    }
    assert asked(order, {**order, "status": "stopped"}) == [("medicine", "二甲双胍")]


def test_pregnancy_is_known_from_a_problem_or_the_status() -> None:
    pregnant = observed("妊娠状态", None, "2026-11-01")
    pregnant["code"] = {"coding": [{"code": "82810-3"}]}
    pregnant["valueCodeableConcept"] = {"coding": [{"code": "LA15173-0"}]}
    coded = {
        "resourceType": "Condition",
        "code": {"text": "妊娠期糖尿病", "coding": [{"code": "O24.4"}]},
    }
    facts = facts_of([(coded, "Condition/1/_history/1")])
    person = person_of({"birthDate": "1994-05", "gender": "female"}, facts, TODAY)
    assert person == Person(32, "female", True)
    assert any(kind == "pregnancy" for kind, _ in asked(coded))


@pytest.mark.parametrize(
    ("text", "person", "good", "bad"),
    [
        ("妊娠期首选甲基多巴", Person(30, "female", True), 1, 0),
        ("妊娠期首选甲基多巴", Person(70, "male", False), 0, 1),
        ("In children give 15 mg/kg", Person(40, "male", False), 0, 1),
        ("In children and adults", Person(40, "male", False), 0, 0),
        ("老年人减量", Person(80, "female", False), 1, 0),
        ("前列腺增生", Person(50, "female", False), 0, 1),
        ("何时复查", Person(None, "", False), 0, 0),
    ],
)
def test_what_fits_a_person(text: str, person: Person, good: int, bad: int) -> None:
    found = fits(text, person)
    assert (len(found[0]), len(found[1])) == (good, bad)


def test_a_result_asks_by_what_it_means_and_else_not_at_all() -> None:
    assert meaning_of("Glucose", "↓").startswith("低血糖")
    assert meaning_of("中性粒细胞绝对值", "↓").startswith("中性粒细胞减少")
    assert meaning_of("中性粒细胞绝对值", "↑") == "", "not what is written about too few"
    assert meaning_of("未知项目", "↑") == ""


def test_different_numbers_for_the_same_thing_are_noticed() -> None:
    first = "老年患者收缩压目标<140 mmHg。二甲双胍每日最大 2000 mg。"
    second = "老年患者收缩压目标<130 mmHg。二甲双胍每日最大 2000 mg。"
    (found,) = differences(first, second)
    assert (found.first.value, found.second.value, found.first.unit) == ("<140", "<130", "mmhg")
    assert first[found.first.start : found.first.end].strip().startswith("<140")
    assert differences(first, first) == []
    assert numbers_of("no number here 5") == []


def test_a_term_with_several_numbers_says_nothing() -> None:
    assert differences("dose 5 mg or dose 10 mg", "dose 20 mg") == []
    assert pairs([["b", "a"], ["a", "b"], ["c"]]) == [("a", "b")]


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70))))
def test_marks_change_no_letter(text: str, marks: list[tuple[int, int]]) -> None:
    runs = marked(text, marks)
    assert "".join(run.text for run in runs) == text
    at = 0
    for run in runs:
        inside = all(
            any(a <= place < b for a, b in marks) == run.marked
            for place in range(at, at + len(run.text))
        )
        assert inside
        at += len(run.text)


def test_a_text_is_laid_out_in_lists_and_tables() -> None:
    text = "甲\n乙\n丙\na\t1\nb\t2\n"
    blocks = [
        Block("heading", 0, 1, 1),
        Block("item", 2, 3, 1),
        Block("item", 4, 5, 1),
        Block("row", 6, 9),
        Block("row", 10, 13),
    ]
    laid = laid_out(text, blocks, [(8, 9)])
    assert [(one.shown, len(one.lines)) for one in laid] == [
        ("heading", 1),
        ("items", 2),
        ("table", 2),
    ]
    cell = laid[2].lines[0][1][0]
    assert (cell.text, cell.marked, cell.here) == ("1", True, True)
    assert part_of(blocks, 12) == 1


@pytest.mark.parametrize(
    ("headings", "itself"),
    [
        (("肾结石", "本摘要的局限"), True),
        (("Gout", "Limits of this summary"), True),
        (("Gout", "Treatment"), False),
        (("本摘要的局限", "治疗"), False),
        ((), False),
    ],
)
def test_what_a_text_says_of_itself_applies_to_no_patient(
    headings: tuple[str, ...], itself: bool
) -> None:
    assert of_the_text(headings) is itself


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("阿司匹林 0.1 g", "阿司匹林 100 mg", False),
        ("阿司匹林 0.1 g", "阿司匹林 1000 mg", True),
        ("疗程 7 天", "疗程 168 小时", False),
        ("疗程 5～7 天", "疗程 6 天", False),
        ("疗程 5～7 天", "疗程 10～14 天", True),
        ("疗程至少 3 天", "疗程至少 3 天", False),
        ("疗程至少 3 天", "疗程至少 72 小时", False),
        ("疗程至少 3 天", "疗程至少 5 天", True),
        ("收缩压低于 140 mmHg", "收缩压高于 140 mmHg", False),
        ("血肌酐 >177 µmol/L", "血肌酐 >177 μmol/L", False),
        ("血压 140/90 mmHg", "血压 130/80 mmHg", True),
        ("taper over 6-8 weeks", "taper over 8 weeks", False),
    ],
)
def test_numbers_are_compared_in_one_unit(one: str, other: str, differ: bool) -> None:
    assert bool(differences(one, other)) is differ
    assert bool(differences(other, one)) is differ
    assert differences(one, one) == []


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("无症状菌尿不推荐常规抗菌治疗。", "无症状菌尿推荐常规抗菌治疗。", True),
        ("痛风急性期首选秋水仙碱。", "痛风急性期避免使用秋水仙碱。", True),
        ("二甲双胍为 2 型糖尿病一线用药。", "二甲双胍不推荐作为 2 型糖尿病一线用药。", True),
        ("痛风急性期首选秋水仙碱。", "妊娠期禁用秋水仙碱与别嘌醇。", False),
        ("痛风急性期首选秋水仙碱。", "痛风急性期推荐秋水仙碱。", False),
        ("高血压合并蛋白尿首选 ACEI。", "双侧肾动脉狭窄禁用 ACEI。", False),
        (
            "Antibiotics are recommended for asymptomatic bacteriuria.",
            "Antibiotics are not recommended for asymptomatic bacteriuria.",
            True,
        ),
        (
            "Colchicine is first-line treatment of acute gout flares.",
            "Avoid colchicine in severe renal impairment on dialysis.",
            False,
        ),
    ],
)
def test_contrary_advice_about_the_same_is_listed(one: str, other: str, differ: bool) -> None:
    found = differences(one, other)
    assert bool(found) is differ
    for row in found:
        assert one[row.first.start : row.first.end].strip() == row.first.value
        assert other[row.second.start : row.second.end].strip() == row.second.value


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_breaks_the_comparison(one: str, other: str) -> None:
    differences(one, other)
    assert differences(one, one) == []
