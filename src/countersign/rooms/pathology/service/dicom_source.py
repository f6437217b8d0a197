"""The picture that results refer to: an instance that came by DICOM, or an overview made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
from highdicom.spatial import ImageToReferenceTransformer
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from countersign.kit.errors import CountersignError


class NoSource(CountersignError):
    code = "pathology.no_dicom_source"
    status = 409
    message = (
        "The slide does not say how large its pixels are, so its regions have no place in a DICOM "
        "object. Take the GeoJSON, or have it scanned again."
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose slide it is, in the words that archives know. ``name`` and ``patient_id`` are the
    patient's; ``container`` is the slide's barcode; ``study`` its Study Instance UID, if any."""

    patient_id: str = field(repr=False)
    name: str = field(repr=False)
    birth_date: str = field(default="", repr=False)
    sex: str = field(default="", repr=False)
    accession: str = ""
    container: str = ""
    study: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """An instance of a whole slide. ``downsample`` is how many level-0 pixels, in which regions
    and nuclei are given, stand for one of its own."""

    image: Dataset
    downsample: float

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the whole matrix."""
        return int(self.image.TotalPixelMatrixColumns), int(self.image.TotalPixelMatrixRows)

    @property
    def spacing(self) -> tuple[float, float]:
        """Millimetres of a pixel down and across, in the order of PixelSpacing."""
        shared = self.image.SharedFunctionalGroupsSequence[0]
        down, across = shared.PixelMeasuresSequence[0].PixelSpacing
        return float(down), float(across)

    @property
    def origin(self) -> tuple[float, float, float]:
        """Millimetres in the slide's own coordinates of the first pixel's centre."""
        first = self.image.TotalPixelMatrixOriginSequence[0]
        return (
            float(first.XOffsetInSlideCoordinateSystem),
            float(first.YOffsetInSlideCoordinateSystem),
            0.0,
        )

    @property
    def orientation(self) -> tuple[float, ...]:
        """The direction cosines of rows and columns."""
        return tuple(float(one) for one in self.image.ImageOrientationSlide)

    def pixels(self, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """Level-0 positions (n, 2) as positions of this instance's matrix, its corner at 0, 0."""
        return np.asarray(points, np.float64) / self.downsample

    def millimetres(self, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """Level-0 positions (n, 2) as millimetres (n, 3) in the slide's own coordinates."""
        place = ImageToReferenceTransformer(self.origin, self.orientation, self.spacing)
        return place(self.pixels(points))

    @property
    def square_mm(self) -> float:
        """Square millimetres of one level-0 pixel."""
        down, across = self.spacing
        return down * across / self.downsample**2


def source_among(images: Sequence[Dataset], most: int) -> Source:
    """Of the instances of a slide the finest with at most ``most`` pixels, else the coarsest.

    Raises NoSource where none is a volume image.
    """
    volumes = [one for one in images if "VOLUME" in one.get("ImageType", ())]
    if not volumes:
        raise NoSource
    by_size = sorted(volumes, key=_pixels)
    fitting = [one for one in by_size if _pixels(one) <= most]
    chosen = fitting[-1] if fitting else by_size[0]
    whole = by_size[-1]
    return Source(chosen, whole.TotalPixelMatrixColumns / chosen.TotalPixelMatrixColumns)


def uid(*parts: str) -> str:
    """A UID that is the same for the same parts (PS3.5 annex B.2: a UUID below 2.25)."""
    return f"2.25.{int.from_bytes(sha256('/'.join(parts).encode()).digest()[:16], 'big')}"


def _pixels(image: Any) -> int:
    return int(image.TotalPixelMatrixColumns) * int(image.TotalPixelMatrixRows)
