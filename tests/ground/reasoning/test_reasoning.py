"""All engines behind one face: a note becomes one list of common and rare diseases."""

from __future__ import annotations

import pytest

from countersign.ground.reasoning import Finding, Person, Reasoning, Status

MARFAN = ("HP:0001166", "HP:0001083", "HP:0002616", "HP:0000098")


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Reasoning:
    return Reasoning(tmp_path_factory.mktemp("cache"))


def test_a_note_in_either_language_leads_to_the_same_first_diagnosis(engines: Reasoning) -> None:
    notes = (
        "Fever and cough for three days, chest pain, short of breath.",
        "发热、咳嗽3天，胸痛，气促。",
    )
    first = [engines.rank(engines.read(one), Person(69, "male")).candidates[0] for one in notes]
    assert first[0].disease == first[1].disease == "ICD10:J18.9"
    assert first[0].cannot_miss


def test_a_rare_disease_stands_in_the_same_list(engines: Reasoning) -> None:
    found = engines.rank([Finding(term) for term in MARFAN], Person(20, "male"))
    assert "OMIM:154700" in [one.disease for one in found.candidates[:2]], "Marfan syndrome"
    assert sum(one.probability for one in found.candidates) <= 1.0001


def test_a_gene_brings_its_diseases_forward_and_says_so(engines: Reasoning) -> None:
    found = engines.rank([Finding("HP:0000098")], Person(20), ("FBN1",))
    tied = [one for one in found.candidates if any(w.term == "gene:FBN1" for w in one.weights)]
    assert tied
    assert engines.label("gene:FBN1").en == "variant in FBN1"


def test_nothing_known_is_no_answer(engines: Reasoning) -> None:
    assert engines.rank([], Person(40, "female")).unanswerable is not None


def test_a_term_that_no_release_knows_does_not_hide_the_rest(engines: Reasoning) -> None:
    known = [Finding(term) for term in MARFAN]
    odd = [*known, Finding("HP:9999999")]
    person = Person(20, "male")
    assert engines.rank(odd, person).candidates == engines.rank(known, person).candidates


def test_what_is_absent_is_not_taken_for_present(engines: Reasoning) -> None:
    def chance(status: Status) -> float:
        findings = [Finding("HP:0001945", status), Finding("HP:0012735"), Finding("HP:0002094")]
        ranked = engines.rank(findings, Person(50, "female")).candidates
        return next((one.probability for one in ranked if one.disease == "ICD10:J18.9"), 0.0)

    assert chance(Status.PRESENT) > chance(Status.ABSENT)


def test_every_term_has_a_name_in_both_languages(engines: Reasoning) -> None:
    for term in ("HP:0001945", "HP:0001166", "local:unwell-child", "gene:FBN1"):
        label = engines.label(term)
        assert label.en and label.zh and label.en != term
