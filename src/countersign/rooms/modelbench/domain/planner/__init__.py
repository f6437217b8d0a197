"""Estimates for configurations that are not there: memory, speed, capacity, and their error."""

from .architecture import QUANTISATIONS, Architecture, Attention, Quantisation
from .calibration import Calibration, Compared, Measurement, calibrated
from .hardware import Hardware, Link
from .roofline import Estimate, Shape, TooSmall, estimate

__all__ = [
    "QUANTISATIONS",
    "Architecture",
    "Attention",
    "Calibration",
    "Compared",
    "Estimate",
    "Hardware",
    "Link",
    "Measurement",
    "Quantisation",
    "Shape",
    "TooSmall",
    "calibrated",
    "estimate",
]
