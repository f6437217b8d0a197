"""Runs ladders of small models: packed into one file of numbers, opened without executing any."""

from .ladder import Ladder, Made, opened
from .network import Network
from .packing import Damaged, packed

__all__ = ["Damaged", "Ladder", "Made", "Network", "opened", "packed"]
