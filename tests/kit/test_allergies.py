"""An entry that says there is no allergy is told from one that names an allergy."""

from __future__ import annotations

import pytest

from countersign.kit.allergies import denies, none_at_all, none_known, without_denials


@pytest.mark.parametrize(
    "words",
    ["无已知过敏", "否认药物及食物过敏史", "无", "否认药物过敏", "No known drug allergies", "NKDA",
     "None known.", "no known food or drug allergy"],
)  # fmt: skip
def test_no_allergy_is_known(words: str) -> None:
    assert none_known([], words)


@pytest.mark.parametrize(
    "words",
    ["青霉素", "无明显诱因皮肤过敏", "青霉素过敏，无其他药物过敏", "磺胺类", "no", "Nilotinib", "",
     "no reaction to penicillin, allergic to latex"],
)  # fmt: skip
def test_a_named_allergy_is_never_taken_for_none(words: str) -> None:
    assert not none_known(["91936005"], words)


def test_what_stands_beside_a_denial_stays() -> None:
    assert denies("否认药物过敏，对海鲜过敏")
    assert without_denials("否认药物过敏，对海鲜过敏") == "，对海鲜过敏"


@pytest.mark.parametrize(
    ("words", "all_of_them"),
    [("无已知过敏", True), ("NKA", True), ("否认药物过敏史", False), ("NKDA", False),
     ("无明显诱因皮肤过敏", False)],
)  # fmt: skip
def test_none_at_all_is_told_from_none_to_drugs(words: str, all_of_them: bool) -> None:
    assert none_at_all([], words) is all_of_them
