"""Ways to find nuclei on H&E that need no training: this program's own and scikit-image's."""

# scikit-image and SciPy come without types.
# pyright: basic
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.color import rgb2hed
from skimage.feature import peak_local_max
from skimage.filters import gaussian, threshold_otsu
from skimage.morphology import remove_small_objects
from skimage.segmentation import watershed

from countersign.rooms.pathology.domain import he_basins
from countersign.rooms.pathology.domain.he_nuclei import shapes, typed_by_rule
from countersign.rooms.pathology.domain.he_overview import FAINT
from countersign.rooms.pathology.domain.he_stain import estimate, separated

Picture = NDArray[np.uint8]
Labels = NDArray[np.int32]


def without_training(image: Picture) -> Labels:
    """The product's default, on a picture of 0.5 µm a pixel."""
    haematoxylin, eosin = separated(image, estimate(image))
    contrast = he_basins.contrast_of(haematoxylin, haematoxylin + eosin > FAINT)
    return he_basins.nuclei(haematoxylin, contrast)


def scikit_image(image: Picture) -> Labels:
    """Colour deconvolution, Otsu's threshold, watershed of the distance to the edge: the recipe
    of the library's own examples, with a nucleus' size at 0.5 µm a pixel."""
    haematoxylin = gaussian(rgb2hed(image)[..., 0], 1)
    mask = haematoxylin > threshold_otsu(haematoxylin)
    mask = ndimage.binary_fill_holes(ndimage.binary_opening(mask, iterations=2))
    mask = remove_small_objects(mask, max_size=40)
    far = gaussian(ndimage.distance_transform_edt(mask), 1)
    parts, _ = ndimage.label(mask)
    tops = peak_local_max(far, min_distance=5, labels=parts, exclude_border=False)
    seeds = np.zeros(mask.shape, np.int32)
    seeds[tuple(tops.T)] = np.arange(1, len(tops) + 1)
    return watershed(-far, seeds, mask=mask).astype(np.int32)


def centres(labels: Labels) -> NDArray[np.float32]:
    """Centres (n, 2), x and y, of numbered nuclei."""
    nothing = np.zeros(labels.shape, np.float32)
    seen = shapes(labels, nothing, nothing)
    return np.stack([seen.x, seen.y], 1)


def kinds(labels: Labels, mpp: float) -> NDArray[np.uint8]:
    """Kinds by the product's rules, in the order of ``centres``."""
    nothing = np.zeros(labels.shape, np.float32)
    seen = shapes(labels, nothing, nothing)
    return typed_by_rule(seen.pixels * np.float32(mpp * mpp), seen.long)[0]
