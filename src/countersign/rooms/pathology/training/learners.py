"""What can be trained, by the name that people say: each learns from a folder and is judged on one.

Everything is imported where it is used: tensor libraries and the parts of the room that need them
are not there where nothing is trained.
"""

# The train extra, and with it the types of PyTorch, is not there where types are checked.
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

Tell = Callable[[str], None]
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wanted of a training; None leaves it to the learner. ``steps`` to learn in, and
    how often a network for nuclei ``looks``."""

    steps: int | None = None
    looks: int | None = None


@dataclass(frozen=True, slots=True)
class Learner:
    """``train`` learns from a folder, and from others (nuclei before, else besides), as wanted, and
    writes the file ``out``; ``judge`` gives the figures of such a file, or of what came with the
    software (None), on a folder. ``extra`` says whether it needs PyTorch, and ``better`` which
    figure decides. It learns from at least so many ``patients``."""

    train: Callable[[Path, Path, Tell, Wanted, Sequence[Path]], None]
    judge: Callable[[Path | None, Path], Figures | None]
    extra: bool
    better: str
    patients: int = 1


def _train_nuclei(
    source: Path, out: Path, tell: Tell, wanted: Wanted, also: Sequence[Path]
) -> None:
    from countersign.rooms.pathology.training import he
    from countersign.rooms.pathology.training.efforts import LITTLE

    # It is judged on frozen pictures, which do not lie in this folder: it learns from all others.
    effort = replace(LITTLE, steps=wanted.steps) if wanted.steps else None
    looks = wanted.looks or he.LOOKS
    he.train(source, out, tell, held=(), effort=effort, also=also, looks=looks)


def _judge_nuclei(model: Path | None, folder: Path) -> Figures | None:
    from countersign.rooms.pathology.inference.he_network import HeNetwork
    from countersign.rooms.pathology.training.he_fields import read_each
    from countersign.rooms.pathology.training.he_measures import measured

    if model is None:
        return None  # what came with the software is a method without a network
    mpp = float(json.loads((folder / "set.json").read_text("utf-8"))["mpp"])
    return _numbers(measured(HeNetwork(model), read_each(folder, mpp)))


def _train_glands(
    source: Path, out: Path, tell: Tell, wanted: Wanted, also: Sequence[Path]
) -> None:
    from countersign.rooms.pathology.training import glands

    made = out.parent / f"{out.stem}-made"

    def told(what: str, share: float) -> None:
        tell(f"{what} {100 * share:.0f} %")

    glands.train(source, made, told, wanted.steps or glands.STEPS, also=also)
    (made / "glands.npz").replace(out)


def _judge_glands(model: Path | None, folder: Path) -> Figures | None:
    import numpy as np

    from countersign.rooms.pathology.domain.gland import gland_mask, malignancy
    from countersign.rooms.pathology.domain.gland_pixels import MPP
    from countersign.rooms.pathology.inference.gland import SHIPPED, GlandNetwork
    from countersign.rooms.pathology.training.gland_fields import labelled

    network, dice, right = GlandNetwork.of(model or SHIPPED), [], []
    for one in labelled(folder):
        gland, sick = network.probabilities(one.pixels)
        mask = gland_mask(gland, MPP)
        both = int((mask & one.glands).sum())
        dice.append(2 * both / max(1, int(mask.sum()) + int(one.glands.sum())))
        right.append(((malignancy(mask, gland, sick) or 0.0) >= 0.5) == one.malignant)
    return {"dice": float(np.mean(dice)), "grade_accuracy": float(np.mean(right))}


def _train_tumour(
    source: Path, out: Path, tell: Tell, wanted: Wanted, also: Sequence[Path]
) -> None:
    import numpy as np

    from countersign.rooms.pathology.inference.ki67_model import save
    from countersign.rooms.pathology.training import tumour
    from countersign.rooms.pathology.training.tumour_fields import rows

    seen = [rows(one, tell) for one in (source, *also)]
    features = np.concatenate([one for one, _ in seen])
    labels = np.concatenate([one for _, one in seen])
    save(out, tumour.train(features, labels))


def _judge_tumour(model: Path | None, folder: Path) -> Figures | None:
    import numpy as np

    from countersign.rooms.pathology.inference.ki67_model import MODEL, load
    from countersign.rooms.pathology.training.tumour_fields import rows

    features, labels = rows(folder, lambda said: None)
    if labels.all() or not labels.any():
        raise ValueError("of the labelled nuclei of the frozen set only one class was found")
    said = load(model or MODEL).chances(features) >= 0.5
    shares = [float((said == labels)[labels == one].mean()) for one in (True, False)]
    return {
        "accuracy": float((said == labels).mean()),
        "balanced_accuracy": float(np.mean(shares)),
        "nuclei": float(len(labels)),
    }


LEARNERS = {
    "tumour": Learner(_train_tumour, _judge_tumour, False, "balanced_accuracy"),
    "nuclei": Learner(_train_nuclei, _judge_nuclei, True, "f1"),
    "glands": Learner(_train_glands, _judge_glands, True, "dice", patients=2),
}


def _numbers(said: dict[str, object]) -> Figures:
    return {name: float(one) for name, one in said.items() if isinstance(one, int | float)}
