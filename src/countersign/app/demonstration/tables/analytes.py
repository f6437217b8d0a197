"""Every analyte by its key."""

from __future__ import annotations

from .analyte import Analyte
from .bedside import BEDSIDE
from .blood import BLOOD
from .chemistry import CHEMISTRY

ANALYTES: dict[str, Analyte] = {one.key: one for one in (*CHEMISTRY, *BLOOD, *BEDSIDE)}
