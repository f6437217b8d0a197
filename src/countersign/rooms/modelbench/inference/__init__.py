"""Runs the small models that are made here; beside it stands what puts load on servers.

``load`` is not imported here: what trains small models needs no network client.
"""

from .ladder import Ladder, Made, opened
from .network import Network
from .packing import Damaged, packed

__all__ = ["Damaged", "Ladder", "Made", "Network", "opened", "packed"]
