"""Keeps compiled annotations in a file, for compiling them takes many times as long as reading."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import PhenotypesUnreadable
from .knowledge import FILES, Knowledge, Rows, compiled

FORMAT = 2
"""Goes up whenever what is kept changes: an older file is then not found."""


def load(data: Path, cache: Path | None = None) -> Knowledge:
    """The knowledge of a folder of HPO files, from ``cache`` where it was compiled before."""
    try:
        sizes = [(data / name).stat().st_size for name in FILES]
    except OSError as error:
        raise PhenotypesUnreadable(problem=str(error.strerror)) from error
    if cache is None:
        return compiled(data)
    kept = cache / f"phenotypes-{FORMAT}-{'-'.join(map(str, sizes))}.npz"
    found = _opened(kept)
    if found is None:
        found = compiled(data)
        _keep(found, kept)
    return found


_ROWS = ("above", "below", "annotated", "carriers", "denied")
_ARRAYS = ("information", "findings", "counted", "courses")
_TEXTS = (
    "terms", "names", "synonyms", "former", "diseases", "titles", "genes",
    "ontology_release", "annotation_release",
)  # fmt: skip


def _keep(knowledge: Knowledge, file: Path) -> None:
    """Written beside and moved into place; where the disk is full, it is compiled each time."""
    texts = json.dumps({name: getattr(knowledge, name) for name in _TEXTS}, ensure_ascii=False)
    arrays: dict[str, NDArray[Any]] = {
        "texts": np.frombuffer(texts.encode(), np.uint8),
        **{name: getattr(knowledge, name) for name in _ARRAYS},
    }
    for name in _ROWS:
        rows: Rows = getattr(knowledge, name)
        arrays |= {f"{name}.at": rows.at, f"{name}.key": rows.key, f"{name}.share": rows.share}
    beside = file.with_suffix(f".{os.getpid()}.new.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(beside, allow_pickle=False, **arrays)
        beside.replace(file)
    except OSError:
        with suppress(OSError):
            beside.unlink()


def _opened(file: Path) -> Knowledge | None:
    """What was kept, or None where nothing was or it is damaged."""
    try:
        with file.open("rb") as raw, np.load(raw, allow_pickle=False) as kept:
            texts = json.loads(kept["texts"].tobytes())
            rows: dict[str, Any] = {
                name: Rows(kept[f"{name}.at"], kept[f"{name}.key"], kept[f"{name}.share"])
                for name in _ROWS
            }
            arrays: dict[str, Any] = {name: kept[name] for name in _ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    made: dict[str, Callable[[Any], Any]] = {
        "synonyms": _pairs, "genes": _pairs, "terms": tuple, "names": tuple, "diseases": tuple,
        "titles": tuple,
    }  # fmt: skip
    held: dict[str, Any] = {name: made.get(name, _as_is)(texts[name]) for name in _TEXTS}
    return Knowledge(**(held | arrays | rows))


def _as_is(one: Any) -> Any:
    return one


def _pairs(lists: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(tuple, lists))
