"""Memory for the planes of a rectangle, kept for the next: the system clears new memory slowly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Scratch:
    """Planes by name. What one call wrote stands until the next asks for the same name; not for
    two threads at once. Grows to the largest rectangle, some 25 bytes a pixel."""

    def __init__(self) -> None:
        self._held: dict[str, NDArray[Any]] = {}

    def plane(self, name: str, shape: tuple[int, ...], kind: type[np.generic]) -> NDArray[Any]:
        """An array of this shape and type, contiguous, whatever it holds."""
        count = int(np.prod(shape))
        held = self._held.get(name)
        if held is None or held.size < count or held.dtype != np.dtype(kind):
            held = np.empty(count, kind)
            self._held[name] = held
        return held[:count].reshape(shape)
