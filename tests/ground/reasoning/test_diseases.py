"""A name finds its disease in both languages, and a name of two diseases finds none."""

from __future__ import annotations

import pytest

from countersign.ground.reasoning import Disease, Reasoning
from countersign.ground.reasoning.diseases import DiseaseNames
from countersign.kit.words import Words

MARFAN = Disease("OMIM:154700", Words("Marfan syndrome; MFS", "马凡综合征"))
MIGRAINE = Disease("ICD10:G43.9", Words("Migraine", "偏头痛"))
OTHER = Disease("OMIM:157300", Words("Migraine", "偏头痛（无中文名）"))
TWIN = Disease("OMIM:1", Words("Twin disease", "双病"))


@pytest.mark.parametrize(
    "said", ["Marfan syndrome", "marfan-syndrome", "MFS", "马凡综合征", " 马凡 综合征。"]
)
def test_marks_case_and_parts_do_not_matter(said: str) -> None:
    assert DiseaseNames([MIGRAINE], [MARFAN]).find(said) == MARFAN


def test_what_is_added_in_brackets_may_be_there_or_not() -> None:
    assert DiseaseNames([MARFAN]).find("马凡综合征（MFS1型）") == MARFAN


def test_an_earlier_group_goes_first_and_two_of_one_group_are_none() -> None:
    assert DiseaseNames([MIGRAINE], [OTHER]).find("migraine") == MIGRAINE
    other = Disease("OMIM:2", Words("Twin disease", "另一病"))
    assert DiseaseNames([TWIN, other]).find("twin disease") is None
    assert DiseaseNames([TWIN, other]).find("双病") == TWIN


def test_nothing_is_found_for_what_nobody_knows() -> None:
    for said in ("", "x", "（）", "a disease that nobody has described"):
        assert DiseaseNames([MIGRAINE]).find(said) is None


def test_both_engines_are_asked() -> None:
    engines = Reasoning()
    common, rare = engines.disease("Migraine"), engines.disease("Marfan syndrome")
    assert common is not None and common.id.startswith("ICD10:")
    assert rare is not None and rare.id == "OMIM:154700"
