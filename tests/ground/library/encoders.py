"""A sentence encoder of two small layers with invented weights, in the files a real one has."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "kidney", "stone", "##s", "drain", "##age", "."]
WIDTH, INNER, LAYERS, LENGTH = 8, 16, 2, 12


def encoder_in(folder: Path) -> Path:
    """Writes the three files."""
    shapes = {
        "embeddings.word_embeddings.weight": (len(PIECES), WIDTH),
        "embeddings.position_embeddings.weight": (LENGTH, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        "embeddings.LayerNorm.weight": (WIDTH,),
        "embeddings.LayerNorm.bias": (WIDTH,),
    }
    for number in range(LAYERS):
        name = f"encoder.layer.{number}"
        parts = {f"attention.self.{part}": (WIDTH, WIDTH) for part in ("query", "key", "value")}
        parts |= {"attention.output.dense": (WIDTH, WIDTH), "intermediate.dense": (INNER, WIDTH)}
        parts |= {"output.dense": (WIDTH, INNER)}
        for part, shape in parts.items():
            shapes[f"{name}.{part}.weight"] = shape
            shapes[f"{name}.{part}.bias"] = shape[:1]
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{name}.{part}.weight"] = shapes[f"{name}.{part}.bias"] = (WIDTH,)
    chance = np.random.default_rng(3)
    header, body = {}, b""
    for name, shape in shapes.items():
        raw = chance.normal(0, 0.5, shape).astype(np.float32).tobytes()
        place = [len(body), len(body) + len(raw)]
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": place}
        body += raw
    told = json.dumps(header).encode()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(len(told).to_bytes(8, "little") + told + body)
    (folder / "vocab.txt").write_text("\n".join(PIECES), encoding="utf-8")
    config = {
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 2,
        "hidden_size": WIDTH,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": LENGTH,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder
