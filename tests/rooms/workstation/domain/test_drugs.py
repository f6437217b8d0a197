"""Conflicts between a medicine that is taken and a result."""

from __future__ import annotations

from decimal import Decimal

import pytest

from countersign.rooms.workstation.domain import Risk, Urgency
from countersign.rooms.workstation.domain.facts import read_facts
from countersign.rooms.workstation.domain.kidney import latest_filtration
from rooms.workstation.domain.charting import (
    JSON,
    NOW,
    allergic,
    found,
    lab,
    of_kind,
    person,
    reference,
    said,
    taking,
)

# A man of 60: creatinine in µmol/L that gives this eGFR.
AT = {46: 149, 45: 152, 44: 154, 31: 207, 30: 213, 29: 218, 60: 120, 59: 121}
METFORMIN, SPIRONOLACTONE = "盐酸二甲双胍片 0.5g", "螺内酯片 20mg"
POTASSIUM, ENALAPRIL, DIGOXIN = "氯化钾缓释片 0.5g", "马来酸依那普利片 10mg", "地高辛片 0.25mg"


def kidney(rate: int, **more: object) -> JSON:
    return lab("creatinine", AT[rate], **more)


def potassium(value: str, **more: object) -> JSON:
    return lab("potassium", Decimal(value), **more)


@pytest.mark.parametrize("rate", sorted(AT))
def test_the_creatinines_of_these_tests_give_the_rates_they_name(rate: int) -> None:
    assert latest_filtration(read_facts([person(), kidney(rate)], NOW)).rate == rate


@pytest.mark.parametrize(
    ("rate", "weight"),
    [
        (45, None),
        (44, (Urgency.SOON, Risk.MEDIUM)),
        (30, (Urgency.SOON, Risk.MEDIUM)),
        (29, (Urgency.URGENT, Risk.HIGH)),
    ],
)
def test_metformin_at_its_edges(rate: int, weight: tuple[Urgency, Risk] | None) -> None:
    finding = of_kind("metformin", kidney(rate), taking(METFORMIN))
    assert (finding and (finding.urgency, finding.risk)) == weight


def test_metformin_says_what_the_agency_said_and_orders_nothing() -> None:
    order, creatinine = taking(METFORMIN), kidney(29)
    finding = of_kind("metformin", creatinine, order)
    assert "contraindicated below 30" in finding.text.en
    assert "Consider" in finding.text.en
    assert "建议考虑" in finding.text.zh
    assert "8 April 2016" in finding.rationale.en
    assert set(finding.inputs) == {reference(order), reference(creatinine)}


def test_metformin_asks_for_a_kidney_function_that_is_old_or_missing() -> None:
    old = of_kind("metformin", kidney(60, days=366), taking(METFORMIN))
    assert "overdue" in old.title.en
    assert old.urgency is Urgency.ROUTINE
    low_but_old = of_kind("metformin", kidney(29, days=500), taking(METFORMIN))
    assert low_but_old.urgency is Urgency.ROUTINE
    assert "Creatinine is 500 days old" in said(low_but_old)
    assert "unknown" in of_kind("metformin", taking(METFORMIN)).title.en
    sexless = of_kind("metformin", kidney(29), taking(METFORMIN), who=person(sex=None))
    assert "sex, birth date or a numeric creatinine is missing" in sexless.text.en
    unit = of_kind("metformin", lab("creatinine", 3, "mg/L!"), taking(METFORMIN))
    assert "a unit that cannot be read" in said(unit)


@pytest.mark.parametrize(
    ("names", "value", "urgency"),
    [
        ([SPIRONOLACTONE], "5.0", None),
        ([SPIRONOLACTONE], "5.1", Urgency.SOON),
        ([POTASSIUM], "5.1", Urgency.SOON),
        ([ENALAPRIL], "5.4", None),
        ([ENALAPRIL], "5.5", Urgency.SOON),
        (["氯沙坦钾片"], "5.4", None),
        (["缬沙坦胶囊"], "5.9", Urgency.SOON),
        (["缬沙坦胶囊"], "6.0", Urgency.URGENT),
        (["复方磺胺甲噁唑片"], "5.5", Urgency.SOON),
        ([SPIRONOLACTONE, ENALAPRIL], "6.2", Urgency.URGENT),
        ([SPIRONOLACTONE, ENALAPRIL], "6.3", Urgency.CRITICAL),
        (["氨氯地平片"], "5.9", None),
    ],
)
def test_potassium_with_what_raises_it(
    names: list[str], value: str, urgency: Urgency | None
) -> None:
    finding = of_kind("potassium-medicines", potassium(value), *map(taking, names))
    assert (finding and finding.urgency) == urgency
    if finding:
        assert all(name in finding.text.zh for name in names)


def test_an_old_potassium_is_measured_again_first() -> None:
    finding = of_kind("potassium-medicines", potassium("6.5", days=31), taking(SPIRONOLACTONE))
    assert finding.urgency is Urgency.ROUTINE
    assert "consider measuring it again first" in finding.text.en
    assert "hyperkalaemia" not in finding.text.en


@pytest.mark.parametrize(("rate", "proposed"), [(31, False), (30, True)])
def test_an_aldosterone_antagonist_with_few_kidneys(rate: int, proposed: bool) -> None:
    chart = [potassium("4.5"), kidney(rate), taking(SPIRONOLACTONE)]
    assert bool(of_kind("potassium-medicines", *chart)) is proposed


