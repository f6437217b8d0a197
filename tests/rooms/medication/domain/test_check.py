"""The rules of medication safety: their own examples, their symmetry, and that doubt is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.kit.drugs import SUBSTANCES, substances_in, substances_of_atc
from countersign.rooms.medication.domain import (
    BadRule,
    Change,
    Kind,
    Level,
    Order,
    Pack,
    Patient,
    Rule,
    Taken,
    Value,
    changed,
    check,
    milligrams,
    read_rule,
    tried,
    unheeded,
)
from countersign.rooms.medication.domain.drugs import DrugClass
from countersign.rooms.medication.domain.fatigue import Use, wilson
from countersign.rooms.medication.domain.kidney import ckd_epi_2021, cockcroft_gault, kidney
from countersign.rooms.medication.inference import shipped

PACK = shipped()
NAMES = st.sampled_from(sorted(SUBSTANCES))
PAIRED = sorted(
    {
        name
        for rule in PACK.rules.values()
        if rule.kind is Kind.INTERACTION
        for name in rule.drugs | rule.when.other
        if name in SUBSTANCES
    }
)


def taking(*names: str) -> Patient:
    return Patient(medicines=tuple(Taken(one, PACK.classes.named(one)) for one in names))


def fired(order: str, patient: Patient, pack: Pack = PACK) -> set[str]:
    return {one.rule.id for one in check(Order(order), patient, pack).alerts}


@pytest.mark.parametrize("rule", PACK.rules.values(), ids=lambda rule: rule.id)
def test_every_shipped_rule_keeps_its_own_examples(rule: Rule) -> None:
    wrong = [one.example for one in tried(rule, PACK) if not one.right]
    assert not wrong
    assert rule.source.cite and rule.source.published[:4].isdecimal()


def test_an_example_that_fails_is_noticed() -> None:
    rule = PACK.rules["qt-pair"]
    broken = replace(rule, drugs=frozenset({"metoprolol"}))
    assert not all(one.right for one in tried(broken, PACK))


@given(st.sampled_from(PAIRED), st.sampled_from(PAIRED))
@settings(max_examples=300, deadline=None)
def test_an_interaction_is_the_same_whichever_is_ordered(one: str, two: str) -> None:
    def pairs(order: str, other: str) -> set[str]:
        found = check(Order(order), taking(other), PACK).alerts
        return {a.rule.id for a in found if a.rule.kind in (Kind.INTERACTION, Kind.DUPLICATE)}

    assert pairs(one, two) == pairs(two, one)


@given(NAMES, st.lists(NAMES, max_size=5), NAMES, st.booleans())
@settings(max_examples=200, deadline=None)
def test_one_more_drug_or_allergy_never_takes_an_alert_away(
    order: str, taken: list[str], more: str, allergy: bool
) -> None:
    before = taking(*taken)
    added = Taken(more, PACK.classes.named(more))
    after = (
        replace(before, allergies=(added,))
        if allergy
        else replace(before, medicines=(*before.medicines, added))
    )
    assert fired(order, before) <= fired(order, after)


@given(st.text(alphabet="zxqjwk", min_size=3, max_size=12))
def test_what_no_table_knows_is_never_silent(word: str) -> None:
    found = check(Order(word), taking("warfarin"), PACK)
    assert not found.drug.known and found.unknown
    unread = check(Order("warfarin"), taking(word), PACK)
    assert unread.unread == (word,)


@given(st.text(max_size=60), st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_borne(order: str, taken: str) -> None:
    found = check(Order(order), taking(taken), PACK)
    assert found.drug.known or found.unknown


def test_half_known_orders_name_the_other_half() -> None:
    found = check(Order("阿司匹林 + zyxwvutine"), Patient(), PACK)
    assert found.drug.substances == {"aspirin"} and found.unknown == ("zyxwvutine",)


def test_names_brands_classes_and_codes_lead_to_the_same_alert() -> None:
    for one in ("simvastatin", "Zocor", "舒降之", "辛伐他汀片"):
        for two in ("clarithromycin", "克拉仙", "Biaxin"):
            assert "statin-cyp3a4" in fired(one, taking(two))
    coded = check(Order("", code=("atc", "C10AA01")), taking("clarithromycin"), PACK)
    assert "statin-cyp3a4" in {one.rule.id for one in coded.alerts}
    assert "statin-cyp3a4" in fired("simvastatin", taking("protease inhibitors"))


def test_who_is_allergic_to_a_class_is_so_to_each_of_it() -> None:
    allergic = Patient(allergies=(Taken("头孢类", PACK.classes.named("头孢类")),))
    assert "allergy-same" in fired("ceftriaxone", allergic)
    assert "allergy-same" not in fired("azithromycin", allergic)


def test_a_brand_of_two_substances_is_checked_for_both() -> None:
    assert {one.name for one in substances_in("诺欣妥")} == {"sacubitril", "valsartan"}
    assert {one.name for one in substances_of_atc("J01EE01")} == {
        "sulfamethoxazole",
        "trimethoprim",
    }
    assert "sacubitril-ace" in fired("Entresto", taking("lisinopril"))


def test_what_is_put_on_the_skin_conflicts_with_nothing_but_an_allergy() -> None:
    assert "anticoagulant-nsaid" not in fired("双氯芬酸二乙胺乳胶剂(凝胶)", taking("warfarin"))
    allergic = Patient(allergies=(Taken("双氯芬酸", PACK.classes.named("双氯芬酸")),))
    assert "allergy-same" in fired("双氯芬酸凝胶", allergic)


def test_missing_facts_are_named() -> None:
    assert "clearance" in check(Order("dabigatran"), Patient(age=70), PACK).missing
    assert "pregnancy" in check(Order("valproate"), Patient(age=30, sex="female"), PACK).missing
    assert "pregnancy" not in check(Order("valproate"), Patient(age=30, sex="male"), PACK).missing
    assert "dose" in check(Order("paracetamol"), Patient(age=30), PACK).missing


def test_kidney_function_by_both_formulas() -> None:
    # Cockcroft and Gault by hand: (140 - 80) × 60 / (72 × 2) = 25.
    assert cockcroft_gault(2.0, 80, 60, female=False) == pytest.approx(25.0)
    assert cockcroft_gault(2.0, 80, 60, female=True) == pytest.approx(21.25)
    assert ckd_epi_2021(0.9, 50, female=False) == pytest.approx(142 * 0.9938**50)
    clearance, egfr = kidney(Value(2.0), 80, "male", None)
    assert clearance == egfr and clearance is not None and clearance.by == "ckd-epi"
    assert kidney(Value(2.0), 10, "male", Value(30)) == (None, None)
    assert kidney(None, 60, "male", Value(60)) == (None, None)


def test_doses_count_only_where_the_unit_says_so() -> None:
    assert milligrams(2, "g") == 2000 and milligrams(2, "mL") is None
    high = Order("paracetamol", milligrams(1, "g"), 6, "oral")
    assert "dose-paracetamol" in {one.rule.id for one in check(high, Patient(), PACK).alerts}


def test_levels_change_and_local_rules_come_in() -> None:
    quiet = changed(PACK, [Change(1, "qt-pair", "off"), Change(2, "maoi-triptan", "silent")])
    assert "qt-pair" not in fired("ondansetron", taking("amiodarone"), quiet)
    counted = check(Order("sumatriptan"), taking("phenelzine"), quiet)
    assert [one.rule.id for one in counted.counted] == ["maoi-triptan"]
    assert quiet.version == f"{PACK.version}+2" and PACK.rules["qt-pair"].level is Level.INTERRUPT
    back = changed(PACK, [Change(2, "qt-pair", "inform"), Change(1, "qt-pair", "off")])
    assert back.rules["qt-pair"].level is Level.INFORM, "the newest holds, in whatever order"


def test_a_local_rule_that_cannot_be_read_any_more_stops_no_other() -> None:
    local = {**PACK.rules["qt-pair"].raw, "id": "local-old", "drugs": ["no such class"]}
    after = changed(PACK, [Change(1, "local-old", "interrupt", local)])
    assert after.broken == ("local-old",) and "qt-pair" in after.rules


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "nonsense"},
        {"drugs": ["no such drug"]},
        {"title": ["only English", ""]},
        {"fires": []},
        {"source": "nowhere"},
        {"source": {"cite": "", "published": "2026"}},
        {"age_below": -1},
        {"age_below": True},
        {"surprise": 1},
        {"id": "../x"},
        {"drugs": []},
    ],
)
def test_what_is_no_rule_is_refused_with_a_reason(change: dict[str, object]) -> None:
    row = {**PACK.rules["child-aspirin"].raw, **change}
    with pytest.raises(BadRule):
        read_rule(row, PACK.classes, PACK.sources)


def test_only_enough_overrides_of_enough_answers_go_to_the_committee() -> None:
    assert not unheeded([Use("a", 100, 0, 19), Use("b", 30, 2, 18), Use("c", 30, 10, 20)])
    found = unheeded([Use("d", 40, 1, 29), Use("e", 40, 0, 30)])
    assert [one.rule for one in found] == ["e", "d"]
    assert Use("f", 5, 0, 0).rate is None and Use("f", 5, 0, 0).interval is None


def test_wilson_by_hand() -> None:
    # 9 of 10: centre (0.9 + 0.19208) / 1.38416, half width 1.96·√(0.009 + 0.009604) / 1.38416.
    low, high = wilson(9, 10)
    assert low == pytest.approx(0.5958, abs=1e-3) and high == pytest.approx(0.9821, abs=1e-3)


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_rate(counts: tuple[int, int]) -> None:
    low, high = wilson(*counts)
    assert 0 <= low <= counts[0] / counts[1] + 1e-12 and counts[0] / counts[1] <= high + 1e-12 <= 2


@pytest.mark.parametrize("known", PACK.classes.by_id.values(), ids=lambda known: known.id)
def test_every_class_is_known_by_its_names(known: DrugClass) -> None:
    for name in (known.name.en, known.name.zh, *known.names):
        found = PACK.classes.named(name)
        assert known.id in found.classes or found.substances <= known.members, name
