"""Stories told one at a time: what must hold whoever is cast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random

import pytest

from app.demonstration.charts import Chart, atc, labels
from countersign.app.demonstration.archetypes import kidney, lungs, sensitive, surgery
from countersign.app.demonstration.archetypes.incidental import incidental
from countersign.app.demonstration.body import Body
from countersign.app.demonstration.departments import BEDS_PER_WARD
from countersign.app.demonstration.names import compose
from countersign.app.demonstration.plots import quiet
from countersign.app.demonstration.record import Record
from countersign.app.demonstration.story import Beds, Story
from countersign.app.demonstration.subject import Subject, patient_resource

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def story(seed: int = 1, *, margin: float = 0, allergies: tuple[str, ...] = ()) -> Story:
    name = compose("王Wang", "安an", ("示", "Shi"))
    subject = Subject(7, name, False, date(1956, 4, 5), 170.0, 62.0)
    rng = Random(seed)
    body = Body(rng, False, subject.age, 170.0, 62.0)
    told = Story(rng, subject, body, NOW, NOW, Record(subject), Beds(), margin=margin)
    told.allergies = list(allergies)
    return told


def chart(told: Story) -> Chart:
    patient = patient_resource(told.subject, told.physician("general-medicine"), None)
    return Chart(told.record.bundle(patient))


PENICILLINS = ("J01C",)
TREATED: tuple[tuple[Callable[[Story], None], ...], ...] = (
    (lungs.copd,),
    (lungs.pneumonia,),
    (surgery.gallbladder,),
    (lungs.copd, quiet.exacerbation),
    (lungs.pneumonia, quiet.pneumonia),
)


@pytest.mark.parametrize("acts", TREATED, ids=lambda acts: acts[-1].__name__)
@pytest.mark.parametrize("seed", range(3))
def test_an_infection_of_the_allergic_is_treated_without_penicillin(
    acts: tuple[Callable[[Story], None], ...], seed: int
) -> None:
    told = story(seed, margin=12 if len(acts) > 1 else 0, allergies=("penicillin",))
    for act in acts:
        act(told)
    orders = [atc(one) for one in chart(told).of("MedicationRequest")]
    assert not any(code.startswith(PENICILLINS) for code in orders)
    if chart(told).of("Procedure") or any("J44.1" in d.disease.code for d in told.diagnoses):
        assert any(code.startswith("J01") for code in orders)


@pytest.mark.parametrize("tell", [sensitive.depression, sensitive.hiv, sensitive.schizophrenia])
def test_the_note_of_a_cold_keeps_what_is_sensitive(tell: Callable[[Story], None]) -> None:
    told = story()
    tell(told)
    assert incidental(told) or incidental(told)
    everyday = [
        text for resource, text in chart(told).notes() if not labels(resource) & {"PSY", "HIV"}
    ]
    assert everyday
    secrets = [one.disease.name.zh for one in told.diagnoses if one.disease.sensitivity]
    secrets += [one.medicine.name.zh for one in told.orders if one.medicine.sensitivity]
    assert secrets
    assert not any(secret in text for text in everyday for secret in secrets)


def test_a_ward_has_as_many_beds_as_it_has_and_no_more() -> None:
    beds = Beds()
    taken = {beds.take(Random(number), "cardiology").id for number in range(BEDS_PER_WARD)}
    assert len(taken) == BEDS_PER_WARD
    with pytest.raises(IndexError):
        beds.take(Random(1), "cardiology")


def test_the_stage_of_kidney_disease_follows_the_egfr() -> None:
    told = story(3)
    told.plot = "albuminuria"
    kidney.kidney_disease(told)
    stages = [one for one in told.diagnoses if one.disease.key.startswith("ckd")]
    assert [one.disease.code for one in stages][-1] == "N18.4"
    assert stages[-1].until is None
    assert all(one.until is not None for one in stages[:-1])
    assert float(told.body.at("egfr", told.present)) < 30
