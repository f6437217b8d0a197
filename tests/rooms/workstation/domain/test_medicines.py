"""Which medicines count as taken, and by which of their many names they are known."""

from __future__ import annotations

import pytest

from countersign.rooms.workstation.domain.facts import Facts, read_facts
from countersign.rooms.workstation.domain.ingredients import BY_NAME, Group
from rooms.workstation.domain.charting import JSON, ME, NOW, ago, allergic, person, taking

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def facts_of(*chart: JSON) -> Facts:
    facts = read_facts([person(), *chart], NOW)
    assert facts is not None
    return facts


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet", Group.METFORMIN),
        ("盐酸二甲双胍缓释片 0.5g", Group.METFORMIN),
        ("西格列汀二甲双胍片(Ⅱ)", Group.METFORMIN),
        ("螺内酯片 20mg", Group.ALDOSTERONE),
        ("Spironolactone 25 MG Oral Tablet", Group.ALDOSTERONE),
        ("氯化钾缓释片 0.5g", Group.POTASSIUM),
        ("potassium chloride 20 MEQ Extended Release Oral Tablet", Group.POTASSIUM),
        ("门冬氨酸钾镁片", Group.POTASSIUM),
        ("losartan potassium 50 MG Oral Tablet", Group.ARB),
        ("沙库巴曲缬沙坦钠片", Group.ARB),
        ("马来酸依那普利片", Group.ACE),
        ("Lisinopril 10 MG Oral Tablet", Group.ACE),
        ("布洛芬缓释胶囊", Group.NSAID),
        ("双氯芬酸钠肠溶片", Group.NSAID),
        ("Naproxen sodium 220 MG Oral Tablet", Group.NSAID),
        ("Simvistatin 10 MG", Group.STATIN),
        ("阿托伐他汀钙片", Group.STATIN),
        ("华法林钠片", Group.WARFARIN),
        ("Digoxin 0.125 MG Oral Tablet", Group.DIGOXIN),
        ("复方磺胺甲噁唑片", Group.TRIMETHOPRIM),
        ("甘精胰岛素注射液", Group.INSULIN),
        ("insulin human, isophane 70 UNT/ML", Group.INSULIN),
        ("格列美脲片", Group.SULFONYLUREA),
        ("依诺肝素钠注射液", Group.HEPARIN),
    ],
)
def test_names_in_both_languages(name: str, group: Group) -> None:
    assert facts_of(taking(name)).taking(group)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("Penicillin V Potassium 500 MG Oral Tablet", Group.POTASSIUM),
        ("losartan potassium 50 MG Oral Tablet", Group.POTASSIUM),
        ("阿莫西林克拉维酸钾片", Group.POTASSIUM),
        ("Aspirin 81 MG Oral Tablet", Group.NSAID),
        ("双氯芬酸二乙胺乳胶剂(凝胶)", Group.NSAID),
        ("Diclofenac 1 % Topical Gel", Group.NSAID),
        ("Metforminum-like", Group.METFORMIN),
    ],
)
def test_names_that_only_look_alike(name: str, group: Group) -> None:
    assert not facts_of(taking(name)).taking(group)


@pytest.mark.parametrize(
    ("system", "code", "group"),
    [
        (RXNORM, "6809", Group.METFORMIN),
        (RXNORM, "9997", Group.ALDOSTERONE),
        ("http://www.whocc.no/atc", "A10BA02", Group.METFORMIN),
        ("http://www.whocc.no/atc", "A10AE04", Group.INSULIN),
        ("http://www.whocc.no/atc", "J01EE01", Group.TRIMETHOPRIM),
        ("http://www.whocc.no/atc", "C03DA01", Group.ALDOSTERONE),
    ],
)
def test_codes_alone_are_enough(system: str, code: str, group: Group) -> None:
    coded = taking("")
    coded["medicationCodeableConcept"] = {"coding": [{"system": system, "code": code}]}
    (found,) = facts_of(coded).taking(group)
    assert found.name != code, "a person reads a name and not a code"


def test_a_code_of_another_system_is_not_taken_for_rxnorm() -> None:
    coded = taking("本院制剂")
    coded["medicationCodeableConcept"]["coding"] = [{"system": "urn:his", "code": "6809"}]
    assert not facts_of(coded).taking(Group.METFORMIN)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "stopped"},
        {"status": "on-hold"},
        {"status": "entered-in-error"},
        {"status": "draft"},
        {"intent": "plan"},
        {"intent": "proposal"},
        {"doNotPerform": True},
        {"subject": {"reference": "Patient/li-2"}},
        {"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"end": "2026-11-01"}}}}]},
    ],
)
def test_orders_that_do_not_stand(change: JSON) -> None:
    assert not facts_of(taking("二甲双胍片", **change)).taking(Group.METFORMIN)


def test_a_course_that_ends_today_still_counts() -> None:
    bounds = {"timing": {"repeat": {"boundsPeriod": {"end": "2026-11-22"}}}}
    order = taking("二甲双胍片", dosageInstruction=[bounds])
    assert facts_of(order).taking(Group.METFORMIN)


def test_statements_count_while_their_period_lasts() -> None:
    stated = {
        "resourceType": "MedicationStatement",
        "id": "s1",
        "status": "active",
        "medicationCodeableConcept": {"text": "二甲双胍片"},
        "subject": {"reference": f"Patient/{ME}"},
        "effectivePeriod": {"start": ago(400)},
    }
    assert facts_of(stated).taking(Group.METFORMIN)[0].since.day == ago(400)[:10]
    stated["effectivePeriod"]["end"] = ago(3)
    assert not facts_of(stated).taking(Group.METFORMIN)


@pytest.mark.parametrize(
    "target", ["Medication/p1", "urn:uuid:p1", "#p1", "Medication/p1/_history/2"]
)
def test_a_medicine_may_be_a_resource_of_its_own(target: str) -> None:
    medication = {"resourceType": "Medication", "id": "p1", "code": {"text": "二甲双胍片"}}
    order = taking("")
    del order["medicationCodeableConcept"]
    order["medicationReference"] = {"reference": target}
    order["contained"] = [medication] if target.startswith("#") else []
    chart = [order] if target.startswith("#") else [order, medication]
    assert facts_of(*chart).taking(Group.METFORMIN)


def test_of_many_orders_of_one_name_the_newest_is_shown() -> None:
    orders = [taking("二甲双胍片", days=days) for days in (400, 3, 90)]
    (found,) = facts_of(*orders).taking(Group.METFORMIN)
    assert found.since.day == ago(3)[:10]


def test_allergies_that_were_refuted_or_resolved_are_none() -> None:
    assert facts_of(allergic("青霉素")).allergies
    refuted = {"coding": [{"code": "refuted"}]}
    assert not facts_of(allergic("青霉素", verificationStatus=refuted)).allergies
    resolved = {"coding": [{"code": "resolved"}]}
    assert not facts_of(allergic("青霉素", clinicalStatus=resolved)).allergies
    assert not facts_of(allergic("Allergy to wheat")).allergies


def test_every_ingredient_has_a_name_in_each_language() -> None:
    english = {item.name for name, item in BY_NAME.items() if name.isascii()}
    chinese = {item.name for name, item in BY_NAME.items() if not name.isascii()}
    assert english == chinese
