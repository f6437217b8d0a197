"""What reasoning takes and gives stays as rooms know it."""

from __future__ import annotations

import pytest

from countersign.ground.reasoning import Candidate, Finding, Holder, Ranking, Status, Weight
from countersign.kit.words import Words


def test_a_bare_finding_is_the_patients_own_and_present_now() -> None:
    finding = Finding("HP:0001945")
    assert (finding.status, finding.holder, finding.past) == (
        Status.PRESENT,
        Holder.PATIENT,
        False,
    )


def test_what_was_found_cannot_be_altered_on_the_way() -> None:
    weight = Weight("HP:0001945", 3.0, Words("in 3 of 4", "4 例中 3 例"), "HPO")
    fever = Candidate("ICD10:J18", Words("Pneumonia", "肺炎"), 0.4, 0.1, "x", (weight,), ())
    with pytest.raises(AttributeError):
        fever.probability = 0.9  # type: ignore[misc]
    assert Ranking((fever,)).unanswerable is None
