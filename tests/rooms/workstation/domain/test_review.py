"""What holds for every finding on any chart: complete, bilingual, valid, stable, one's own."""

from __future__ import annotations

import copy
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countersign.kit import json
from countersign.rooms.workstation.domain import Finding, Urgency, review
from countersign.rooms.workstation.domain.finding import KINDS
from rooms.workstation.domain.charting import (
    JSON,
    ME,
    NOW,
    allergic,
    blood_pressure,
    lab,
    named_problem,
    person,
    problem,
    taking,
)

PANEL = {**lab("potassium", 5.9), "component": [lab("sodium", 131), lab("calcium", 3.3)]}
CHARTS: tuple[list[JSON], ...] = (
    [
        PANEL,
        lab("creatinine", 230, days=200),
        lab("creatinine", 240, days=2),
        lab("hba1c", Decimal("9.4"), days=20),
        lab("inr", 11, hours=3),
        lab("alt", 400, status="preliminary"),
        lab("acr", 400, days=3),
        lab("digoxin", 2.4),
        lab("haemoglobin", 60),
        lab("platelets", 90, "K/uL"),
        lab("glucose", 2.2),
        blood_pressure(150, 95, days=2),
        problem("44054006"),
        named_problem("高血压病"),
        allergic("青霉素"),
        *map(taking, ("二甲双胍片", "螺内酯片", "氯化钾缓释片", "布洛芬胶囊", "华法林钠片")),
        *map(taking, ("地高辛片", "阿托伐他汀钙片", "门冬胰岛素注射液", "阿莫西林胶囊")),
    ],
    [
        lab("creatinine", 80, hours=40),
        lab("creatinine", 300, hours=1),
        lab("hba1c", 7),
        blood_pressure(190, 120),
    ],
    [
        lab("2160-0", 1.9, "mg/dL", days=900),
        lab("2339-0", 700, "mg/dL", days=900),
        lab("hba1c", 8.1, days=800),
        *(blood_pressure(150, 90, days=days) for days in (1, 5, 9)),
        taking("Metformin 500 MG Oral Tablet", days=2000),
        taking("Warfarin Sodium 5 MG Oral Tablet"),
    ],
)


def everything() -> list[Finding]:
    return [item for chart in CHARTS for item in review([person(), *chart], NOW)]


def test_these_charts_show_every_kind() -> None:
    assert {finding.kind for finding in everything()} == set(KINDS)


@pytest.mark.parametrize("finding", everything(), ids=lambda finding: finding.topic)
def test_a_finding_is_complete_and_bilingual(finding: Finding) -> None:
    words = [finding.title, finding.text, finding.rationale, finding.no_confidence]
    words += [*finding.limits, *finding.alternatives, *(e.statement for e in finding.evidence)]
    assert all(item.en.strip() and item.zh.strip() for item in words)
    for item in (finding.title, finding.text, finding.rationale):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in item.zh), item.zh
    assert finding.evidence
    assert finding.limits
    assert finding.alternatives
    assert finding.sources
    assert finding.confidence is None
    assert list(finding.inputs) == sorted({item.reference for item in finding.evidence})
    assert len(finding.key) == 64


@pytest.mark.parametrize("finding", everything(), ids=lambda finding: finding.topic)
def test_a_finding_orders_nothing(finding: Finding) -> None:
    if finding.kind != "results":
        assert "onsider" in finding.text.en
        assert "建议" in finding.text.zh
    for command in ("must", "Stop ", "Give ", "Order "):
        assert command not in finding.text.en
    for command in ("必须", "立即停用", "立即给予"):
        assert command not in finding.text.zh


@pytest.mark.parametrize("finding", everything(), ids=lambda finding: finding.topic)
def test_what_would_be_written_is_valid_and_about_the_same_patient(finding: Finding) -> None:
    assert finding.resources
    for resource in finding.resources:
        model = get_fhir_model_class(resource["resourceType"])
        model.model_validate(json.decode(json.encode(resource)))
        who = resource.get("patient") or resource.get("subject")
        assert who == {"reference": f"Patient/{ME}"}
        assert resource["language"] == "zh-CN"
    (first, *_) = finding.resources
    if first["resourceType"] == "DetectedIssue":
        assert first["code"]["text"] == finding.title.zh
        assert first["detail"] == finding.text.zh
        translated = first["_detail"]["extension"][0]["extension"]
        assert translated[1]["valueString"] == finding.text.en
        assert [item["reference"] for item in first["implicated"]] == list(finding.inputs)
        assert first["identifiedDateTime"] == "2026-11-22T08:00:00.000Z"


