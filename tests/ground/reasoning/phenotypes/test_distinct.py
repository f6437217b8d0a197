"""A finding counts once however often it is said, and what was never seen is remembered."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from countersign.ground.reasoning.phenotypes.distinct import newness, seen_without
from countersign.ground.reasoning.phenotypes.knowledge import Knowledge
from countersign.ground.reasoning.phenotypes.matching import Altered
from countersign.ground.reasoning.phenotypes.profile import denials, profile
from ground.reasoning.phenotypes import small

SEIZURE, FOCAL, SPASM = "HP:0001250", "HP:0007359", "HP:0011097"
ARACHNODACTYLY, LENS, TALL = "HP:0001166", "HP:0001083", "HP:0000098"


@functools.cache
def known() -> Knowledge:
    return small.knowledge()


def part_of(*terms: str) -> dict[str, float]:
    place = known().place()
    found = newness([place[one] for one in terms], known().information, known().above)
    return {one: found[place[one]] for one in terms}


def test_a_term_beside_a_form_of_it_says_nothing_new() -> None:
    found = part_of(SEIZURE, FOCAL)
    assert found == {FOCAL: 1.0, SEIZURE: pytest.approx(0.0)}


def test_two_forms_of_one_term_share_what_it_says() -> None:
    place, information = known().place(), known().information
    found = part_of(FOCAL, SPASM)
    first, second = sorted(found.values(), reverse=True)
    assert first == 1.0
    shared = float(information[place[SEIZURE]] / information[place[SPASM]])
    assert second == pytest.approx(1 - shared)


def test_strangers_count_in_full_in_any_order() -> None:
    assert part_of(ARACHNODACTYLY, SPASM) == part_of(SPASM, ARACHNODACTYLY)
    assert min(part_of(ARACHNODACTYLY, SPASM).values()) > 0.8, "only what all findings share"


def test_what_a_disease_was_seen_without_is_kept_with_the_number_of_patients() -> None:
    place = known().place()
    terms, patients = known().denied.of(known().diseases.index("OMIM:2"))
    assert (terms.tolist(), patients.tolist()) == ([place[LENS]], [9.0])
    rows = [one for one in small.annotations().rows if one.disease == "OMIM:2"]
    assert denials([*rows, *small.annotations().rows], place) == {}, "some line says it has it"


def test_it_speaks_when_the_patient_has_it_and_when_she_lacks_it() -> None:
    place = known().place()
    at = np.array([known().diseases.index(one) for one in ("OMIM:1", "OMIM:2")], np.int32)
    has = seen_without(known(), [place[LENS]], [], at, {})
    lacks = seen_without(known(), [place[TALL]], [place[LENS], place[SPASM]], at, {})
    assert has["never"].tolist() == [0, 1]
    assert has["never_of"][1] == pytest.approx(np.log(10))
    assert lacks["never"].tolist() == [0, 0]
    assert (lacks["agree"].tolist(), lacks["agree_part"].tolist()) == ([0, 1], [0, 0.5])


def test_without_its_publication_a_denial_is_gone_too() -> None:
    place = known().place()
    at = known().diseases.index("OMIM:2")
    bare = Altered(profile([], place), {}, (-1, -1, 0))
    chosen = np.array([at], np.int32)
    assert seen_without(known(), [place[LENS]], [], chosen, {at: bare})["never"].tolist() == [0]
