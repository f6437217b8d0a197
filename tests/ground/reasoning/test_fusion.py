"""Common and rare diseases share one probability, and nothing dangerous falls out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.reasoning import Candidate, Ranking, Weight
from countersign.ground.reasoning.fusion import NOTHING_KNOWN, Everyday, fuse
from countersign.kit.words import Words

NOBODY = Words("no answer", "不足以作答")


def listed(
    name: str,
    chances: list[float],
    ratio: float,
    grave: frozenset[int] = frozenset(),
    term: str = "HP:0001945",
) -> Ranking:
    weight = Weight(term, ratio, Words("x", "某"), "test")
    candidates = [
        Candidate(
            f"{name}:{at}",
            Words(f"{name} {at}", "病"),
            chance,
            0.0005,
            "test",
            (weight,),
            (),
            at in grave,
        )  # fmt: skip
        for at, chance in enumerate(chances)
    ]
    return Ranking(tuple(sorted(candidates, key=lambda one: -one.probability)))


shares = st.lists(st.floats(0.001, 1), min_size=1, max_size=30).map(
    lambda values: [value / sum(values) for value in values]
)


@settings(max_examples=100, deadline=None)
@given(shares, shares, st.floats(0.001, 0.999), st.floats(0.1, 1e6), st.sets(st.integers(0, 29)))
def test_one_list_sums_to_one_and_keeps_what_must_not_be_missed(
    common: list[float], rare: list[float], unlisted: float, ratio: float, grave: set[int]
) -> None:
    first = listed("ICD10", [chance * (1 - unlisted) for chance in common], 2, frozenset(grave))
    second = listed("OMIM", rare, ratio)
    whole = fuse(first, second, unlisted, limit=100)
    assert sum(one.probability for one in whole.candidates) <= 1 + 1e-9
    shown = {one.disease for one in fuse(first, second, unlisted, limit=2).candidates}
    assert {one.disease for one in first.candidates if one.cannot_miss} <= shown
    chances = [one.probability for one in whole.candidates]
    assert chances == sorted(chances, reverse=True)


def test_the_order_inside_either_list_stays() -> None:
    whole = fuse(listed("ICD10", [0.5, 0.2], 2), listed("OMIM", [0.6, 0.4], 50), 0.3)
    for name in ("ICD10", "OMIM"):
        inside = [one.disease for one in whole.candidates if one.disease.startswith(name)]
        assert inside == [f"{name}:0", f"{name}:1"]


def test_telling_terms_lift_rare_diseases_and_common_explanations_hold_them_down() -> None:
    common = listed("ICD10", [0.6, 0.2], 2)

    assert rare(common, 2, 0.2) < 0.02
    assert rare(common, 1e6, 0.2) > 0.5
    assert rare(common, 1e6, 0.01) < rare(common, 1e6, 0.2)


def rare(common: Ranking, ratio: float, unlisted: float, term: str = "HP:0001166",
         everyday: Everyday = NOTHING_KNOWN) -> float:  # fmt: skip
    """The chance of the one rare disease whose finding is ``term``."""
    whole = fuse(common, listed("OMIM", [0.9], ratio, term=term), unlisted, everyday=everyday)
    return sum(one.probability for one in whole.candidates if one.disease == "OMIM:0")


def test_what_common_conditions_explain_is_no_evidence_for_a_rare_disease() -> None:
    fever = "HP:0001945"
    sure, doubtful = listed("ICD10", [0.8], 2), listed("ICD10", [0.2], 2)
    assert rare(sure, 1e6, 0.2, fever) < 0.01
    assert rare(sure, 1e6, 0.2, fever) < rare(doubtful, 1e6, 0.2, fever)
    assert rare(listed("ICD10", [0.8], 1.2), 1e6, 0.2, fever) > 0.5, (
        "a ratio of 1.2 explains little"
    )
    narrower = Everyday(wider={"HP:0001954": (fever,)})
    assert rare(sure, 1e6, 0.2, "HP:0001954", narrower) < 0.01


def test_no_finding_counts_for_more_than_its_rarity_among_all_who_come() -> None:
    common, term = listed("ICD10", [0.6, 0.2], 2), "HP:0003138"
    often = rare(common, 1e6, 0.2, term, Everyday(seen={term: 0.05}))
    assert often == pytest.approx(rare(common, 20, 0.2, term))
    assert often < rare(common, 1e6, 0.2, term, Everyday(seen={term: 0.001}))


def test_results_of_common_chronic_diseases_count_as_one_finding_together() -> None:
    terms = ("HP:0003138", "HP:0003259", "HP:0003073")
    weights = tuple(Weight(term, 100.0, Words("x", "某"), "test") for term in terms)
    one = Candidate("OMIM:0", Words("One", "甲"), 0.9, 0.01, "test", weights, ())
    common = listed("ICD10", [0.6, 0.2], 2)
    alone = fuse(common, Ranking((one,)), 0.2)
    together = fuse(common, Ranking((one,)), 0.2, everyday=Everyday(frozenset(terms)))
    chance = {
        name: next(one.probability for one in whole.candidates if one.disease == "OMIM:0")
        for name, whole in (("alone", alone), ("together", together))
    }
    assert chance["alone"] > 0.5 and chance["together"] < 0.01


def test_what_nothing_speaks_for_is_handed_on() -> None:
    silent = (Words("Meningitis", "脑膜炎"),)
    assert fuse(Ranking((), NOBODY, silent), Ranking((), NOBODY), 0.15).silent == silent


def test_without_rare_candidates_the_common_list_is_as_it_was() -> None:
    common = listed("ICD10", [0.5, 0.3], 2)
    whole = fuse(common, Ranking((), NOBODY), 0.2)
    assert [one.probability for one in whole.candidates] == pytest.approx([0.5, 0.3])
    assert whole.unanswerable is None


def test_there_is_no_answer_only_where_neither_list_has_one() -> None:
    both = fuse(Ranking((), NOBODY), Ranking((), NOBODY), 0.15)
    assert both.unanswerable == NOBODY
    assert fuse(Ranking((), NOBODY), listed("OMIM", [1.0], 9), 0.15).unanswerable is None


@pytest.mark.parametrize(("unlisted", "prior"), [(1.2, 0.02), (0.1, 0.0), (0.1, 0.2)])
def test_impossible_shares_are_refused(unlisted: float, prior: float) -> None:
    with pytest.raises(ValueError, match=r"probability|rare"):
        fuse(Ranking(()), Ranking(()), unlisted, prior)
