"""The meaning of an English text as a vector, by a small BERT in plain NumPy.

No tensor library enters the web process; for six layers NumPy is fast enough on one core.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import BrokenEncoder
from .wordpiece import WordPiece

Array = npt.NDArray[np.float32]
LONGEST = 128
"""Pieces of a text that are read."""

_KINDS: dict[str, type[np.floating[Any]]] = {"F32": np.float32, "F16": np.float16}


class Encoder:
    """A sentence encoder of the MiniLM kind: mean of the last layer, normalised.

    ``folder`` holds ``config.json``, ``vocab.txt`` and ``model.safetensors``. Raises BrokenEncoder.
    """

    def __init__(self, folder: Path) -> None:
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            pieces = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
            self._layers = int(config["num_hidden_layers"])
            self._heads = int(config["num_attention_heads"])
            self.dimensions = int(config["hidden_size"])
            self._epsilon = float(config["layer_norm_eps"])
            self._weights = read_safetensors(folder / "model.safetensors")
            longest = min(LONGEST, int(config["max_position_embeddings"]))
            self._cut = WordPiece({p: n for n, p in enumerate(pieces)}, longest=longest)
            if len(pieces) != len(self._weights["embeddings.word_embeddings.weight"]):
                raise ValueError("the vocabulary is that of another model")
            self.encode(["kidney"])
        except (OSError, ValueError, KeyError, TypeError) as why:
            raise BrokenEncoder(folder=str(folder)) from why

    def encode(self, texts: Sequence[str]) -> Array:
        """One row of ``dimensions`` float32 of length 1 for each text."""
        found = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            mean = self._read(np.array(self._cut.numbers(text))).mean(axis=0)
            found[row] = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return found

    def _read(self, pieces: npt.NDArray[np.int64]) -> Array:
        w = self._weights
        place = w["embeddings.position_embeddings.weight"][: len(pieces)]
        kind = w["embeddings.token_type_embeddings.weight"][0]
        state = w["embeddings.word_embeddings.weight"][pieces] + place + kind
        state = self._normal(state, "embeddings.LayerNorm")
        for number in range(self._layers):
            name = f"encoder.layer.{number}"
            told = self._linear(self._attend(state, name), f"{name}.attention.output.dense")
            state = self._normal(state + told, f"{name}.attention.output.LayerNorm")
            wide = gelu(self._linear(state, f"{name}.intermediate.dense"))
            told = self._linear(wide, f"{name}.output.dense")
            state = self._normal(state + told, f"{name}.output.LayerNorm")
        return state

    def _attend(self, state: Array, layer: str) -> Array:
        length, width = state.shape
        size = width // self._heads

        def heads(part: str) -> Array:
            whole = self._linear(state, f"{layer}.attention.self.{part}")
            return whole.reshape(length, self._heads, size).transpose(1, 0, 2)

        scores = heads("query") @ heads("key").transpose(0, 2, 1) / math.sqrt(size)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        return (scores @ heads("value")).transpose(1, 0, 2).reshape(length, width)

    def _linear(self, state: Array, name: str) -> Array:
        return state @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normal(self, state: Array, name: str) -> Array:
        centred = state - state.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self._epsilon)
        return centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def read_safetensors(file: Path) -> dict[str, Array]:
    """The float tensors of a safetensors file: a length, a JSON header, then the raw numbers.

    Raises ValueError where the file is not what its header says.
    """
    data = file.read_bytes()
    size = int.from_bytes(data[:8], "little")
    if not 2 <= size <= len(data) - 8:
        raise ValueError("the header does not fit into the file")
    body = memoryview(data)[8 + size :]
    try:
        header = json.loads(data[8 : 8 + size])
        return {
            name: _tensor(body, entry)
            for name, entry in header.items()
            if name != "__metadata__" and entry["dtype"] in _KINDS
        }
    except (AttributeError, LookupError, TypeError, RecursionError) as why:
        raise ValueError("the header is not that of tensors") from why


def _tensor(body: memoryview, entry: dict[str, Any]) -> Array:
    start, end = entry["data_offsets"]
    raw = np.frombuffer(body[start:end], _KINDS[entry["dtype"]])
    return raw.reshape(entry["shape"]).astype(np.float32, copy=False)


def gelu(x: Array) -> Array:
    """``x * Phi(x)``, the error function by Abramowitz & Stegun 7.1.26 (error below 1.5e-7)."""
    z = np.abs(x) * np.float32(math.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * z)
    poly = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    erf = np.sign(x) * (1 - poly * np.exp(-z * z))
    return (0.5 * x * (1 + erf)).astype(np.float32)
