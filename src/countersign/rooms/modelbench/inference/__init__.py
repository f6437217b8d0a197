"""Puts load on servers of language models, and runs the small models that are made here."""

from .ladder import Ladder, Made, opened
from .load import LoadGenerator
from .network import Network
from .packing import Damaged, packed

__all__ = ["Damaged", "Ladder", "LoadGenerator", "Made", "Network", "opened", "packed"]
