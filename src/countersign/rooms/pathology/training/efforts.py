"""How much a training for nuclei asks of a machine, known where there is no PyTorch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """``steps`` batches of ``batch`` crops are learnt from. ``still`` of the eye's first blocks
    stay as photographs taught them, and a share ``exact`` of the crops is turned by right angles
    alone, so that its pixels are the picture's own."""

    steps: int
    batch: int
    still: int = 0
    exact: float = 0.0


MORE = 2
"""How many times as many batches the second of two networks learns from. What is longer at it knows
kinds better and places more by heart: on fields never seen the mean of both is the better."""

LITTLE = Effort(2000, 6, still=5, exact=0.5)
"""About twenty-five minutes of one core; a second network (``he_pair``) takes twice that."""

WHOLE = Effort(2500, 16)
"""Some minutes of a graphics card; three hours of one core. A second takes twice that."""
