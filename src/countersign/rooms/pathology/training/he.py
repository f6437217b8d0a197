"""Trains the network for nuclei on H&E from a folder of labelled pictures, in one call."""

# The train extra, and with it the types of PyTorch, is not there where types are checked.
# pyright: basic, reportMissingImports=false
from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from countersign.kit.errors import CountersignError
from countersign.rooms.pathology.domain.he_maps import SIGHT
from countersign.rooms.pathology.domain.measured import NucleusType
from countersign.rooms.pathology.inference.he_network import HeNetwork
from countersign.rooms.pathology.training.efforts import Effort
from countersign.rooms.pathology.training.he_crops import Field
from countersign.rooms.pathology.training.he_fields import read_each
from countersign.rooms.pathology.training.he_measures import measured

if TYPE_CHECKING:
    from countersign.rooms.pathology.training.he_network import Graph

SEED, FOLDS = 1, 5
"""The seed; one picture (or patient) in so many is held out."""

LOOKS = 2
"""Looks of a network unless one is asked for others: its drawing takes that many times as long."""

SAY = 50
"""Batches between two words on the progress."""


class TooFewPictures(CountersignError):
    code = "pathology.too-few-pictures"
    status = 422
    message = (
        "There are only {found} labelled pictures or patients in this folder; at least two are "
        "needed, one to learn from and one to be tried on. docs/models/he-nuclei.md says how the "
        "folder is laid out."
    )


class NoScale(CountersignError):
    code = "pathology.no-scale"
    status = 422
    message = (
        "The folder does not say how large the pixels of its pictures are. "
        'Put a file set.json into it, such as {{"name": "…", "licence": "…", "mpp": 0.25}}.'
    )


def train(
    source: Path,
    out: Path,
    progress: Callable[[str], None],
    *,
    held: Sequence[str] | None = None,
    about: dict[str, Any] | None = None,
    effort: Effort | None = None,
    seed: int = SEED,
    also: Sequence[Path] = (),
    begun: Path | None = None,
    looks: int = LOOKS,
) -> dict[str, Any]:
    """Learns from the pictures of ``source``, tries on those held out, writes ``out`` (ONNX).

    First, and as long again, it learns from those of the folders of ``also``; what that came to
    is kept in the file ``begun`` and taken from there another time.

    ``source`` is laid out as ``he_crops.read`` says, with ``set.json`` (name, licence, mpp in µm
    a pixel, which ``fields.csv`` may say of single pictures) unless ``about`` gives that, and
    perhaps ``patients.csv`` (field,patient): then whole patients are held out. ``held`` names the
    pictures to hold out instead. Without ``effort``, what this machine can be asked for. The
    network will look ``looks`` times at what it draws, from twice on in turn with a second one
    that learns for twice as long. The card lies in the file, and beside it as ``.json``. Gives
    the measures on the held-out pictures. Raises NoScale, TooFewPictures.
    """
    told = about or _about(source)
    fields = read_each(source, float(told["mpp"]))
    away = set(held) if held is not None else _held_out(source, fields)
    learnt_from = [one for one in fields if one.name not in away]
    tried_on = [one for one in fields if one.name in away]
    if not learnt_from or away and not tried_on:
        raise TooFewPictures(found=len(fields))
    others = [(one, _about(one)) for one in also]
    besides = [one for folder, said in others for one in read_each(folder, float(said["mpp"]))]
    from countersign.rooms.pathology.training import he_network, he_pair

    progress(
        f"{len(learnt_from)} pictures to learn from, {len(besides)} of others before, "
        f"{len(tried_on)} held out"
    )

    def tell(step: int, of: int, lost: float) -> None:
        if step % SAY == 0 or step == of:
            progress(f"{step}/{of} lost {lost:.3f}")

    asked = effort or he_network.effort()
    start = he_network.begun(besides, seed, asked, tell, begun) if besides else None
    efforts, weighted = he_pair.efforts(asked, looks), _weighted(learnt_from)
    networks = he_pair.learnt(learnt_from, weighted, seed, efforts, tell, start)
    card = _card(source, told, others, asked, seed) | {
        "pictures": len(learnt_from),
        "held_out": sorted(away),
        "types": types_of(learnt_from),
        "looks": looks,
        **_said([said for _, said in networks]),
    }
    measures = _written(out, [one for one, _ in networks], card, learnt_from, tried_on)
    progress(json.dumps(measures))
    return measures


def _written(
    out: Path,
    graphs: Sequence[Graph],
    card: dict[str, Any],
    learnt_from: Sequence[Field],
    tried_on: Sequence[Field],
) -> dict[str, Any]:
    """The file and its card, completed by what the graphs draw of what they learnt from, and
    measured on what they were not shown. Gives the measures."""
    from countersign.rooms.pathology.training import he_network, he_share

    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(he_network.with_card(card, *graphs))
    card["share"] = he_share.chosen(HeNetwork(out), learnt_from, card["seed"])
    out.write_bytes(he_network.with_card(card, *graphs))
    measures = measured(HeNetwork(out), tried_on)
    card["measures"] = measures
    out.write_bytes(he_network.with_card(card, *graphs))
    text = json.dumps(card, ensure_ascii=False, indent=1, sort_keys=True)
    out.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    return measures


def _card(
    source: Path,
    told: dict[str, Any],
    others: Sequence[tuple[Path, dict[str, Any]]],
    asked: Effort,
    seed: int,
) -> dict[str, Any]:
    """What the folders say of themselves and what was asked of the machine."""
    return {
        "name": "he-nuclei",
        "set": told.get("name", source.name),
        "licence": told.get("licence", "none stated"),
        "mpp": told["mpp"],
        "sight": SIGHT,
        "besides": [{key: said.get(key, "") for key in ("name", "licence")} for _, said in others],
        **asdict(asked),
        "seed": seed,
    }


def _said(networks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the card says of one network, or of the first and of a second."""
    first, *more = networks
    return first | ({"second": more[0]} if more else {})


def types_of(fields: Sequence[Field]) -> list[str]:
    """Names of the kinds of cells that occur in the pictures, in the order of their numbers."""
    seen = {int(kind) for one in fields if one.types is not None for kind in np.unique(one.types)}
    return [kind.name.lower() for kind in NucleusType if kind and int(kind) in seen]


def _weighted(fields: list[Field]) -> list[Field]:
    """Pictures with outlines of every nucleus are drawn three times as often as the others."""
    return fields + 2 * [one for one in fields if one.instances is not None]


def _about(source: Path) -> dict[str, Any]:
    file = source / "set.json"
    try:
        told: Any = json.loads(file.read_text(encoding="utf-8"))
        if float(told["mpp"]) > 0:
            return dict(told)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise NoScale


def _held_out(source: Path, fields: list[Field]) -> set[str]:
    """One patient in FOLDS; where patients are unknown, one picture. At least one."""
    file = source / "patients.csv"
    patients: dict[str, str] = {}
    if file.is_file():
        with file.open(encoding="utf-8", newline="") as opened:
            patients = {row["field"]: row["patient"] for row in csv.DictReader(opened)}
    of = {one.name: patients.get(one.name, one.name) for one in fields}
    every = sorted(set(of.values()))
    chosen = set(every[FOLDS - 1 :: FOLDS] or every[-1:])
    return {name for name, patient in of.items() if patient in chosen}
