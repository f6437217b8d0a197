"""The review of results: what it lists, in which order, and when it stays silent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from countersign.rooms.workstation.domain import Urgency
from rooms.workstation.domain.charting import JSON, found, lab, of_kind, person, said, taking


def ranged(low: float | None, high: float | None, unit: str = "mmol/L", **more: object) -> JSON:
    ends = {"low": low, "high": high}
    return {
        "referenceRange": [
            {
                end: {"value": value, **({"unit": unit} if unit else {})}
                for end, value in ends.items()
                if value is not None
            }
        ],
        **more,
    }


@pytest.mark.parametrize(
    ("value", "said_to_be"),
    [("3.4", "low"), ("3.5", None), ("5.3", None), ("5.4", "high")],
)
def test_a_laboratorys_own_interval_has_no_margin(value: str, said_to_be: str | None) -> None:
    finding = of_kind("results", lab("potassium", Decimal(value), **ranged(3.5, 5.3)))
    assert (finding is not None) is (said_to_be is not None)
    if finding:
        assert f"{said_to_be} (laboratory's limit" in finding.text.en


def test_an_interval_in_another_unit_is_converted_and_an_unreadable_one_is_not_used() -> None:
    us = ranged(0.6, 1.3, "mg/dL")
    assert of_kind("results", lab("creatinine", 116, **us))
    assert not of_kind("results", lab("creatinine", 114, **us))
    assert not of_kind("results", lab("potassium", Decimal("5.3"), **ranged(3.5, 5.0, "furlong")))


def test_an_interval_without_a_unit_is_assumed_and_said() -> None:
    finding = of_kind("results", lab("potassium", Decimal("5.2"), **ranged(3.5, 5.0, "")))
    assert "the unit of its result was assumed" in said(finding)


def test_several_intervals_are_not_guessed_between() -> None:
    two = ranged(3.5, 5.0)
    two["referenceRange"] += ranged(4.0, 6.0)["referenceRange"]
    assert not of_kind("results", lab("potassium", Decimal("5.2"), **two))


@pytest.mark.parametrize(
    ("value", "listed"), [("5.3", False), ("5.4", False), ("5.5", True), ("3.3", True)]
)
def test_usual_intervals_have_a_margin_and_are_said(value: str, listed: bool) -> None:
    finding = of_kind("results", lab("potassium", Decimal(value)))
    assert bool(finding) is listed
    if finding:
        assert "usual limit" in finding.text.en
        assert "not this laboratory's" in said(finding)
        assert "WS/T 404" in finding.rationale.zh


@pytest.mark.parametrize(
    ("code", "word"), [("H", "high"), ("L", "low"), ("A", "abnormal"), ("N", None)]
)
def test_a_laboratorys_flag_is_believed(code: str, word: str | None) -> None:
    flagged = lab("2085-9", 0.8, "mmol/L", interpretation=[{"coding": [{"code": code}]}])
    flagged["code"]["text"] = "高密度脂蛋白胆固醇"
    finding = of_kind("results", flagged)
    assert (finding is not None) is (word is not None)
    if finding:
        assert f"{word} (laboratory's flag)" in finding.text.en


def test_arrows_of_chinese_reports_are_flags() -> None:
    assert of_kind("results", lab("14933-6", 460, "umol/L", interpretation=[{"text": "↑"}]))


def test_vital_signs_and_bare_values_of_unknown_tests_are_left_alone() -> None:
    vital = lab("8867-4", 130, "/min", **ranged(60, 100, "/min"))
    vital["category"] = [{"coding": [{"code": "vital-signs"}]}]
    assert not found(vital)
    assert not found(lab("99999-9", 130, "g/L"))


def test_one_draft_lists_everything_most_important_first() -> None:
    chart = [
        lab("sodium", 118, days=30),
        lab("haemoglobin", 120, days=3),
        lab("haemoglobin", 95),
        lab("alt", 300),
        lab("alt", 90, loinc="1920-8"),
        lab("platelets", 500, days=500),
    ]
    (finding,) = found(*chart)
    assert finding.title.en == "Review of results: 5 abnormal"
    order = [
        next(name for name in ("Haemoglobin", "Sodium", "ALT", "AST", "Platelets") if name in line)
        for line in finding.text.en.splitlines()
    ]
    assert order == ["Haemoglobin", "Sodium", "ALT", "AST", "Platelets"]
    assert finding.urgency is Urgency.URGENT


def test_a_long_list_is_cut_and_says_so() -> None:
    many = [
        lab(f"1000{n}-{n}", 10 + n, "g/L", interpretation=[{"coding": [{"code": "H"}]}])
        for n in range(9)
    ]
    finding = of_kind("results", *many, review_lines=4)
    assert len(finding.text.en.splitlines()) == 5
    assert finding.text.zh.splitlines()[-1] == "……另有5项异常。"


def test_only_the_newest_of_each_kind_is_judged() -> None:
    assert not found(lab("alt", 300, days=5), lab("alt", 30, days=1))


def test_old_mild_deviations_from_usual_intervals_are_not_worth_a_line() -> None:
    assert of_kind("results", lab("platelets", 400, days=300))
    assert not of_kind("results", lab("platelets", 400, days=400))
    far = of_kind("results", lab("platelets", 500, days=400))
    assert "more than 365 days old" in said(far)
    assert far.urgency is Urgency.ROUTINE


def test_what_other_findings_say_does_not_make_a_review_of_its_own() -> None:
    kinds = [finding.kind for finding in found(lab("creatinine", 300))]
    assert kinds == ["kidney-stage"]
    kinds = [finding.kind for finding in found(lab("creatinine", 300), lab("alt", 300))]
    assert sorted(kinds) == ["kidney-stage", "results"]


def test_a_critical_value_with_its_own_draft_does_not_make_the_review_urgent() -> None:
    review = of_kind("results", lab("sodium", 112), lab("alt", 300))
    assert review.text.en.startswith("• Sodium 112 mmol/L")
    assert review.urgency is Urgency.ROUTINE


def test_children_are_judged_by_their_own_laboratory_only() -> None:
    child = person(birth="2020-01-01")
    assert not found(lab("alt", 300), who=child)
    assert of_kind("results", lab("alt", 300, **ranged(None, 40, "U/L")), who=child)


def test_the_widest_interval_is_taken_where_sex_or_age_is_unknown() -> None:
    unknown = person(sex=None, birth=None)
    assert not found(lab("creatinine", 120), who=unknown)
    assert of_kind("results", lab("creatinine", 122), who=unknown)
    assert not found(lab("haemoglobin", 110), who=unknown)
    assert of_kind("results", lab("haemoglobin", 104), who=unknown)


@pytest.mark.parametrize(
    ("key", "values", "meaning"),
    [
        ("sodium", ((124, 23), (135, 1)), "over-rapid correction"),
        ("sodium", ((124, 25), (134, 1)), None),
        ("sodium", ((124, 26), (135, 1)), None),
        ("sodium", ((118, 49), (137, 1)), "over-rapid correction"),
        ("sodium", ((136, 20), (150, 1)), None),
        ("sodium", ((136, 40), (129, 1)), "acute hyponatraemia"),
        ("sodium", ((136, 40), (130, 1)), None),
        ("sodium", ((136, 60), (129, 1)), None),
        ("haemoglobin", ((120, 100), (100, 1)), "fallen by 20 g/L"),
        ("haemoglobin", ((120, 100), (101, 1)), None),
        ("haemoglobin", ((120, 200), (100, 1)), None),
        ("platelets", ((240, 200), (119, 1)), "more than half"),
        ("platelets", ((240, 200), (120, 1)), None),
        ("platelets", ((240, 350), (119, 1)), None),
    ],
)
def test_changes_at_their_edges(
    key: str, values: tuple[tuple[int, int], ...], meaning: str | None
) -> None:
    chart = [lab(key, value, hours=hours) for value, hours in values]
    finding = of_kind("results", *chart)
    text = finding.text.en if finding else ""
    if meaning:
        assert meaning in text
        assert finding.urgency is Urgency.URGENT
        assert len(finding.inputs) == 2
    else:
        assert "→" not in text


def test_a_potassium_change_is_the_hospitals_own_to_define() -> None:
    chart = [lab("potassium", 3.6, hours=30), lab("potassium", 4.9, hours=1)]
    assert not found(*chart)
    finding = of_kind("results", *chart, potassium_change=Decimal("1.0"))
    assert "hospital's own limit" in finding.text.en


def test_changes_of_long_ago_are_not_listed() -> None:
    assert not found(lab("haemoglobin", 170, days=12), lab("haemoglobin", 140, days=9))


def test_results_under_way_to_another_draft_are_still_listed() -> None:
    chart = [lab("alt", 300), taking("阿托伐他汀钙片"), lab("alt", 200, loinc="1920-8")]
    finding = of_kind("results", *chart)
    assert "ALT" in finding.text.en
