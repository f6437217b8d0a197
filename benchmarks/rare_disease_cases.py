"""Looks at each published case, with all annotations and without those of its own publication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.phenopackets import Published, Removal, Removing
from benchmarks.phenotype_fit import Example, example
from countersign.ground.reasoning.phenotypes.features import Case
from countersign.ground.reasoning.phenotypes.matching import NOTHING_ALTERED, Alterations
from countersign.ground.reasoning.phenotypes.rare_diseases import Engine


def looked_at(
    engine: Engine,
    cases: Sequence[Published],
    group: Sequence[int],
    removing: Removing,
    removal: Removal | None,
    known: Sequence[Example] = (),
) -> list[Example]:
    """An example for each case; where nothing is removed from it, that of ``known`` stands."""
    at = {one: number for number, one in enumerate(engine.known.diseases)}
    found: list[Example] = []
    for number, one in enumerate(cases):
        altered: Alterations = NOTHING_ALTERED
        if removal is not None:
            altered = removing.without(one.publication, removal)
        if known and not altered:
            found.append(known[number])
            continue
        disease = at.get(one.disease, -1)
        looked = engine.features.of(case_of(engine, one), altered)
        found.append(example(one, looked, disease, group[number]))
    return found


def case_of(engine: Engine, one: Published) -> Case:
    return engine.case(one.findings(), one.person)


def halved(
    examples: Mapping[str, Sequence[Example]], half: Sequence[bool], held: bool
) -> list[Example]:
    """The examples of one half, of all ways of looking at them."""
    return [
        one for way in examples.values() for one, at in zip(way, half, strict=True) if at is held
    ]
