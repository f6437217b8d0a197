"""What a card can do by its public data sheet, and how cards are joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Link(StrEnum):
    """How the cards of one server speak to each other."""

    NONE = "none"
    PCIE = "pcie"
    FAST = "fast"
    """NVLink, HCCS and the like."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """One card. ``memory`` in bytes, ``bandwidth`` and ``link_bandwidth`` in bytes a second.

    ``flops`` by precision, dense (no sparsity), in operations a second. ``watts`` is the board's
    limit. ``in_server`` cards share a server; beyond that they cross a network. ``source`` and
    ``checked`` say where the numbers are from and when somebody compared them; ``disputed`` that
    public sources disagree.
    """

    key: str
    label: str
    memory: float
    bandwidth: float
    flops: Mapping[str, float]
    link: Link
    link_bandwidth: float
    watts: float
    in_server: int = 8
    source: str = ""
    checked: str = ""
    disputed: bool = False

    def rate(self, precision: str) -> float:
        """Operations a second in that precision, of the next wider one where it has none."""
        for name in (precision, "fp16", "fp32"):
            if name in self.flops:
                return self.flops[name]
        return max(self.flops.values())
