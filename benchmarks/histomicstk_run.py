"""HistomicsTK's pipeline for nuclei on pictures of a file; run by its own Python, see the tool.

It reads ``pictures.npz`` in the folder given (RGB arrays at half a micrometre), and for each
picture and each of the settings in ``settings.json`` writes centres, mean DAB and the processor
time: normalisation, deconvolution, Kofahi's segmentation, means; as its own nuclei detection.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np

warnings.filterwarnings("ignore")

STAINS = [[0.650, 0.268, 0], [0.704, 0.570, 0], [0.286, 0.776, 0]]
REFERENCE_MEAN, REFERENCE_SPREAD = (
    (8.63234435, -0.11501964, 0.03868433),
    (0.57506023, 0.10403329, 0.01364062),
)
"""The means and spreads that its command line has by default."""


def measured(
    rgb: np.ndarray, threshold: float, radius: float, normalise: bool
) -> dict[str, object]:
    from histomicstk.preprocessing.color_deconvolution import color_deconvolution
    from histomicstk.preprocessing.color_normalization import reinhard
    from histomicstk.segmentation.nuclear import detect_nuclei_kofahi
    from skimage.measure import regionprops_table

    began = time.process_time()
    if normalise:
        rgb = reinhard(rgb, REFERENCE_MEAN, REFERENCE_SPREAD)
    white = np.percentile(rgb.reshape(-1, 3), 98, axis=0)
    stains = color_deconvolution(rgb, np.array(STAINS), white).Stains.astype(float)
    nuclear = np.minimum(stains[..., 0], stains[..., 1])
    mask = detect_nuclei_kofahi(nuclear, nuclear < threshold, 6, 12, 20, radius)
    if not mask.any():
        return {"x": [], "y": [], "dab": [], "seconds": time.process_time() - began}
    brown = -np.log10(np.clip(stains[..., 1], 1, 255) / 255)
    found = regionprops_table(mask.astype(int), brown, ("centroid", "mean_intensity"))
    return {
        "x": found["centroid-1"].tolist(),
        "y": found["centroid-0"].tolist(),
        "dab": found["mean_intensity"].tolist(),
        "seconds": time.process_time() - began,
    }


def main(folder: Path) -> None:
    settings = json.loads((folder / "settings.json").read_text())
    with np.load(folder / "pictures.npz") as held:
        pictures = {name: held[name] for name in held.files}
    first = next(iter(pictures.values()))
    measured(first[:256, :256], *settings[0])  # imports and compiled parts
    said = {name: [measured(rgb, *one) for one in settings] for name, rgb in pictures.items()}
    (folder / "said.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
