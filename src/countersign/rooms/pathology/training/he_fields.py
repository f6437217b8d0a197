"""Pictures with known nuclei, each read by the size of its own pixels."""

from __future__ import annotations

import tempfile
from pathlib import Path

from countersign.rooms.pathology.training.folders import part, scales
from countersign.rooms.pathology.training.he_crops import Field, read


def read_each(folder: Path, mpp: float) -> list[Field]:
    """All pictures of a folder as ``he_crops.read`` gives them, by name: those of which
    ``fields.csv`` says how large their pixels are by that, the others by ``mpp`` (µm)."""
    own, alike = scales(folder), dict[float, set[str]]()
    for file in (folder / "images").iterdir():
        alike.setdefault(own.get(file.stem, mpp), set()).add(file.stem)
    if alike.keys() <= {mpp}:
        return read(folder, mpp)
    found: list[Field] = []
    with tempfile.TemporaryDirectory(prefix="countersign-fields-") as scratch:
        for number, (scale, names) in enumerate(alike.items()):
            place = Path(scratch) / str(number)
            part(folder, place, names)
            found += read(place, scale)
    return sorted(found, key=lambda one: one.name)
