"""The proposal of departments that serves: the shipped table, or what the hospital trained."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from countersign.kit.errors import CountersignError
from countersign.rooms.preconsult.domain import Departments
from countersign.rooms.preconsult.inference import departments
from countersign.rooms.preconsult.store import serving

logger = logging.getLogger(__name__)


@lru_cache(maxsize=4)
def served(folder: Path | None) -> Departments:
    """Read once in a process; a broken file counts as none and is logged."""
    try:
        found = serving(folder)
    except CountersignError as problem:
        logger.warning("the trained departments are left out: %s", problem.code)
        found = None
    return departments() if found is None else replace(departments(), trained=found[0])
