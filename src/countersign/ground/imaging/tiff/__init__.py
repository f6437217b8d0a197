"""TIFF slides: tiles indexed once, then read by position."""

from .slide import open_tiff
from .walk import Directory, directories, is_tiff, made_elsewhere

__all__ = ["Directory", "directories", "is_tiff", "made_elsewhere", "open_tiff"]
