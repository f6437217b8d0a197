"""A patient with known diseases who falls ill is not given a rare disease for what she has."""

from __future__ import annotations

import pytest

from countersign.ground.reasoning import Finding, Person, Ranking, Reasoning, Status
from countersign.ground.reasoning.conditions import CommonConditions

OLD = ("HP:0000819", "HP:0003077", "HP:0012622", "HP:0000822")
"""Diabetes, hyperlipidaemia, chronic kidney disease, hypertension."""
RESULTS = ("HP:0003138", "HP:0003259", "HP:0003073", "HP:0003074", "HP:0040217", "HP:0001903")
ACUTE = ("local:right-lower-abdominal-pain", "HP:0001945", "HP:0002018")
MAN = Person(69, "male")
ABDOMINAL = {"ICD10:K37", "ICD10:K81.0", "ICD10:A09", "ICD10:K56.6", "ICD10:K85.9"}


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Reasoning:
    return Reasoning(tmp_path_factory.mktemp("cache"))


def present(*terms: str, known: bool = False) -> list[Finding]:
    return [Finding(term, known=known) for term in terms]


def first(ranking: Ranking, count: int) -> list[str]:
    return [one.disease for one in ranking.candidates[:count]]


def is_rare(disease: str) -> bool:
    return disease.startswith(("OMIM:", "ORPHA:"))


def test_an_acute_abdomen_is_one_whatever_else_is_known(engines: Reasoning) -> None:
    no_diarrhoea = [Finding("HP:0002014", Status.ABSENT)]
    found = [*present(*ACUTE), *no_diarrhoea, *present(*OLD, known=True)]
    ranked = engines.rank(found, MAN)
    assert "ICD10:K37" in first(ranked, 3)
    assert not any(map(is_rare, first(ranked, 5)))


def test_even_weighed_in_full_chronic_results_do_not_bring_genetic_diseases(
    engines: Reasoning,
) -> None:
    ranked = engines.rank(present(*ACUTE, *OLD, *RESULTS), MAN)
    assert set(first(ranked, 3)) & ABDOMINAL
    assert not any(map(is_rare, first(ranked, 5)))


@pytest.mark.parametrize(
    ("terms", "age", "disease"),
    [
        (("HP:0001166", "HP:0001083", "HP:0002616", "HP:0000098"), 20, "Marfan syndrome"),
        (
            ("HP:0200032", "HP:0010837", "HP:0001332", "HP:0001394", "HP:0002910"),
            24,
            "Wilson disease",
        ),
        (("HP:0001337", "HP:0000952", "HP:0001260", "HP:0001744", "HP:0000726"), 24,
         "Wilson disease"),
        (("HP:0001014", "HP:0003401", "HP:0000966", "HP:0000093", "HP:0001635"), 35,
         "Fabry disease"),
    ],
)  # fmt: skip
def test_particular_findings_without_a_common_cause_keep_rare_diseases_on_top(
    engines: Reasoning, terms: tuple[str, ...], age: int, disease: str
) -> None:
    ranked = engines.rank(present(*terms), Person(age, "male"))
    assert is_rare(ranked.candidates[0].disease)
    assert disease in [one.name.en for one in ranked.candidates[:2]]


def test_fever_and_cough_are_common(engines: Reasoning) -> None:
    ranked = engines.rank(present("HP:0001945", "HP:0012735"), Person(40, "female"))
    assert not any(map(is_rare, first(ranked, 10)))


def test_a_known_disease_is_no_evidence_for_a_rare_one(engines: Reasoning) -> None:
    marfan = present("HP:0001166", "HP:0001083", "HP:0002616")
    plain = engines.rank(marfan, Person(20, "male")).candidates[0]
    known = engines.rank([*marfan, *present("HP:0000098", known=True)], Person(20, "male"))
    assert not any(
        weight.term == "HP:0000098"
        for one in known.candidates
        if is_rare(one.disease)
        for weight in one.weights
    )
    assert known.candidates[0].disease == plain.disease


def test_a_known_disease_does_not_speak_for_itself_and_stays_a_risk() -> None:
    common = CommonConditions.open()
    complaint = present("HP:0002014")
    diabetes = Finding("HP:0000819")

    def chance(known: bool, disease: str) -> float:
        said = [*complaint, Finding(diabetes.term, known=known)]
        ranked = common.rank(said, 69, "male", limit=200).candidates
        return next(one.probability for one in ranked if one.disease == disease)

    def ratio(known: bool, disease: str) -> float:
        said = [*complaint, Finding(diabetes.term, known=known)]
        ranked = common.rank(said, 69, "male", limit=200).candidates
        one = next(one for one in ranked if one.disease == disease)
        return next(w.ratio for w in one.weights if w.term == diabetes.term)

    assert chance(True, "ICD10:E11.9") < chance(False, "ICD10:E11.9")
    assert ratio(False, "ICD10:E11.9") > 1.5 > ratio(True, "ICD10:E11.9")
    assert ratio(True, "ICD10:I63.9") > 1.5, "a risk factor of stroke"
    explained = common.rank([*complaint, *present("HP:0003074"), Finding("HP:0000819", known=True)])
    assert "ICD10:E11.9" in first(explained, 2), "it is still ranked by what it now explains"


def test_known_diseases_alone_are_no_answer_and_no_danger() -> None:
    ranked = CommonConditions.open().rank(present("HP:0000822", known=True), 69, "male")
    assert ranked.unanswerable is not None
    assert "known" in ranked.unanswerable.en and "已知" in ranked.unanswerable.zh
    new = CommonConditions.open().rank(present("HP:0000822"), 69, "male")
    assert new.unanswerable is None or "known before" not in new.unanswerable.en


def test_dangers_are_parted_by_whether_something_speaks_for_them() -> None:
    common = CommonConditions.open()
    ranked = common.rank(present(*ACUTE), 69, "male", limit=200)
    graves = [
        one
        for one in common.knowledge.conditions
        if one.cannot_miss and one.sex != "female" and one.ages[-1] > 0
    ]
    supported = {one.name for one in ranked.candidates if one.cannot_miss and one.supported}
    assert supported | set(ranked.silent) == {one.name for one in graves}
    assert not supported & set(ranked.silent)
    names = {one.en for one in supported}
    assert "Acute appendicitis" in names and "Meningitis" not in names
    fewer = common.rank(present(*ACUTE), 69, "male", limit=1)
    assert supported <= {one.name for one in fewer.candidates}, "shown whatever their rank"
