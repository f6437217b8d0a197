"""Who plays in the demonstration: how many of each kind, and what brings some to the ward now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .archetypes import (
    blood,
    circulation,
    glands,
    heart,
    kidney,
    lungs,
    metabolic,
    nerves,
    sensitive,
    surgery,
    tumours,
    urology,
    wellbeing,
)
from .plots import bleeding, death, electrolytes, kidneys, quiet, targets, urinary
from .story import Story

Tell = Callable[[Story], None]


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of patient; ``women`` is their share, ``plots`` go to the first ``count`` of them."""

    tell: Tell
    count: int
    ages: tuple[int, int]
    women: float = 0.5
    bmi: tuple[float, float] = (20.0, 26.0)
    plots: tuple[tuple[str, int], ...] = ()


PLOTS: dict[str, Tell] = {
    "hyperkalaemia": electrolytes.hyperkalaemia,
    "hyponatraemia": electrolytes.hyponatraemia,
    "digoxin": electrolytes.digoxin,
    "potassium": electrolytes.potassium,
    "hypoglycaemia": electrolytes.hypoglycaemia,
    "injury": kidneys.acute_injury,
    "metformin": kidneys.metformin,
    "albuminuria": kidneys.albuminuria,
    "bleeding": bleeding.bleeding,
    "inr": bleeding.over_anticoagulated,
    "sugar": targets.sugar,
    "pressure": targets.pressure,
    "pneumonia": quiet.pneumonia,
    "exacerbation": quiet.exacerbation,
    "congestion": quiet.congestion,
    "angina": quiet.angina,
    "infarct": quiet.infarct,
    "gallbladder": quiet.gallbladder,
    "hip": quiet.hip,
    "prostate": quiet.prostate,
    "chemotherapy": quiet.chemotherapy,
    "anaemia": quiet.iron_workup,
    "retention": urinary.retention,
    "delivery": quiet.delivery,
    "stone": quiet.stone,
    "mood": quiet.mood,
    "death": death.death,
}
SITUATIONS = (*tuple(PLOTS)[:12], "retention")
"""The plots that leave something for the review to find, or for the urology assistant."""

OWN = Part(metabolic.diabetes, 1, (58, 58), 0.0, (25.5, 25.5))
"""The patient of the patient account."""

_OLD = (66, 86)
CAST = (
    Part(
        metabolic.diabetes,
        23,
        (42, 76),
        0.45,
        (23, 30),
        (("sugar", 3), ("hypoglycaemia", 3), ("infarct", 1)),
    ),
    Part(metabolic.diabetic_kidney, 9, (55, 76), 0.4, (23, 29), (("metformin", 3),)),
    Part(
        kidney.kidney_disease,
        11,
        (38, 72),
        0.45,
        plots=(("hyperkalaemia", 3), ("albuminuria", 3), ("death", 1)),
    ),
    Part(
        heart.hypertension,
        26,
        (44, 80),
        0.5,
        (22, 29),
        (("pressure", 3), ("hyponatraemia", 2), ("injury", 2), ("infarct", 1)),
    ),
    Part(
        heart.coronary,
        16,
        (50, 80),
        0.3,
        (22, 28),
        (("bleeding", 2), ("injury", 2), ("angina", 1)),
    ),
    Part(
        circulation.heart_failure,
        11,
        (52, 80),
        0.35,
        plots=(("potassium", 3), ("congestion", 2), ("death", 2)),
    ),
    Part(
        circulation.fibrillation,
        12,
        (62, 84),
        0.45,
        plots=(("inr", 3), ("digoxin", 3), ("bleeding", 1)),
    ),
    Part(lungs.copd, 11, _OLD, 0.2, (18, 23), (("exacerbation", 3), ("death", 2))),
    Part(lungs.asthma, 4, (22, 55), 0.6),
    Part(lungs.pneumonia, 8, (28, 74), 0.45, plots=(("pneumonia", 3),)),
    Part(blood.iron_deficiency, 7, (24, 62), 0.8, plots=(("anaemia", 2),)),
    Part(blood.b12_deficiency, 2, (58, 74), 0.5),
    Part(blood.myeloma, 2, (58, 72), 0.5),
    Part(urology.prostate, 8, (60, 82), 0.0, plots=(("retention", 2), ("prostate", 2))),
    Part(urology.prostate_cancer, 3, (64, 80), 0.0),
    Part(urology.stones, 5, (28, 60), 0.3, plots=(("stone", 1),)),
    Part(surgery.gallbladder, 5, (35, 66), 0.6, (22, 29), (("gallbladder", 2),)),
    Part(surgery.appendix, 3, (20, 42), 0.5),
    Part(surgery.hernia, 2, (48, 74), 0.0),
    Part(surgery.hip_fracture, 5, (70, 88), 0.7, (18, 23), (("hip", 2),)),
    Part(
        tumours.colon_cancer,
        5,
        (52, 76),
        0.4,
        plots=(("chemotherapy", 1), ("death", 1)),
    ),
    Part(tumours.breast_cancer, 3, (54, 68), 1.0),
    Part(nerves.stroke, 7, (56, 80), 0.4, (22, 28), (("death", 1),)),
    Part(nerves.parkinson, 3, (62, 78), 0.4),
    Part(nerves.epilepsy, 3, (20, 45), 0.5),
    Part(glands.hypothyroidism, 4, (30, 62), 0.8),
    Part(glands.graves, 3, (24, 48), 0.8, (18, 22)),
    Part(glands.gout, 4, (32, 60), 0.0, (25, 30)),
    Part(wellbeing.healthy, 16, (24, 58), 0.5),
    Part(wellbeing.pregnancy, 6, (24, 37), 1.0, (19, 24), (("delivery", 2),)),
    Part(sensitive.depression, 5, (24, 58), 0.65, plots=(("mood", 1),)),
    Part(sensitive.schizophrenia, 3, (22, 45), 0.5),
    Part(sensitive.hiv, 4, (24, 48), 0.15),
)


def call(rng: Random) -> list[tuple[Part, str]]:
    """Every patient's part and plot (empty for none) in the order of their numbers."""
    called: list[tuple[Part, str]] = []
    for part in CAST:
        plots = [name for name, count in part.plots for _ in range(count)]
        called += [(part, name) for name in plots]
        called += [(part, "")] * (part.count - len(plots))
    rng.shuffle(called)
    return [(OWN, ""), *called]


def few(called: list[tuple[Part, str]], count: int) -> frozenset[int]:
    """Numbers of ``count`` patients: the first, one for each situation, then in their order."""
    first: dict[str, int] = {}
    for number, (_, plot) in enumerate(called, start=1):
        first.setdefault(plot, number)
    told = (first[plot] for plot in SITUATIONS if plot in first)
    wanted = dict.fromkeys([1, *told, *range(1, len(called) + 1)])
    return frozenset(list(wanted)[:count])
