"""The same disease under two numbers stands in the list once, with both its chances."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.reasoning import Candidate, Disease, Person, Ranking, Reasoning, Weight
from countersign.ground.reasoning.conditions.reading import shipped
from countersign.ground.reasoning.fusion import fuse
from countersign.ground.reasoning.joining import joined, twins
from countersign.kit.words import Words


def candidate(
    disease: str, name: str, chance: float, terms: str = "", *, grave: bool = False
) -> Candidate:
    weights = tuple(Weight(term, 2.0, Words("w", "因"), disease) for term in terms)
    return Candidate(disease, Words(name, name), chance, chance / 10, disease, weights, tuple("XY"),
                     grave)  # fmt: skip


def test_a_common_condition_and_its_number_in_omim_are_one() -> None:
    both = [
        candidate("OMIM:611775", "Kawasaki disease", 0.3, "AB", grave=True),
        candidate("ICD10:M30.3", "Kawasaki disease", 0.2, "BC"),
        candidate("ICD10:J00", "Common cold", 0.4),
    ]
    found = joined(both, {"OMIM:611775": "ICD10:M30.3"})
    assert [one.disease for one in found] == ["ICD10:M30.3", "ICD10:J00"]
    assert found[0].probability == pytest.approx(0.5)
    assert found[0].prior == pytest.approx(0.05)
    sources = {weight.term: weight.source for weight in found[0].weights}
    assert sources == {"B": "ICD10:M30.3", "C": "ICD10:M30.3", "A": "OMIM:611775"}
    assert found[0].cannot_miss
    assert "OMIM:611775" in found[0].prior_source


def test_omim_and_orphanet_share_names() -> None:
    found = joined([
        candidate("ORPHA:558", "Marfan syndrome", 0.1),
        candidate("OMIM:154700", "Marfan Syndrome", 0.3),
        candidate("OMIM:1", "Another", 0.2),
    ])  # fmt: skip
    assert [one.disease for one in found] == ["OMIM:154700", "OMIM:1"]


def test_names_and_the_files_say_which_are_the_same() -> None:
    common = [Disease("ICD10:J45.9", Words("Asthma", "支气管哮喘")),
              Disease("ICD10:L20.9", Words("Atopic eczema", "特应性皮炎"))]  # fmt: skip
    rare = [
        ("OMIM:600807", Words("Asthma, susceptibility to", "Asthma, susceptibility to")),
        ("OMIM:208550", Words("Asthma, nasal polyps, and aspirin intolerance", "x y")),
        ("OMIM:603165", Words("Dermatitis, atopic", "Dermatitis, atopic")),
    ]
    found = twins(common, {"OMIM:603165": "ICD10:L20.9"}, rare)
    assert found == {"OMIM:600807": "ICD10:J45.9", "OMIM:603165": "ICD10:L20.9"}


def test_no_shipped_condition_claims_anothers_number() -> None:
    claimed = [number for one in shipped().conditions for number in one.same]
    assert len(claimed) == len(set(claimed)) > 10


NAMES = st.sampled_from(["a", "b", "c", "d"])
LISTED = st.lists(st.tuples(NAMES, st.booleans(), st.floats(0.0, 0.1)), max_size=10)


@settings(max_examples=60, deadline=None)
@given(LISTED)
def test_joining_keeps_every_chance_and_every_danger(rows: list[tuple[str, bool, float]]) -> None:
    given_ = [candidate(f"OMIM:{at}", name, chance, grave=grave)
              for at, (name, grave, chance) in enumerate(rows)]  # fmt: skip
    found = joined(given_)
    assert len(found) == len({name for name, _, _ in rows})
    assert sum(one.probability for one in found) == pytest.approx(sum(row[2] for row in rows))
    graves = {name for name, grave, _ in rows if grave}
    assert {one.name.en for one in found if one.cannot_miss} == graves
    assert joined(found) == found


def test_the_list_of_a_patient_names_no_disease_twice() -> None:
    engine = Reasoning()
    found = engine.read("反复咳嗽、喘息，皮肤瘙痒，湿疹，头痛，恶心，畏光")
    ranking = engine.rank(found, Person(30, "female"), limit=40)
    assert isinstance(ranking, Ranking)
    same = engine._same()
    keys = [same.get(one.disease, one.disease) for one in ranking.candidates]
    assert len(keys) == len(set(keys))
    assert same["OMIM:600807"] == "ICD10:J45.9"
    assert fuse(Ranking(()), Ranking(()), 0.1).candidates == ()
