"""What the ranking of common conditions promises, whatever is found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.reasoning import Finding, Holder, Status
from countersign.ground.reasoning.conditions import CommonConditions
from countersign.ground.reasoning.conditions.knowledge import Sex

ENGINE = CommonConditions.open()
BY_ID = {entry.id: entry for entry in ENGINE.knowledge.entries}
TERMS = [entry.term for entry in ENGINE.knowledge.entries]
EVERYTHING = len(ENGINE.knowledge.conditions)

findings = st.lists(
    st.builds(Finding, st.sampled_from(TERMS), st.sampled_from(Status)), min_size=0, max_size=12
)
ages = st.one_of(st.none(), st.floats(0, 110))
sexes: st.SearchStrategy[Sex | None] = st.sampled_from(["female", "male", None])
patients = st.tuples(findings, ages, sexes)


def seen(*names: str) -> list[Finding]:
    """Findings by their names in the files; a leading minus means absent."""
    return [
        Finding(
            BY_ID[name.removeprefix("-")].term,
            Status.ABSENT if name.startswith("-") else Status.PRESENT,
        )
        for name in names
    ]


@settings(max_examples=60, deadline=None)
@given(patients)
def test_probabilities_sum_to_one_with_what_is_not_listed(
    patient: tuple[list[Finding], float | None, Sex | None],
) -> None:
    found, age, sex = patient
    ranking = ENGINE.rank(found, age, sex, limit=EVERYTHING)
    if ranking.candidates:
        total = sum(one.probability for one in ranking.candidates)
        assert total + ENGINE.unlisted(found, age, sex) == pytest.approx(1)
    chances = [one.probability for one in ranking.candidates]
    assert chances == sorted(chances, reverse=True)
    assert all(weight.ratio > 0 for one in ranking.candidates for weight in one.weights)


@settings(max_examples=40, deadline=None)
@given(patients, st.randoms())
def test_the_order_of_findings_changes_nothing(
    patient: tuple[list[Finding], float | None, Sex | None], random: object
) -> None:
    found, age, sex = patient
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ENGINE.rank(found, age, sex) == ENGINE.rank([*shuffled, *shuffled], age, sex)
    assert ENGINE.next_questions(found, age, sex) == ENGINE.next_questions(shuffled, age, sex)


@settings(max_examples=60, deadline=None)
@given(patients)
def test_what_must_not_be_missed_stays_whatever_its_rank(
    patient: tuple[list[Finding], float | None, Sex | None],
) -> None:
    found, age, sex = patient
    whole = ENGINE.rank(found, age, sex, limit=EVERYTHING)
    shown = {one.disease for one in ENGINE.rank(found, age, sex, limit=3).candidates}
    for one in whole.candidates:
        likelier = one.probability > one.prior * 1.000001
        assert not (one.cannot_miss and likelier) or one.disease in shown


def test_a_thunderclap_keeps_bleeding_in_sight_beside_tension_headache() -> None:
    ranking = ENGINE.rank(seen("headache", "thunderclap-headache", "anxiety"), 45, "female", 3)
    bleeding = next(one for one in ranking.candidates if one.disease == "ICD10:I60.9")
    assert bleeding.cannot_miss
    assert bleeding.probability > 20 * bleeding.prior


@pytest.mark.parametrize("condition", ENGINE.knowledge.conditions, ids=lambda one: one.id)
def test_the_absence_of_what_is_typical_never_speaks_for_a_condition(condition: object) -> None:
    one = next(own for own in ENGINE.knowledge.conditions if own is condition)
    sex: Sex = one.sex or "female"
    age = max(zip(one.ages, (0.5, 5.0, 15.0, 30.0, 50.0, 75.0), strict=True))[1]
    for name, share in one.findings.items():
        if share < 0.5:
            continue
        absent = seen(f"-{name}")
        ranking = ENGINE.rank(absent, age, sex, limit=EVERYTHING)
        mine = next(each for each in ranking.candidates if each.disease == one.disease)
        assert mine.weights[0].ratio < 1, name
        assert mine.probability < mine.prior, name


def test_a_kind_of_finding_counts_once_together_with_the_whole() -> None:
    alone = ENGINE.rank(seen("productive-cough"), 40, "male")
    both = ENGINE.rank(seen("cough", "productive-cough"), 40, "male")
    assert [one.probability for one in alone.candidates] == pytest.approx(
        [one.probability for one in both.candidates]
    )


def test_relatives_and_the_past_do_not_count_unless_they_last() -> None:
    fever = BY_ID["fever"].term
    smoker = BY_ID["smoker"].term
    nobody = ENGINE.rank([Finding(fever, holder=Holder.FAMILY), Finding(fever, past=True)])
    assert nobody.candidates == ()
    assert ENGINE.rank([Finding(smoker, past=True), *seen("cough")]) == ENGINE.rank(
        seen("smoker", "cough")
    )


def test_contradictions_and_doubts_are_not_known() -> None:
    fever = BY_ID["fever"].term
    plain = ENGINE.rank(seen("cough"), 30, "male")
    told = [*seen("cough"), Finding(fever), Finding(fever, Status.ABSENT)]
    assert ENGINE.rank(told, 30, "male") == plain
    assert ENGINE.rank([*seen("cough"), Finding(fever, Status.UNCERTAIN)], 30, "male") == plain


@pytest.mark.parametrize(
    ("names", "age", "sex", "first"),
    [
        (("chest-pain", "hyperhidrosis", "dyspnea"), 60, "male", "ICD10:I24.9"),
        (("dysuria", "urinary-urgency", "-fever"), 30, "female", "ICD10:N30.0"),
        (("barking-cough", "stridor", "fever"), 2, "male", "ICD10:J05.0"),
        (("abdominal-pain", "pain-migrating-to-right-lower-quadrant", "fever"), 14, "male",
         "ICD10:K37"),
        (("vertigo", "positional-vertigo", "nausea"), 60, "female", "ICD10:H81.1"),
        (("sneeze", "itchy-nose", "rhinorrhea", "allergic-history"), 20, "male", "ICD10:J30.4"),
        (("rash-on-hands-and-feet", "oral-ulcer", "fever"), 3, "female", "ICD10:B08.4"),
        (("polyuria", "polydipsia", "vomiting", "hyperglycemia", "ketonuria"), 15, "male",
         "ICD10:E10.1"),
        (("jaundice",), 0.05, "female", "ICD10:P59.9"),
    ],
)  # fmt: skip
def test_textbook_cases_come_first(
    names: tuple[str, ...], age: float, sex: Sex, first: str
) -> None:
    assert ENGINE.rank(seen(*names), age, sex).candidates[0].disease == first


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([], "nothing is known"),
        ([Finding("HP:9999999")], "not in the table"),
        (seen("fatigue", "fever"), "found in most illnesses"),
        (seen("-cough"), "only absent"),
    ],
)
def test_it_says_when_the_data_allow_no_answer(found: list[Finding], says: str) -> None:
    reason = ENGINE.rank(found, 40, "female").unanswerable
    assert reason is not None
    assert says in reason.en
    assert reason.en.startswith("These data do not allow an answer")
    assert reason.zh.startswith("这些资料不足以作答")


def test_men_are_not_pregnant_and_the_young_have_no_prostate_trouble() -> None:
    men = ENGINE.rank(seen("abdominal-pain"), 30, "male", limit=EVERYTHING)
    assert "ICD10:O00.9" not in {one.disease for one in men.candidates}
    child = ENGINE.rank(seen("dysuria"), 6, "male", limit=EVERYTHING)
    assert "ICD10:N40" not in {one.disease for one in child.candidates}


def test_a_narrower_term_of_the_ontology_counts_as_the_wider_one_only_if_present() -> None:
    focal = "HP:0007359"
    assert ENGINE.knowledge.wider[focal] == (BY_ID["seizure"].term,)
    assert [one.probability for one in ENGINE.rank([Finding(focal)], 30).candidates] == [
        one.probability for one in ENGINE.rank(seen("seizure"), 30).candidates
    ]
    absent = [Finding(focal, Status.ABSENT), *seen("headache")]
    assert ENGINE.rank(absent, 30) == ENGINE.rank(seen("headache"), 30)
