"""How well nuclei on H&E are found and typed, beside scikit-image, on fields never learnt from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.measured import Measured
from benchmarks.nuclei_sets import COLON, TILES
from benchmarks.nuclei_training import Trained, folds, trained
from countersign.rooms.pathology.domain.he_grouping import grouped, kinds_at
from countersign.rooms.pathology.domain.he_maps import MPP
from countersign.rooms.pathology.domain.measured import NucleusType
from countersign.rooms.pathology.domain.nuclei_scores import RADIUS, Counts, counted, matched
from countersign.rooms.pathology.inference.he_network import opened
from countersign.rooms.pathology.training.efforts import MORE
from countersign.rooms.pathology.training.he import LOOKS
from countersign.rooms.pathology.training.he_crops import Field, read

PARTS = 4
KINDS = (
    NucleusType.EPITHELIAL,
    NucleusType.STROMAL,
    NucleusType.INFLAMMATORY,
    NucleusType.OTHER,
)
PUBLISHED = (("SC-CNN, detection", 0.802, ""), ("RCCNet, typing of cut-out nuclei", "", 0.806))

Seen = tuple[NDArray[np.float32], NDArray[np.uint8]]


def measure(data: Path | None) -> Measured:
    """Trains four pairs of networks (three hours of two cores) and reads every field with the pair
    that never saw it."""
    source, before = COLON.source(data), TILES.before(data)
    from benchmarks.nuclei_peers import centres, kinds, scikit_image, without_training

    cv2.setNumThreads(1)
    fields = read(source, MPP)
    networks = trained(source, COLON.about, folds([one.name for one in fields], PARTS), before)
    of = {name: opened(one.file) for one in networks for name in one.held}
    maps = {one.name: of[one.name].maps(one.image) for one in fields}

    def network(one: Field) -> Seen:
        found = grouped(maps[one.name], of[one.name].grouping)
        return found.centres, (found.types.argmax(1) + 1).astype(np.uint8)

    def plain(one: Field) -> Seen:
        labels = without_training(_native(source, one))
        return centres(labels), kinds(labels, MPP)

    def peer(one: Field) -> Seen:
        labels = scikit_image(_native(source, one))
        return centres(labels), kinds(labels, MPP)

    ways = {
        "network, field never seen": network,
        "without training (default)": plain,
        "scikit-image, watershed": peer,
    }
    found = {way: tried(fields, find) for way, find in ways.items()}
    return _told(found, at_truth(fields, maps), networks, fields, before is not None)


def _native(source: Path, one: Field) -> NDArray[np.uint8]:
    """The field as it is stored, which is at MPP."""
    stored: Any = cv2.imread(str(source / "images" / f"{one.name}.jpg"))
    return np.ascontiguousarray(stored[:, :, ::-1])


def tried(fields: list[Field], find: Callable[[Field], Seen]) -> tuple[Counts, NDArray[np.int64]]:
    """Detections over all fields, and true by said kinds of the found nuclei that have one."""
    counts = Counts(0, 0, 0)
    table = np.zeros((6, 6), np.int64)
    for one in fields:
        points, types = _truth(one)
        places, said = find(one)
        pairs = matched(points, places, RADIUS)
        counts = counts + counted(pairs, len(places))
        known = (types > 0) & (pairs >= 0)
        # The rules of the default call large epithelial nuclei the tumour's; here both are one.
        said = np.where(said == NucleusType.TUMOUR, NucleusType.EPITHELIAL, said)
        np.add.at(table, (types[known], said[pairs[known]]), 1)
    return counts, table


def at_truth(fields: list[Field], maps: dict[str, NDArray[np.float32]]) -> NDArray[np.int64]:
    """True by said kinds, read at the true centre of every typed nucleus, found or not."""
    table = np.zeros((6, 6), np.int64)
    for one in fields:
        points, types = _truth(one)
        known = types > 0
        said = kinds_at(maps[one.name], points[known]).argmax(1) + 1
        np.add.at(table, (types[known], said), 1)
    return table


def _truth(one: Field) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    if one.points is None or one.types is None:
        return np.zeros((0, 2), np.float32), np.zeros(0, np.uint8)
    return one.points, one.types


def right(table: NDArray[np.int64]) -> float:
    """The share on the diagonal."""
    return float(np.trace(table) / max(1, table.sum()))


def kind_f1(table: NDArray[np.int64], kind: int) -> float:
    """2 hit / (truly + said) of one kind."""
    return float(2 * table[kind, kind] / max(1, table[kind].sum() + table[:, kind].sum()))


def _told(
    found: dict[str, tuple[Counts, NDArray[np.int64]]],
    truth: NDArray[np.int64],
    networks: list[Trained],
    fields: list[Field],
    tiles_before: bool,
) -> Measured:
    counts, table = found["network, field never seen"]
    peer, _ = found["scikit-image, watershed"]
    spent, asked = sum(one.core_s for one in networks), networks[0].effort
    typed = sum(int((one.types > 0).sum()) for one in fields if one.types is not None)
    return Measured(
        columns=(
            "way",
            "F1",
            "precision",
            "recall",
            "typed right",
            *(f"F1 {kind.name.lower()}" for kind in KINDS),
        ),
        rows=_rows(found),
        figures={
            "f1": round(counts.f1, 4),
            "accuracy": round(right(table), 4),
            "accuracy_at_truth": round(right(truth), 4),
            "peer_f1": round(peer.f1, 4),
            "nuclei": counts.hit + counts.missed,
            "typed": typed,
            "train_core_s": round(spent),
        },
        notes=(
            f"{len(fields)} fields; each is read by the one of {PARTS} networks that never saw it; "
            "the patients are unknown, so one patient may be on both sides",
            f"a nucleus is found by a centre within {RADIUS:.0f} pixels, one to one, nearest first",
            f"all {counts.hit + counts.missed:,} centres count for detection; kinds are counted "
            f"over the found ones of the {typed:,} that have a kind; read at the true centres of "
            f"all of these {right(truth):.3f} are right",
            f"two networks of each part look in turn, {LOOKS} looks at each field: a way that was "
            "decided in view of all four parts",
            "RCCNet typed nuclei cut out at their true centres; its split was not by field",
            "the blur of centres, and learning from other tiles first, were chosen on the twenty "
            "fields of the first part; the share of centres by each network on fields it learnt "
            "from, a way that was chosen in view of all four parts",
            "before, both learnt as long as the first from the outlined tiles of MoNuSeg"
            if tiles_before
            else "there were no tiles of MoNuSeg to learn from before",
            f"one of the two learnt from {asked.steps} batches of {asked.batch} crops, the other "
            f"from {MORE} times as many; with what they learnt before all that took "
            f"{spent:,.0f} seconds of one core, or of one card; no network "
            "trained on them is shipped (research only)",
        ),
    )


def _rows(found: dict[str, tuple[Counts, NDArray[np.int64]]]) -> list[tuple[object, ...]]:
    gap = ("",) * len(KINDS)
    return [
        (
            way,
            counts.f1,
            counts.precision,
            counts.recall,
            right(table),
            *(kind_f1(table, kind) for kind in KINDS),
        )
        for way, (counts, table) in found.items()
    ] + [(name, f1, "", "", accuracy, *gap) for name, f1, accuracy in PUBLISHED]
