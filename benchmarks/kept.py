"""What took long to learn stays in this user's cache, known by all that it was learnt from."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from tools.training_environment import ROOT


def place(kind: str, source: Path, asked: object, recipe: Sequence[str], ending: str) -> Path:
    """Where it stays: another file whenever the data of ``source``, what was ``asked`` (as JSON)
    or a file of the ``recipe``, by its place in the repository, is another.
    """
    digest = hashlib.sha256(json.dumps([contents(source), asked], sort_keys=True).encode())
    for name in recipe:
        digest.update((ROOT / name).read_bytes())
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "countersign" / kind
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{digest.hexdigest()[:24]}{ending}"


@lru_cache(maxsize=8)
def contents(source: Path) -> str:
    """A digest of every file below ``source``, with its name."""
    digest = hashlib.sha256()
    for file in sorted(one for one in source.rglob("*") if one.is_file()):
        digest.update(file.relative_to(source).as_posix().encode())
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()