def test_potassium_given_with_a_potassium_sparer() -> None:
    pair = [taking(SPIRONOLACTONE), taking(POTASSIUM)]
    finding = of_kind("potassium-medicines", potassium("4.4"), *pair)
    assert "supplement is still needed" in finding.text.en
    assert "2013" in finding.rationale.en
    assert "The chart has no potassium" in of_kind("potassium-medicines", *pair).text.en
    assert not of_kind("potassium-medicines", potassium("3.2"), *pair), "it is being replaced"


@pytest.mark.parametrize(
    ("rate", "others", "urgency"),
    [
        (29, [], Urgency.SOON),
        (30, [], None),
        (59, [ENALAPRIL], Urgency.ROUTINE),
        (60, [ENALAPRIL], None),
    ],
)
def test_nsaids(rate: int, others: list[str], urgency: Urgency | None) -> None:
    chart = [kidney(rate), taking("双氯芬酸钠缓释片"), *map(taking, others)]
    finding = of_kind("nsaid", *chart)
    assert (finding and finding.urgency) == urgency


@pytest.mark.parametrize(
    ("value", "days", "urgency"),
    [
        ("4.5", 1, None),
        ("4.6", 1, Urgency.URGENT),
        ("10", 1, Urgency.URGENT),
        ("10.1", 1, Urgency.CRITICAL),
        ("6.0", 40, Urgency.SOON),
        ("2.5", 84, None),
        ("2.5", 86, Urgency.ROUTINE),
    ],
)
def test_warfarin(value: str, days: int, urgency: Urgency | None) -> None:
    finding = of_kind("warfarin", lab("inr", Decimal(value), days=days), taking("华法林钠片"))
    assert (finding and finding.urgency) == urgency


def test_warfarin_without_any_inr() -> None:
    finding = of_kind("warfarin", taking("华法林钠片"))
    assert "the chart holds no INR" in finding.text.en
    assert "病历中无INR结果" in finding.text.zh


@pytest.mark.parametrize(
    ("result", "urgency"),
    [
        (potassium("3.5"), None),
        (potassium("3.4"), Urgency.URGENT),
        (potassium("2.7"), Urgency.CRITICAL),
        (potassium("3.2", days=20), Urgency.SOON),
        (potassium("3.2", days=31), None),
        (lab("magnesium", Decimal("0.70")), Urgency.URGENT),
        (lab("digoxin", Decimal("2.0")), None),
        (lab("digoxin", Decimal("2.1")), Urgency.URGENT),
    ],
)
def test_digoxin(result: JSON, urgency: Urgency | None) -> None:
    finding = of_kind("digoxin", result, taking(DIGOXIN))
    assert (finding and finding.urgency) == urgency


@pytest.mark.parametrize(
    ("value", "days", "urgency"),
    [(149, 1, None), (150, 1, Urgency.SOON), (150, 60, Urgency.ROUTINE), (150, 370, None)],
)
def test_statins_and_the_usual_limit(value: int, days: int, urgency: Urgency | None) -> None:
    finding = of_kind("statin", lab("alt", value, days=days), taking("阿托伐他汀钙片"))
    assert (finding and finding.urgency) == urgency
    if finding:
        assert "without its own reference range" in said(finding)


def test_statins_and_the_laboratorys_own_limit() -> None:
    own = {"referenceRange": [{"high": {"value": 35, "unit": "U/L"}}]}
    assert of_kind("statin", lab("alt", 105, **own), taking("阿托伐他汀钙片"))
    assert not of_kind("statin", lab("alt", 104, **own), taking("阿托伐他汀钙片"))


@pytest.mark.parametrize(
    ("value", "name", "urgency"),
    [
        ("3.9", "甘精胰岛素注射液", None),
        ("3.8", "甘精胰岛素注射液", Urgency.SOON),
        ("3.0", "格列美脲片", Urgency.SOON),
        ("2.9", "格列美脲片", Urgency.URGENT),
        ("2.5", "格列美脲片", Urgency.CRITICAL),
        ("3.5", METFORMIN, None),
    ],
)
def test_low_glucose_under_treatment(value: str, name: str, urgency: Urgency | None) -> None:
    chart = [lab("glucose", Decimal(value)), taking(name), kidney(60)]
    finding = of_kind("hypoglycaemia", *chart)
    assert (finding and finding.urgency) == urgency


def test_an_allergy_meets_the_same_substance_or_class() -> None:
    finding = of_kind("allergy", allergic("青霉素过敏"), taking("阿莫西林胶囊"))
    assert finding.risk is Risk.HIGH
    assert "阿莫西林胶囊" in finding.text.zh
    assert of_kind("allergy", allergic("Aspirin"), taking("阿司匹林肠溶片"))
    assert not found(allergic("青霉素过敏"), taking("头孢呋辛酯片"))
    assert not found(allergic("磺胺甲噁唑"), taking("呋塞米片"))


def test_children_get_no_adult_drug_rules() -> None:
    child = person(birth="2015-01-01")
    chart = [potassium("5.8"), lab("inr", 6), taking(SPIRONOLACTONE), taking("华法林钠片")]
    assert not found(*chart, who=child)
