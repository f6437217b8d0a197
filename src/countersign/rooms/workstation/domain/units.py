"""Reads the many spellings of a unit as one, without ever guessing what was meant."""

from __future__ import annotations

import re
from functools import lru_cache

_ANNOTATION = re.compile(r"\{[^{}]*\}")
_POWER = re.compile(r"^[×xX*]?10(?:\^|\*\*|\*|[eE])?(\d{1,2})(?=/)")
_LITRE = re.compile(r"(?<=/)([dmunpf]?)l$")
_ALIASES = {
    "mmHg": "mm[Hg]",
    "mEq/L": "meq/L",
    "IU/L": "[IU]/L",
    "％": "%",
    "K/uL": "10*3/uL",
    "G/L": "10*9/L",
    "pH": "[pH]",
    "1": "",
}


@lru_cache(maxsize=4096)
def ucum(written: str) -> str:
    """The UCUM code (ucum.org, case-sensitive) of a unit as laboratories write it.

    Only spelling is repaired: the micro sign, the power of ten, a small l for litre, spaces
    and annotations in braces. Letters keep their case, since ``m`` and ``M`` differ by 10⁹.
    """
    unit = _ANNOTATION.sub("", written.replace("μ", "u").replace("µ", "u"))
    unit = "".join(unit.split())
    unit = _LITRE.sub(r"\1L", _POWER.sub(r"10*\1", unit))
    return _ALIASES.get(unit, unit)
