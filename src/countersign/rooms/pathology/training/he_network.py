"""The network that finds nuclei on H&E: learnt with PyTorch, written as ONNX."""

# The train extra, and with it the types of PyTorch, is not there where types are checked.
# pyright: basic, reportMissingImports=false
from __future__ import annotations

import io
import json
import os
import tempfile
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from countersign.rooms.pathology.domain.he_maps import CHANNELS, SIGHT, Lesson
from countersign.rooms.pathology.inference.he_network import HeNetwork
from countersign.rooms.pathology.training.efforts import LITTLE, WHOLE, Effort
from countersign.rooms.pathology.training.he_crops import Field, crop
from countersign.rooms.pathology.training.pyramid import Pyramid, paces

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Graph:
    """A network as ONNX in fp32, and in eight bits where that draws the same."""

    raw: bytes
    eight: bytes | None = None


NOWHERE = -20.0
"""A logit that no threshold reaches."""

RATE = 2e-3
FOLLOW = 0.995
"""The network that is kept follows the one that learns, by this share of itself a step; by less
where there are few steps, so that it does not keep what it was before it learnt."""


def effort() -> Effort:
    """What this machine can be asked for."""
    return WHOLE if torch.cuda.is_available() else LITTLE


class Network(Pyramid):
    """RGB float32 (n, 3, h, w), 0 to 255, at SIGHT to CHANNELS planes (h / FINER, w / FINER) at
    MPP; h and w multiples of 32."""

    def __init__(self, still: int = 0) -> None:
        super().__init__(CHANNELS, (32, 48, 64, 96), half=True, still=still)

    def seen(self, picture: torch.Tensor) -> torch.Tensor:
        return (picture - 127.0) / 128.0


def learn(
    fields: Sequence[Field],
    seed: int,
    asked: Effort,
    tell: Callable[[int, int, float], None] | None = None,
    start: Weights | None = None,
) -> Network:
    """Trains on crops, on the graphics card if there is one, else on one thread: then the same
    seed gives the same network on the same kind of processor. It begins with ``start``, else with
    what photographs taught. Raises NoExperience."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    where = "cuda" if torch.cuda.is_available() else "cpu"
    model = Network(asked.still)
    if start is not None:
        model.load_state_dict(start)
    model = model.to(device=where, memory_format=torch.channels_last)
    follow = torch.optim.swa_utils.get_ema_multi_avg_fn(max(0.0, min(FOLLOW, 1 - 8 / asked.steps)))
    kept = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=follow, use_buffers=True)
    groups, rates = paces(model, RATE)
    optimiser = torch.optim.AdamW(groups, weight_decay=0.02)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rates, total_steps=asked.steps, pct_start=0.1
    )
    model.train()
    for step in range(asked.steps):
        drawn = [crop(fields, chance, asked.exact) for _ in range(asked.batch)]
        images = torch.from_numpy(np.stack([one[0] for one in drawn])).permute(0, 3, 1, 2)
        with torch.autocast(where, torch.bfloat16):
            said = model(images.to(where).float().contiguous(memory_format=torch.channels_last))
        loss = lost(said.float(), [one[1] for one in drawn])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()
        pace.step()
        kept.update_parameters(model)
        if tell is not None:
            tell(step + 1, asked.steps, float(loss.detach()))
    return kept.module.cpu().eval()


def begun(
    fields: Sequence[Field],
    seed: int,
    asked: Effort,
    tell: Callable[[int, int, float], None],
    kept: Path | None = None,
) -> Weights:
    """What ``fields`` taught, to begin another training with; from the file ``kept`` where it is
    there, else written to it."""
    if kept is not None and kept.is_file():
        return torch.load(kept, map_location="cpu", weights_only=True)
    weights = learn(fields, seed, asked, tell).state_dict()
    if kept is not None:
        part = kept.with_suffix(f".{os.getpid()}")
        torch.save(weights, part)
        part.replace(kept)
    return weights


def draw_no_outlines(model: Network) -> None:
    """Foreground nowhere: what has learnt from centres alone would draw anything as an outline."""
    with torch.no_grad():
        model.out.weight[0] = 0
        model.out.bias[0] = NOWHERE


def lost(said: torch.Tensor, lessons: Sequence[Lesson]) -> torch.Tensor:
    """The sum of what each head lost where the truth is known."""

    def stack(name: str) -> torch.Tensor:
        return torch.from_numpy(np.stack([getattr(one, name) for one in lessons])).to(said.device)

    fore, fore_known = stack("foreground"), stack("foreground_known")
    total = said.new_zeros(())
    if fore_known.any():
        each = functional.binary_cross_entropy_with_logits(said[:, 0], fore, reduction="none")
        total = total + (each * fore_known).sum() / fore_known.sum()
        sure = torch.sigmoid(said[:, 0]) * fore_known
        both = (sure * fore).sum()
        total = total + 1 - 2 * (both + 1) / (sure.sum() + (fore * fore_known).sum() + 2)
    centre, centre_known = stack("centre"), stack("centre_known")
    each = functional.binary_cross_entropy_with_logits(said[:, 1], centre, reduction="none")
    heavier = centre_known * (1 + 6 * centre)
    total = total + 2 * (each * heavier).sum() / centre_known.sum().clamp_min(1)
    way_known = stack("way_known")[:, None]
    apart = functional.smooth_l1_loss(said[:, 2:4], stack("way"), beta=0.25, reduction="none")
    total = total + 2 * (apart * way_known).sum() / way_known.sum().clamp_min(1)
    kind = stack("type").long() - 1
    if (kind >= 0).any():
        total = total + functional.cross_entropy(
            said[:, 4:], kind, ignore_index=-1, label_smoothing=0.05
        )
    return total


def graph(model: nn.Module) -> bytes:
    """As ONNX in fp32, of any number of pictures of any size that is a multiple of 32."""
    out = io.BytesIO()
    torch.onnx.export(
        model,
        (torch.zeros((1, 3, 64, 64)),),
        out,
        input_names=["image"],
        output_names=["maps"],
        dynamic_axes={
            "image": {0: "n", 2: "h", 3: "w"},
            "maps": {0: "n", 2: "rows", 3: "columns"},
        },
        opset_version=17,
        dynamo=False,
    )
    return out.getvalue()


def with_card(card: dict[str, Any], first: Graph, second: Graph | None = None) -> bytes:
    """The first graph with its card as JSON among the file's own properties, and there too what it
    is in eight bits, and the second."""
    import onnx

    whole = onnx.load_model_from_string(first.raw)
    del whole.metadata_props[:]
    held = {
        "eight": first.eight,
        "second": second and second.raw,
        "second-eight": second and second.eight,
    }
    said = {key: b64encode(value).decode() for key, value in held.items() if value is not None}
    said["card"] = json.dumps(card, ensure_ascii=False, sort_keys=True)
    for key, value in sorted(said.items()):
        entry = whole.metadata_props.add()
        entry.key, entry.value = key, value
    return whole.SerializeToString(deterministic=True)


def at_work(raw: bytes) -> HeNetwork:
    """A graph as the product opens it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        file.write_bytes(with_card({"sight": SIGHT}, Graph(raw)))
        return HeNetwork(file)
