"""DICOM whole slides: VL Whole Slide Microscopy instances, one file or several to a level."""

from .slide import is_dicom, open_dicom

__all__ = ["is_dicom", "open_dicom"]
