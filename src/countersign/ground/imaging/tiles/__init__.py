"""Tiles for a browser's viewer: stored ones handed on, the others made, all within bounds."""

from .ladder import Ladder, Rung, ladder_of
from .service import NoSuchTile, TileService

__all__ = ["Ladder", "NoSuchTile", "Rung", "TileService", "ladder_of"]
