"""The word lists and the trained models of the room: read once from files, with their digest."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from countersign.kit.errors import CountersignError

from .domain.hearing import JUDGES, Reader
from .domain.judging import Linear
from .domain.said import Lexicon

WORDS = Path(__file__).parent / "words"


class BadReader(CountersignError):
    code = "records.bad_reader"
    status = 422
    message = "This file of a trained reader cannot be read. Train it again, as docs/operate.md says."


@lru_cache(maxsize=1)
def plain_reader() -> Reader:
    """The reader without any trained model: word lists and written rules."""
    rows = [
        line.split("\t")
        for line in (WORDS / "items.tsv").read_text("utf-8").splitlines()
        if line.count("\t") == 2
    ]
    return Reader(
        Lexicon.parsed((WORDS / "said.tsv").read_text("utf-8")),
        Lexicon((name, said.split("|")) for _, name, said in rows),
        {name: kind for kind, name, _ in rows},
    )


def with_judges(reader: Reader, judges: Mapping[str, Linear]) -> Reader:
    """The same word lists with trained models."""
    return Reader(reader.symptoms, reader.items, reader.kinds, dict(judges))


def save_judges(judges: Mapping[str, Linear], file: Path) -> None:
    """Only features that weigh at least 0.02 are kept, in half precision."""
    kept: dict[str, object] = {}
    for name, one in judges.items():
        heavy = np.abs(one.weights).max(axis=1) >= 0.02
        kept[f"{name}.classes"] = np.array(one.classes)
        kept[f"{name}.keys"] = one.keys[heavy]
        kept[f"{name}.weights"] = one.weights[heavy].astype(np.float16)
    with file.open("wb") as opened:
        np.savez_compressed(opened, allow_pickle=False, **kept)  # pyright: ignore[reportArgumentType]


def load_judges(file: Path) -> dict[str, Linear]:
    """What ``save_judges`` kept. Raises BadReader."""
    try:
        with np.load(BytesIO(file.read_bytes()), allow_pickle=False) as kept:
            return {
                name: Linear(
                    tuple(str(one) for one in kept[f"{name}.classes"]),
                    kept[f"{name}.keys"].astype(np.int64),
                    kept[f"{name}.weights"].astype(np.float64),
                )
                for name in JUDGES
                if f"{name}.keys" in kept
            }
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as why:
        raise BadReader from why
