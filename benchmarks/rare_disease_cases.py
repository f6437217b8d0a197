"""Looks at each published case, with all annotations and without those of its own publication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.phenopackets import Published, Removal, Removing
from benchmarks.phenotype_fit import Example, example
from countersign.ground.reasoning.phenotypes.features import Case
from countersign.ground.reasoning.phenotypes.matching import NOTHING_ALTERED
from countersign.ground.reasoning.phenotypes.rare_diseases import Engine


def looked_at(
    engine: Engine,
    cases: Sequence[Published],
    group: Sequence[int],
    removing: Removing,
    removals: Sequence[Removal] = (Removal.OWN,),
) -> dict[str, list[Example]]:
    """Under ``all``, and under each removal's name, an example for every case, in their order."""
    at = {one: number for number, one in enumerate(engine.known.diseases)}
    found: dict[str, dict[int, Example]] = {"all": {}, **{one.value: {} for one in removals}}
    for number in sorted(range(len(cases)), key=lambda one: (cases[one].publication, one)):
        one = cases[number]
        case, disease = case_of(engine, one), at.get(one.disease, -1)
        whole = example(engine.features.of(case, NOTHING_ALTERED), disease, group[number])
        found["all"][number] = whole
        for removal in removals:
            altered = removing.without(one.publication, removal)
            found[removal.value][number] = (
                example(engine.features.of(case, altered), disease, group[number])
                if altered
                else whole
            )
    return {name: [held[one] for one in range(len(cases))] for name, held in found.items()}


def case_of(engine: Engine, one: Published) -> Case:
    return engine.case(one.findings(), one.person)


def halved(
    examples: Mapping[str, Sequence[Example]], half: Sequence[bool], held: bool
) -> list[Example]:
    """The examples of one half, of all ways of looking at them."""
    return [
        one for way in examples.values() for one, at in zip(way, half, strict=True) if at is held
    ]
