"""Trains the weights of the rare-disease ranking: ``python -m tools.train_rare_disease [DATA]``.

The same cases give the same weights. They are learnt from all cases, each once with all annotations
and once without those of its own publication; what they are worth is measured by
``make bench NAME=rare_disease``, where no case is ranked by weights that were learnt from its half.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.phenopackets import Removing, groups, held_apart, published
from benchmarks.phenotype_fit import fit, warmed
from benchmarks.rare_disease_cases import halved, looked_at
from countersign.ground.reasoning.phenotypes.features import NAMES
from countersign.ground.reasoning.phenotypes.fusion import Fusion
from countersign.ground.reasoning.phenotypes.keeping import load
from countersign.ground.reasoning.phenotypes.knowledge import carried
from countersign.ground.reasoning.phenotypes.rare_diseases import Engine

OUT = Path("src/countersign/ground/reasoning/phenotypes/fusion.json")
VERSION = "1.1.0"


def main(data: Path | None) -> None:
    """Writes the weights of all cases, and the mean of the warmth that each half gave."""
    engine = Engine(load(carried()), Fusion(VERSION, np.zeros(len(NAMES)), 1.0, 1.0))
    cases = published(data)
    group = groups(cases)
    half = held_apart(cases, group)
    ways = looked_at(engine, cases, group, Removing(engine.known, cases))
    learnt_from = [halved(ways, half, held) for held in (False, True)]
    halves = [warmed(fit(examples), examples, VERSION) for examples in learnt_from]
    told = {
        "version": VERSION,
        "ontology": engine.known.ontology_release,
        "annotations": engine.known.annotation_release,
        "names": NAMES,
        "weights": [round(float(one), 5) for one in fit([*ways["all"], *ways["own"]])],
        "warmth": round(float(np.mean([one.warmth for one in halves])), 3),
        "inside": round(float(np.mean([one.inside for one in halves])), 3),
    }
    OUT.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