def test_the_most_urgent_come_first_and_keys_differ() -> None:
    for chart in CHARTS:
        findings = review([person(), *chart], NOW)
        ranks = [finding.urgency.rank for finding in findings]
        assert ranks == sorted(ranks)
        assert len({finding.key for finding in findings}) == len(findings)
        assert len({finding.topic for finding in findings}) == len(findings)


@settings(deadline=None)
@given(seed=st.integers(0, 10**9), index=st.integers(0, len(CHARTS) - 1))
def test_the_order_of_a_chart_does_not_matter(seed: int, index: int) -> None:
    chart = [person(), *CHARTS[index]]
    shuffled = random.Random(seed).sample(chart, len(chart))
    assert review(shuffled, NOW) == review(chart, NOW)


def test_the_same_finding_keeps_its_key_and_new_data_change_it() -> None:
    creatinine, order = lab("creatinine", 240, days=2), taking("二甲双胍片")

    def key(*chart: JSON, days: int = 0) -> str:
        findings = review([person(), *chart], NOW + timedelta(days=days))
        return next(finding.key for finding in findings if finding.kind == "metformin")

    assert key(creatinine, order) == key(order, creatinine, days=3)
    newer = {**creatinine, "meta": {"versionId": "2"}}
    assert key(newer, order) != key(creatinine, order)
    assert key(creatinine, lab("creatinine", 230), order) != key(creatinine, order)


def test_two_patients_are_never_mixed() -> None:
    theirs = copy.deepcopy(CHARTS[0])
    for resource in theirs:
        resource["id"] = f"x{resource['id']}"
        whose = "patient" if "patient" in resource else "subject"
        resource[whose] = {"reference": "Patient/li-2"}
    mine = [person(), *CHARTS[1]]
    assert review([*mine, *theirs], NOW) == review(mine, NOW)
    assert review([person(), *theirs], NOW) == ()
    assert review([*mine, *theirs, {**person(), "id": "li-2"}], NOW) == ()


def test_nothing_is_said_of_an_empty_or_normal_chart() -> None:
    assert review([], NOW) == ()
    assert review([person()], date(2026, 11, 22)) == ()
    normal = [lab("potassium", 4.2), lab("creatinine", 80), lab("hba1c", 5.4), lab("alt", 22)]
    assert review([person(), *normal, blood_pressure(124, 78)], NOW) == ()


def test_stale_alarms_are_not_alarms() -> None:
    later = NOW + timedelta(days=400)
    findings = review([person(), *CHARTS[0]], later)
    assert findings
    for finding in findings:
        if finding.kind != "allergy":
            assert finding.urgency in (Urgency.SOON, Urgency.ROUTINE), finding.title.en


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=6)
    | st.sampled_from(["mg/dL", "2026-11-20", "9999-12-31T23:59:59Z", "0000", "Patient/wang-1"])
)
junk: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["coding", "code", "value", "unit", "text", "reference", "system"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def mutate(value: Any, random_: random.Random, junk_: Any) -> Any:
    """Replaces, drops or doubles something somewhere inside a resource."""
    if isinstance(value, dict) and value and random_.random() < 0.9:
        key = random_.choice(sorted(value))
        changed = dict(value)
        if random_.random() < 0.15:
            del changed[key]
        else:
            changed[key] = mutate(value[key], random_, junk_)
        return changed
    if isinstance(value, list) and value and random_.random() < 0.9:
        index = random_.randrange(len(value))
        return [*value[:index], mutate(value[index], random_, junk_), *value[index:]]
    return junk_


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    index=st.integers(0, len(CHARTS) - 1),
    seed=st.integers(0, 10**9),
    rubbish=st.lists(junk, min_size=1, max_size=6),
)
def test_no_malformed_resource_makes_it_raise(index: int, seed: int, rubbish: list[Any]) -> None:
    random_ = random.Random(seed)
    chart: list[Any] = [person(), *CHARTS[index]]
    for item in rubbish:
        position = random_.randrange(len(chart))
        chart[position] = mutate(chart[position], random_, item)
    for finding in review(chart, NOW):
        for resource in finding.resources:
            json.encode(resource)
        assert all(reference.startswith(_TYPES) for reference in finding.inputs)


_TYPES = ("Observation/", "MedicationRequest/", "Condition/", "AllergyIntolerance/")


@settings(deadline=None)
@given(chart=st.lists(junk, max_size=5))
def test_rubbish_is_no_chart(chart: list[Any]) -> None:
    assert review([person(), *chart], NOW) == ()


def test_deep_nesting_is_survived() -> None:
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    twins = [{**lab("potassium", 6.9), "id": "deep", "note": deep} for _ in range(2)]
    review([person(), *twins], NOW)
