"""The trained network for nuclei on H&E: an ONNX file with its card, run on one thread."""

from __future__ import annotations

import json
from base64 import b64decode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.kit import graphs
from countersign.kit.errors import CountersignError
from countersign.rooms.pathology.domain.he_grouping import Grouping
from countersign.rooms.pathology.domain.he_maps import CHANNELS, FINER, MPP

STRIDE = 32
"""The sides of what the network looks at are multiples of it."""

RIM = 16
"""Pixels of the maps, mirrored, round the picture: its edge is not the network's edge."""

WAYS = ((1, 1), (-1, -1), (1, -1), (-1, 1))
"""In which directions a look reads rows and columns; so many looks, so many of these in order."""

LOOKS = (1, 2, 4)
"""How often a network may look."""


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
    """``file`` holds the graph from ``image`` float32 (1, 3, h, w), RGB 0–255, to ``maps``, and
    perhaps a second one that looks in turn with it; ``grouping`` goes with what they draw. Where
    the file also has a graph in eight bits, that one draws on a processor that counts exactly in
    them. Its card says how fine it sees, what
    share of a hill is a centre and how often it looks; in the versions before how high a hill is
    one, and the first of them saw no more than the maps show.
    """

    def __init__(self, file: Path) -> None:
        try:
            raw = file.read_bytes()
            first = _session(raw)
            found: dict[str, str] = first.get_modelmeta().custom_metadata_map
            self.card: dict[str, Any] = {"types": [], **json.loads(found.get("card", "{}"))}
            former = "bits" not in self.card
            self.grouping = _former(self.card) if former else _grouping(self.card)
            exact = graphs.exact_in_eight_bits()
            self._sessions = [
                _session(b64decode(found["eight"])) if exact and "eight" in found else first
            ]
            if "second" in found:
                quick = exact and "second-eight" in found
                self._sessions.append(
                    _session(b64decode(found["second-eight" if quick else "second"]))
                )
            self._finer = round(MPP / float(self.card.get("sight", MPP)))
            self._ways = _ways(self.card)
        except (OSError, TypeError, ValueError, RuntimeError, ZeroDivisionError):
            raise BadNetwork from None
        if self._finer not in (1, FINER):
            raise BadNetwork
        self.digest = sha256(raw).hexdigest()

    def maps(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The CHANNELS maps (c, h, w) at MPP of an RGB picture (FINER · h, FINER · w, 3) at SIGHT:
        the mean of what it draws at each look, brought back to one direction. Raises BadNetwork."""
        height, width = image.shape[0] // FINER, image.shape[1] // FINER
        even = image[: FINER * height, : FINER * width]
        looks = [
            self._drawn(even, self._sessions[number % len(self._sessions)], *way)
            for number, way in enumerate(self._ways)
        ]
        return np.asarray(sum(looks[1:], looks[0]) / np.float32(len(looks)), np.float32)

    def _drawn(
        self, image: NDArray[np.uint8], session: Any, down: int, across: int
    ) -> NDArray[np.float32]:
        """The maps of one look at rows and columns in these directions (1 or -1)."""
        height, width = image.shape[0] // FINER, image.shape[1] // FINER
        seen = image[::down, ::across]
        if self._finer < FINER:
            seen = halved(seen)
        (said,) = session.run(None, {"image": framed(seen, RIM * self._finer)})
        if said.ndim != 4 or said.shape[1] != CHANNELS:
            raise BadNetwork
        maps = said[0][:, RIM : RIM + height, RIM : RIM + width][:, ::down, ::across].copy()
        maps[2] *= down
        maps[3] *= across
        return np.asarray(maps, np.float32)


def _grouping(card: dict[str, Any]) -> Grouping:
    share = float(card.get("share", Grouping().centre))
    if not 0 < share <= 1:
        raise ValueError
    return Grouping(centre=share)


def _ways(card: dict[str, Any]) -> tuple[tuple[int, int], ...]:
    looks = card.get("looks", 1)
    if looks not in LOOKS:
        raise ValueError
    return WAYS[:looks]


def _former(card: dict[str, Any]) -> Grouping:
    return Grouping.by_height(float(card.get("centre", 0.25)))


def framed(image: NDArray[np.uint8], edge: int) -> NDArray[np.float32]:
    """As a network is shown a picture (h, w, 3): (1, 3, …), mirrored at its sides as far as
    ``edge`` and to a multiple of STRIDE."""
    down, across = image.shape[:2]
    tall, wide = (-(-side // STRIDE) * STRIDE + 2 * edge for side in (down, across))
    rim = (edge, tall - down - edge, edge, wide - across - edge)
    whole = cv2.copyMakeBorder(image, *rim, borderType=cv2.BORDER_REFLECT_101)
    return np.ascontiguousarray(whole.transpose(2, 0, 1)[None], np.float32)


def halved(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture at SIGHT brought to MPP; a last odd line is left out."""
    size = image.shape[1] // FINER, image.shape[0] // FINER
    even = image[: FINER * size[1], : FINER * size[0]]
    return np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.uint8)


def _session(raw: bytes) -> Any:
    try:
        # What one look needs is given back after it: a worker has few gigabytes.
        return graphs.opened(raw, keeps_memory=False)
    except Exception as why:  # the runtime's own errors share no parent
        raise RuntimeError from why


@lru_cache(maxsize=4)
def opened(file: Path) -> HeNetwork:
    """The network of a file, once a process. Raises BadNetwork."""
    return HeNetwork(file)
