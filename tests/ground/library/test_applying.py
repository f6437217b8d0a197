"""What a chart asks the library, whom a text fits, and what is only a mention of a medicine."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from countersign.ground.library import (
    Answer,
    Card,
    Fact,
    Filling,
    Found,
    Hit,
    Passage,
    Person,
    Shelved,
    facts_of,
    fits,
    gathered,
    meaning_of,
    of_the_text,
    person_of,
)

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


MAN = Person(72, "male", False)
PROSTATE = Fact("problem", "前列腺增生症", "前列腺增生症", "Condition/1/_history/1", "", ("N40",))
AMLODIPINE = Fact("medicine", "氨氯地平片", "氨氯地平", "MedicationRequest/1/_history/1", "")


def found(text: str, title: str, *icd10: str, headings: tuple[str, ...] = ()) -> Found:
    """A passage of a published document."""
    passage = Passage(
        f"v-{title}.0", title, f"v-{title}", 0, 0, len(text), text, headings, None, "zh", "r"
    )
    card = Card(title, owner="o", icd10=icd10)
    shelved = Shelved(title, 1, 1, "published", f"v-{title}", card, None, None)  # type: ignore[arg-type]
    return Found(Hit(passage, 1.0, ()), shelved)


def answer(*support: Found, near: tuple[Found, ...] = ()) -> Answer:
    return Answer("?", support, near, 9, 99, Filling(1, 1, True), None)


def titles(facts: list[Fact], *answers: Answer) -> list[str]:
    return [one.found.document.card.title for one in gathered(facts, answers, MAN).applying]


def test_a_medicine_alone_brings_no_other_disease() -> None:
    """A text on pre-eclampsia mentions amlodipine too."""
    other = found("氨氯地平亦可使用。", "主动脉夹层", "I71")
    both = gathered([PROSTATE, AMLODIPINE], [answer(), answer(other)], MAN)
    assert both.applying == () and both.mentions == 1
    assert both.unmatched == (PROSTATE, AMLODIPINE)


@pytest.mark.parametrize(
    "kept",
    [
        found("氨氯地平亦可使用。", "良性前列腺增生", "N40"),  # about a problem, by its code
        found("氨氯地平亦可使用。", "前列腺增生症诊疗规范"),  # about a problem, by its name
        found("前列腺增生症患者可用氨氯地平。", "用药须知"),  # names the problem itself
        found("水肿常见。", "氨氯地平用药指导"),  # about the medicine
        found("水肿常见。", "院内处方集", headings=("降压药", "氨氯地平")),
    ],
)
def test_a_medicine_brings_what_is_about_it_or_about_a_problem(kept: Found) -> None:
    assert titles([PROSTATE, AMLODIPINE], answer(), answer(kept)) == [kept.document.card.title]


def test_a_problem_that_agrees_keeps_what_the_medicine_brought() -> None:
    other = found("……", "主动脉夹层", "I71")
    both = gathered([PROSTATE, AMLODIPINE], [answer(other), answer(other)], MAN)
    assert [one.facts for one in both.applying] == [(PROSTATE, AMLODIPINE)]
    assert both.mentions == 0 and both.unmatched == ()


def test_what_is_about_the_problem_counts_although_its_words_differ() -> None:
    near = found("Offer an α1-blocker.", "Male LUTS", "N40")
    far = found("Offer a statin.", "Lipids", "E78")
    assert titles([PROSTATE], answer(near=(near, far))) == ["Male LUTS"]


def test_a_code_of_another_category_is_another_disease() -> None:
    stone = Fact("problem", "肾结石", "肾结石", "Condition/2/_history/1", "", ("N20.0", "95570007"))
    assert titles([stone], answer(near=(found("……", "A", "N20"),))) == ["A"]
    assert titles([stone], answer(near=(found("……", "A", "N2"), found("……", "B", "N21")))) == []


def test_what_a_text_says_of_its_own_limits_is_never_shown() -> None:
    limits = found("适用于成人。", "肾结石", "N40", headings=("肾结石", "本摘要的局限"))
    assert titles([PROSTATE], answer(limits)) == []
