"""Slides decoded by processes apart: a hostile file ends one of them and nobody's page."""

from .readers import Readers

__all__ = ["Readers"]
