"""On the real annotations: known diseases come first, and learning never sees what it is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.phenopackets import Removal, Removing, groups, held_apart, published, years
from benchmarks.rare_disease_cases import case_of
from countersign.ground.reasoning import Finding, Status
from countersign.ground.reasoning.phenotypes import RareDiseases


@pytest.fixture(scope="module")
def rare(tmp_path_factory: pytest.TempPathFactory) -> RareDiseases:
    return RareDiseases.open(tmp_path_factory.mktemp("kept"))


def test_a_textbook_patient_is_recognised(rare: RareDiseases) -> None:
    said = ("Arachnodactyly", "ectopia lentis", "Aortic root aneurysm", "Tall stature")
    terms = [rare.term(one) for one in said]
    assert all(terms)
    present = [Finding(one or "") for one in terms]
    ranking = rare.rank([*present, Finding("HP:0001249", Status.ABSENT)])
    assert "OMIM:154700" in [one.disease for one in ranking.candidates[:3]]
    assert sum(one.probability for one in ranking.candidates) <= 1
    tied = [one.disease for one in rare.rank(present, ["FBN1"]).candidates[:2]]
    assert set(tied) == {"OMIM:154700", "OMIM:616914"}, "the two forms of FBN1 that fit"
    assert all(one.why.en and one.why.zh for one in ranking.candidates[0].weights)
    assert "2025-01-16" in rare.acknowledgement().zh
    assert rare.terms("癫痫", "zh") == [], "without the hospital's labels there is no Chinese"


def test_no_case_shares_a_disease_or_a_publication_with_the_other_half(shared: Path) -> None:
    cases = published(shared)
    half = held_apart(cases, groups(cases))
    assert len(cases) == 5206
    for of in (lambda one: one.disease, lambda one: one.publication or one.name):
        sides = [
            {of(c) for c, held in zip(cases, half, strict=True) if held is side}
            for side in (False, True)
        ]
        assert sides[0].isdisjoint(sides[1])
    assert 0.4 < sum(half) / len(half) < 0.6


def test_published_cases_are_ranked_without_their_own_publication(
    rare: RareDiseases, shared: Path
) -> None:
    """A sample of 60: half of them among the first ten, a fifth with the publication removed."""
    engine = rare.engine()
    cases = published(shared)
    chosen = [one for one in cases if len(one.present) >= 3][::80]
    removing = Removing(engine.known, cases)
    found = {"all": 0, "own": 0}
    for one in chosen:
        without = removing.without(one.publication, Removal.OWN)
        for name, altered in (("all", {}), ("own", without)):
            scored = engine.score(case_of(engine, one), altered=altered)
            first = [engine.known.diseases[at] for at in scored.diseases[:10].tolist()]
            found[name] += one.disease in first
    assert found["all"] > len(chosen) / 2
    assert len(chosen) / 5 < found["own"] <= found["all"]


@pytest.mark.parametrize(
    ("text", "age"),
    [("P2Y6M", 2.5), ("P1D", 1 / 365), ("Congenital onset", 0.0), ("adult", None), (None, None)],
)
def test_ages_of_the_cases_are_read(text: str | None, age: float | None) -> None:
    assert years(text) == (None if age is None else pytest.approx(age))
