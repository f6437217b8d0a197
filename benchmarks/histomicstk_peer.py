"""Asks HistomicsTK, in an environment of its own, for the nuclei of pictures."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools import histomicstk_environment

Setting = tuple[float, float, bool]
"""Foreground threshold (0–255), radius of the search for maxima (pixels), normalised or not."""

MISSING = (
    "HistomicsTK is not installed here: `make histomicstk-environment` installs it; its figures "
    "are left out"
)


def asked(
    pictures: Mapping[str, NDArray[np.uint8]], settings: Sequence[Setting]
) -> dict[str, list[dict[str, Any]]] | None:
    """For each picture, for each setting, x, y, dab of its nuclei and the processor seconds; None
    where it is not installed."""
    python = histomicstk_environment.python()
    if python is None:
        return None
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as place:
        folder = Path(place)
        np.savez(folder / "pictures.npz", **pictures)
        (folder / "settings.json").write_text(json.dumps(settings))
        program = Path(__file__).with_name("histomicstk_run.py")
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
        subprocess.run([python, program, folder], check=True, env={**os.environ, **one})
        said: dict[str, list[dict[str, Any]]] = json.loads((folder / "said.json").read_text())
        return said
