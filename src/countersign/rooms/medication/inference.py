"""The rule pack as it ships: read once from its files, with its digest and its model card."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from countersign.ground.models import (
    ModelRef,
    digest_of,
)
from countersign.kit import drugs

from .domain import Pack, pack

HERE = Path(__file__).parent / "pack"
RULES = ("high_priority", "interactions", "patients", "doses", "duplicates")
NAME, VERSION = "medication-safety", "1.0.0"
DIGEST = digest_of([HERE, Path(__file__).parent / "domain", Path(drugs.__file__).parent])
MODEL = ModelRef(NAME, VERSION, DIGEST)


@lru_cache(maxsize=1)
def shipped() -> Pack:
    """The rules, classes and sources of this version. Raises BadRule for a file that is broken."""
    rules = [row for name in RULES for row in _read(name)["rule"]]
    found = pack(_read("classes"), _read("sources"), rules, _read("freshness")["days"])
    return Pack(found.rules, found.classes, found.sources, found.days, VERSION)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
