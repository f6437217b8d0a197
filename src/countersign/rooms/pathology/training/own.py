"""The hospital's own training set: what pathologists corrected and signed, as labelled fields."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging import Slide, SlideError
from countersign.rooms.pathology.domain.ki67 import placed
from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType, Region

FIELD: Final = 1024
"""Level-0 pixels of a field's side. Fields lie on a fixed grid, so that they never overlap."""

_WORDS: Final = {kind: kind.name.lower() for kind in NucleusType}
_OUTLINES: Final = {"nuclei": (), "tumour": (), "glands": ("gland",)}
"""Kinds of drawn regions that each model learns from."""

LEARNT: Final = {
    "tumour": "nuclei on Ki-67 that a pathologist called a tumour's or another cell's",
    "nuclei": "nuclei on H&E whose kind of cell a pathologist changed",
}
"""What each model learns of corrections; glands of none, because nobody redraws one on a page."""

NOT_LEARNT: Final = (
    "Not learnt from: a moved threshold, positive or negative, hotspots and regions by hand "
    "(on Ki-67, what lies outside a tumour region drawn by hand is not learnt either)."
)


@dataclass(frozen=True, slots=True)
class SignedSlide:
    """A slide whose result was corrected and signed. ``name`` and ``patient`` are identifiers of
    the house; ``flips`` says of a nucleus (its row) whether a pathologist called it a tumour's,
    ``types`` what kind of cell (a number of ``NucleusType``) they said it belongs to, which
    stands above ``flips``; ``regions`` are those that a pathologist drew."""

    name: str
    patient: str
    slide: Slide
    nuclei: Nuclei
    flips: Mapping[int, bool]
    regions: tuple[Region, ...] = ()
    grade: str = "malignant"
    types: Mapping[int, int] = field(default_factory=dict[int, int])


def write_own(
    kind: str, signed: Iterable[SignedSlide], out: Path, left_out: Counter[str] | None = None
) -> int:
    """Writes fields around each correction, laid out as docs/operate.md says; how many.

    All nuclei of a field are written: the ones that nobody changed were signed as they are.
    For ``tumour``, those that did not count because the pathologist's regions leave them out are
    ``untyped``.
    Pictures are PNG of the slide's own pixels, so that the same correction always gives the same
    bytes; how large these are stands beside each field in ``fields.csv``. The folder is readable
    by its owner alone. ``left_out`` counts slides that do not say how large their pixels are
    (``unscaled``) and those that cannot be read (``gone``).
    """
    left = Counter[str]() if left_out is None else left_out
    for name in ("images", "masks") if kind == "glands" else ("images",):
        (out / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    fields: list[dict[str, str]] = []
    rows: list[tuple[str, float, float, str]] = []
    for one in signed:
        if one.slide.mpp is None:
            left["unscaled"] += 1
            continue
        counts = placed(one.nuclei, one.regions if kind == "tumour" else ())
        about = {"patient": _blind(one.patient), "grade": one.grade}
        for name, x, y in _fields(kind, one):
            try:
                pixels = one.slide.region(x, y, FIELD, FIELD)
            except SlideError:
                left["gone"] += 1
                break
            _picture(out / "images" / f"{name}.png", pixels[..., ::-1])
            if kind == "glands":
                _picture(out / "masks" / f"{name}.png", _mask(one.regions, x, y))
            fields.append({"field": name, "mpp": f"{one.slide.mpp[0]:g}", **about})
            rows += _rows(one, counts, name, x, y)
    _tables(out, fields, rows)
    return len(fields)


def _tables(
    out: Path, fields: list[dict[str, str]], rows: Iterable[tuple[str, float, float, str]]
) -> None:
    """What is known of the fields, and the labels of their nuclei."""
    _table(out / "fields.csv", ("field", "patient", "grade", "mpp"), fields)
    _table(out / "patients.csv", ("field", "patient"), fields)
    with (out / "nuclei.csv").open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("field", "x", "y", "type"))
        writer.writerows(rows)
    mpp = float(fields[0]["mpp"]) if fields else 0.0
    about = {"name": "own", "licence": "the hospital's own", "mpp": mpp}
    (out / "set.json").write_text(json.dumps(about) + "\n", "utf-8")


def _fields(kind: str, one: SignedSlide) -> Iterator[tuple[str, int, int]]:
    """The cells of the grid in which somebody corrected something, in their order."""
    cells: set[tuple[int, int]] = set()
    if kind != "glands":
        changed = np.array(sorted({*one.flips, *one.types}), np.int64)
        for x, y in zip(one.nuclei.x[changed], one.nuclei.y[changed], strict=True):
            cells.add((int(x) // FIELD, int(y) // FIELD))
    for region in one.regions:
        if region.kind in _OUTLINES[kind]:
            x, y = region.outline.points.mean(axis=0)
            cells.add((int(x) // FIELD, int(y) // FIELD))
    level = one.slide.levels[0]
    for column, row in sorted(cells):
        left, top = column * FIELD, row * FIELD
        if left + FIELD <= level.width and top + FIELD <= level.height:
            yield f"{_blind(one.name)}-{column}-{row}", left, top


def _rows(
    one: SignedSlide, counts: NDArray[np.bool_], name: str, left: int, top: int
) -> list[tuple[str, float, float, str]]:
    nuclei = one.nuclei
    inside = (nuclei.x >= left) & (nuclei.x < left + FIELD)
    inside &= (nuclei.y >= top) & (nuclei.y < top + FIELD)
    found: list[tuple[str, float, float, str]] = []
    for row in np.flatnonzero(inside).tolist():
        place = float(nuclei.x[row]) - left, float(nuclei.y[row]) - top
        said = counts[row] or row in one.flips or row in one.types
        kind = _kind(one, row) if said else "untyped"
        found.append((name, round(place[0], 2), round(place[1], 2), kind))
    return found


def _kind(one: SignedSlide, row: int) -> str:
    """What a nucleus was signed as."""
    kind = one.types.get(row, int(one.nuclei.type[row]))
    said = one.flips.get(row)
    if row in one.types or said is None:
        return _WORDS[NucleusType(kind)]
    return "tumour" if said else "other"


def _mask(regions: Iterable[Region], left: int, top: int) -> NDArray[np.uint8]:
    made = np.zeros((FIELD, FIELD), np.uint8)
    for region in regions:
        if region.kind in _OUTLINES["glands"]:
            points = np.round(region.outline.points - (left, top)).astype(np.int32)
            cv2.fillPoly(made, [points], (255,))
    return made


def _picture(path: Path, pixels: NDArray[np.uint8]) -> None:
    coded = cv2.imencode(".png", np.ascontiguousarray(pixels))[1]
    path.write_bytes(coded.tobytes())


def _table(path: Path, names: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def _blind(name: str) -> str:
    """A training set names nobody, and not the slide that it came from."""
    return sha256(name.encode()).hexdigest()[:12]
