"""The files of the Human Phenotype Ontology are read as they are meant, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.reasoning.phenotypes import PhenotypesUnreadable
from countersign.ground.reasoning.phenotypes.annotations import read_annotations, read_frequency
from countersign.ground.reasoning.phenotypes.course import Person, course, stage
from countersign.ground.reasoning.phenotypes.ontology import closures, read_ontology
from countersign.ground.reasoning.phenotypes.profile import UNSAID, profile, spread
from ground.reasoning.phenotypes import small


def test_an_obsolete_term_leads_to_the_one_that_replaced_it() -> None:
    read = small.ontology()
    assert read.release == "2020-02-02"
    assert read.former == {"HP:0002432": "HP:0001250", "HP:0040168": "HP:0011097"}
    assert "HP:0040168" not in read.ids
    assert read.synonyms[read.positions()["HP:0001250"]] == ("Epileptic fit",)


def test_a_term_has_all_that_stands_above_it() -> None:
    read = small.ontology()
    place = read.positions()
    above = closures(read.parents)[place["HP:0007359"]]
    assert {read.ids[one] for one in above} == {
        "HP:0007359", "HP:0001250", "HP:0000707", "HP:0000118", "HP:0000001",
    }  # fmt: skip


@given(st.lists(st.lists(st.integers(0, 11), max_size=3), min_size=12, max_size=12))
def test_ancestors_end_even_where_terms_stand_in_a_circle(parents: list[list[int]]) -> None:
    found = closures(tuple(map(tuple, parents)))
    assert all(at in one for at, one in enumerate(found))


def test_a_file_without_terms_is_refused() -> None:
    with pytest.raises(PhenotypesUnreadable):
        read_ontology(["format-version: 1.2"])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("7/18", (7 / 18, 18)),
        ("45%", (0.45, 0)),
        ("HP:0040281", (0.9, 0)),
        ("", (None, 0)),
        ("3/0", (None, 0)),
        ("9/3", (1.0, 3)),
    ],
)
def test_a_frequency_is_a_share_and_of_how_many(text: str, meant: tuple[float | None, int]) -> None:
    assert read_frequency(text) == meant


@given(st.text(max_size=30))
def test_no_frequency_leaves_the_bounds(text: str) -> None:
    share, of = read_frequency(text)
    assert of >= 0
    assert share is None or 0 <= share <= 1


def test_a_line_cut_short_is_refused() -> None:
    with pytest.raises(PhenotypesUnreadable):
        read_annotations(["OMIM:1\tLong bones"])


def test_counts_of_several_publications_are_added() -> None:
    rows = (
        ("OMIM:1", "A", "", "HP:0001166", "PMID:1", "1/4", "P"),
        ("OMIM:1", "A", "", "HP:0001166", "PMID:2", "5/6", "P"),
        ("OMIM:1", "A", "", "HP:0000098", "PMID:2", "", "P"),
        ("OMIM:1", "A", "", "HP:0001083", "PMID:2", "0/6", "P"),
        ("OMIM:1", "A", "NOT", "HP:0001250", "PMID:2", "", "P"),
    )
    place = small.ontology().positions()
    made = profile(small.annotations(rows).rows, place)
    held = {
        term: (share, of) for term, share, of in zip(made.terms, made.shares, made.of, strict=True)
    }
    assert held[place["HP:0001166"]] == (pytest.approx(0.6), 10)
    assert held[place["HP:0000098"]] == (0.5, UNSAID)
    assert len(held) == 2, "what was denied, or seen in 0 of n, is not a feature of the disease"


def test_whoever_has_a_form_of_a_term_has_the_term() -> None:
    read = small.ontology()
    place = read.positions()
    closure = closures(read.parents)
    rows = [one for one in small.annotations().rows if one.disease == "OMIM:4"]
    share = spread(profile(rows, place), closure)
    assert share[place["HP:0001250"]] == share[place["HP:0007359"]] == pytest.approx(0.45)


def test_stages_of_life_and_the_x_chromosome() -> None:
    of = {one.disease: [] for one in small.annotations().rows}  # type: ignore[var-annotated]
    for one in small.annotations().rows:
        of[one.disease].append(one)
    assert course(of["OMIM:1"]) == (1, 1, 0)
    assert course(of["OMIM:3"]) == (-1, -1, 2)
    ages = [None, -0.1, 0.0, 0.01, 0.5, 3.0, 10.0, 25.0, 50.0, 80.0]
    assert [stage(age) for age in ages] == list(range(-1, 9))
    assert Person().sex is None
