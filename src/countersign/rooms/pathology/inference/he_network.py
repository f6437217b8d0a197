"""The trained network for nuclei on H&E: an ONNX file with its card, run on one thread."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.kit.errors import CountersignError
from countersign.rooms.pathology.domain.he_grouping import Grouping
from countersign.rooms.pathology.domain.he_maps import CHANNELS

STRIDE = 32
"""The sides of what the network looks at are multiples of it."""

RIM = 16
"""Pixels of the picture, mirrored, round the picture: its edge is not the network's edge."""


class BadNetwork(CountersignError):
    code = "pathology.bad-network"
    status = 500
    message = (
        "This model for nuclei cannot be opened. "
        "Train it again with “countersign train pathology”, or take it out of service."
    )


class OtherNetwork(CountersignError):
    code = "pathology.other-network"
    status = 409
    message = (
        "The model for nuclei was exchanged while this slide was measured. "
        "Let the slide be measured again from the start."
    )


class HeNetwork:
    """``file`` holds the graph from ``image`` float32 (1, 3, h, w), RGB 0–255, to ``maps``;
    ``grouping`` goes with what it draws."""

    def __init__(self, file: Path) -> None:
        try:
            raw = file.read_bytes()
            self._session = _session(raw)
            found: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
            self.card: dict[str, Any] = {"types": [], **json.loads(found.get("card", "{}"))}
            # How high a hill its training makes of a centre.
            lowest = float(self.card.get("centre", Grouping().centre))
        except (OSError, TypeError, ValueError, RuntimeError):
            raise BadNetwork from None
        self.digest = sha256(raw).hexdigest()
        self.grouping = replace(Grouping(), centre=lowest)

    def maps(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The CHANNELS maps (c, h, w) of an RGB picture (h, w, 3) at MPP. Raises BadNetwork."""
        height, width = image.shape[:2]
        tall, wide = (-(-side // STRIDE) * STRIDE + 2 * RIM for side in (height, width))
        rim = (RIM, tall - height - RIM, RIM, wide - width - RIM)
        whole = cv2.copyMakeBorder(image, *rim, borderType=cv2.BORDER_REFLECT_101)
        asked = np.ascontiguousarray(whole.transpose(2, 0, 1)[None], np.float32)
        (said,) = self._session.run(None, {"image": asked})
        if said.ndim != 4 or said.shape[1] != CHANNELS:
            raise BadNetwork
        return np.ascontiguousarray(said[0][:, RIM : RIM + height, RIM : RIM + width])


def _session(raw: bytes) -> Any:
    import onnxruntime  # pyright: ignore[reportMissingTypeStubs]

    runtime: Any = onnxruntime
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # What one look needs is given back after it: a worker has few gigabytes.
    options.enable_cpu_mem_arena = False
    try:
        return runtime.InferenceSession(raw, options, providers=["CPUExecutionProvider"])
    except Exception as why:  # the runtime's own errors share no parent
        raise RuntimeError from why


@lru_cache(maxsize=4)
def opened(file: Path) -> HeNetwork:
    """The network of a file, once a process. Raises BadNetwork."""
    return HeNetwork(file)
