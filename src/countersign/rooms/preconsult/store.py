"""Keeps a trained proposal of departments as a file, and reads the one that serves."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from countersign.kit.errors import CountersignError

from .domain import Model

SERVING, CANDIDATE = "departments.npz", "departments-candidate.npz"
"""In the folder of what the hospital trained."""


class BadModel(CountersignError):
    code = "preconsult.bad_model"
    status = 422
    message = "This file of trained departments cannot be read. Train it again."


def kept(model: Model) -> bytes:
    """Weights in half precision; only n-grams that weigh anything."""
    heavy = np.flatnonzero(np.abs(model.weight).max(axis=1) >= 0.005)
    out = BytesIO()
    np.savez_compressed(
        out,
        labels=np.array(model.labels),
        places=heavy.astype(np.uint32),
        weight=model.weight[heavy].astype(np.float16),
        bias=model.bias,
        width=np.array(model.weight.shape[0]),
        temper=np.array(model.temper),
    )
    return out.getvalue()


def read(content: bytes) -> Model:
    """The inverse of ``kept``. Raises BadModel."""
    try:
        with np.load(BytesIO(content), allow_pickle=False) as held:
            labels = tuple(str(one) for one in held["labels"])
            weight = np.zeros((int(held["width"]), len(labels)), dtype=np.float32)
            weight[held["places"]] = held["weight"].astype(np.float32)
            return Model(labels, weight, held["bias"].astype(np.float32), float(held["temper"]))
    except (OSError, ValueError, KeyError, IndexError, EOFError, BadZipFile) as why:
        raise BadModel from why


def serving(folder: Path | None) -> tuple[Model, str] | None:
    """The model in service with the SHA-256 (hex) of its file; None where the table answers.

    Raises BadModel.
    """
    file = folder / SERVING if folder else None
    if file is None or not file.is_file():
        return None
    content = file.read_bytes()
    return read(content), sha256(content).hexdigest()
