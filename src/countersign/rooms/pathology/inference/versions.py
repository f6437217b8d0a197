"""Versions of the methods, for what computes and for the cards that tell of them."""

from __future__ import annotations

from typing import Final

KI67: Final = 4
"""Of everything of Ki-67 but the classifier of nuclei."""

HE: Final = "4"
"""Of the method for H&E without training."""
