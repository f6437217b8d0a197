"""What measures slides: one analysis for each stain and question."""

from .analysis import Analysis

__all__ = ["Analysis"]
