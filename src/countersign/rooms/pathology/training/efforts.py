"""How much a training for nuclei asks of a machine, known where there is no PyTorch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """``steps`` batches of ``batch`` crops are learnt from; ``centre`` is the height from which a
    hill is taken for a centre afterwards, because less practice draws lower hills."""

    steps: int
    batch: int
    centre: float


LITTLE = Effort(600, 8, 0.25)
"""About twenty minutes of one core."""

WHOLE = Effort(2500, 16, 0.35)
"""Some minutes of a graphics card; three to four hours of one core. ``centre`` of both was chosen
on the first of four parts of CRCHisto."""
