"""DICOM whole slides: VL Whole Slide Microscopy instances, one file or several to a level."""

from .slide import open_dicom

__all__ = ["open_dicom"]
