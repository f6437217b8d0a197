"""The networks that outline glands and say how malignant they look, learnt with PyTorch."""

# The train extra, and with it the types of PyTorch, is not there where types are checked.
# pyright: basic, reportMissingImports=false
from __future__ import annotations

import copy
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from countersign.rooms.pathology.domain.gland_pixels import STEP, Floats
from countersign.rooms.pathology.training.pyramid import Pyramid, paces

UNKNOWN, NONE, BENIGN, MALIGNANT = 255, 0, 1, 2
"""What a pixel of a truth says: not labelled, no gland, a benign or a malignant gland's."""

WIDTHS = (16, 32, 64, 96, 128)
"""Channels of each floor of the pyramid, the finest first."""

OWN = 2
"""Floors that scale each picture by itself, so that what stain and scanner add to all of it is
taken out where it enters (after IBN-Net, Pan et al., ECCV 2018)."""

CROP = 256
BATCH = 8
RATE, RATE_OF_PYRAMID = 3e-3, 4e-3
STEPS = 400
"""Batches of a training on a hospital's fields: about eight minutes of one undisturbed core."""


@dataclass(frozen=True, slots=True)
class Field:
    """``pixels`` float32 (3, h, w) as ``prepared`` gives them; ``truth`` uint8 (h, w)."""

    pixels: Floats
    truth: NDArray[np.uint8]
    patient: str


class Outliner(nn.Module):
    """(n, 3, h, w) to logits (n, 2, h, w): gland, and malignant if gland; h, w multiples of 32.
    The small one, which ships: it learnt from slides that the project draws.

    A pyramid of five floors that starts at half resolution: two by two pixels become channels,
    so that nothing is thrown away. Its top has to see far: the lumen of a large gland, full of
    debris, is the gland's only because epithelium lies all around it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList()
        before = 12
        for number, width in enumerate(WIDTHS):
            own = number < OWN
            twice = _layer(width, width, own) if number else ()
            self.down.append(nn.Sequential(*_layer(before, width, own), *twice))
            before = width
        self.whole = nn.Conv2d(before, before, 1)
        self.side = nn.ModuleList([nn.Conv2d(width, width, 1) for width in WIDTHS[:-1]])
        self.lift = nn.ModuleList(
            [nn.Conv2d(up, width, 1) for width, up in zip(WIDTHS, WIDTHS[1:], strict=False)]
        )
        self.join = nn.ModuleList([nn.Sequential(*_layer(width, width)) for width in WIDTHS[:-1]])
        self.drop = nn.Dropout2d(0.1)
        self.out = nn.Conv2d(WIDTHS[0], 2, 1)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        flow = functional.pixel_unshuffle(pixels, 2)
        floors = []
        for number, block in enumerate(self.down):
            flow = block(functional.max_pool2d(flow, 2) if number else flow)
            floors.append(flow)
        flow = self.drop(flow + self.whole(flow.mean((2, 3), keepdim=True)))
        for number in reversed(range(len(self.side))):
            up = functional.interpolate(self.lift[number](flow), scale_factor=2.0, mode="nearest")
            flow = self.join[number](up + self.side[number](floors[number]))
        small = self.out(flow)
        return functional.interpolate(small, scale_factor=2.0, mode="bilinear")


class Practised(Pyramid):
    """The same from an eye that has seen photographs: what a hospital teaches its own fields."""

    def __init__(self) -> None:
        super().__init__(2, (24, 32, 48, 64), whole=True)

    def seen(self, picture: torch.Tensor) -> torch.Tensor:
        # Densities over their mean in the tissue, as light again.
        return torch.exp(-0.9 * picture) * 2 - 1


def _layer(before: int, width: int, own: bool = False) -> tuple[nn.Module, ...]:
    """``own``: by the mean and spread of this very picture, else by those of all pictures."""
    scale = nn.InstanceNorm2d(width, affine=True) if own else nn.BatchNorm2d(width)
    convolved = nn.Conv2d(before, width, 3, padding=1, bias=False)
    return convolved, scale, nn.ReLU(inplace=True)


def learn(
    fields: Sequence[Field],
    seed: int,
    steps: int,
    tell: Callable[[int, int], None] | None = None,
    start: nn.Module | None = None,
) -> nn.Module:
    """Trains ``start`` for ``steps`` batches; without it, the small network from nothing. One
    thread; the same seed and fields give the same network.

    Patients are drawn alike often, whatever the number of their fields; what is kept is a moving
    average of the weights over the last steps.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    model = Outliner() if start is None else copy.deepcopy(start)
    model = model.to(memory_format=torch.channels_last)
    groups, rates = paces(model, RATE_OF_PYRAMID if isinstance(model, Pyramid) else RATE)
    # With few steps it would else keep what it was before it learnt.
    follow = torch.optim.swa_utils.get_ema_multi_avg_fn(max(0.0, min(0.99, 1 - 3 / steps)))
    mean = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=follow, use_buffers=True)
    optimiser = torch.optim.AdamW(groups, weight_decay=0.02)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, rates, total_steps=steps, pct_start=0.15)
    draw = _weights(fields)
    model.train()
    for step in range(steps):
        chosen = chance.choice(len(fields), BATCH, p=draw)
        pairs = [_seen(fields[int(number)], chance) for number in chosen]
        pixels = torch.stack([one for one, _ in pairs]).contiguous(
            memory_format=torch.channels_last
        )
        loss = _loss(model(pixels), torch.stack([one for _, one in pairs]))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()
        pace.step()
        mean.update_parameters(model)
        if tell is not None:
            tell(step + 1, steps)
    return mean.module.eval()


def _weights(fields: Sequence[Field]) -> NDArray[np.float64]:
    """Benign and malignant alike, and inside a grade by the root of a patient's fields."""
    sick = np.array([bool((one.truth == MALIGNANT).any()) for one in fields])
    names = np.array([one.patient for one in fields])
    weight = np.zeros(len(fields))
    for grade in (False, True):
        of = sick == grade
        for name in sorted(set(names[of].tolist())):
            here = of & (names == name)
            weight[here] = here.sum() ** -0.5
        if of.any():
            weight[of] /= weight[of].sum()
    return weight / weight.sum()


def _seen(field: Field, chance: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """A crop turned, mirrored, scaled, bent and stained otherwise."""
    pixels, truth = torch.from_numpy(field.pixels)[None], torch.from_numpy(field.truth)
    where = _bent(field.truth.shape, chance)
    seen = functional.grid_sample(
        pixels, where, mode="bilinear", padding_mode="reflection", align_corners=False
    )[0]
    told = functional.grid_sample(
        truth[None, None].float(),
        where,
        mode="nearest",
        padding_mode="reflection",
        align_corners=False,
    )[0, 0]
    return _stained(seen, chance), told.to(torch.uint8)


def _bent(shape: tuple[int, int], chance: np.random.Generator) -> torch.Tensor:
    """Where each pixel of a crop comes from, (1, CROP, CROP, 2) in [-1, 1]."""
    height, width = shape
    turn = chance.uniform(0, 2 * np.pi)
    scale = np.exp(chance.uniform(np.log(0.75), np.log(1.33)))
    stretch = np.exp(chance.uniform(-0.15, 0.15))
    mirror = 1.0 if chance.random() < 0.5 else -1.0
    half = CROP / 2
    centre = [chance.uniform(min(half, n / 2), max(n - half, n / 2)) for n in (width, height)]
    line = torch.arange(CROP, dtype=torch.float32) - half + 0.5
    y, x = torch.meshgrid(line, line, indexing="ij")
    coarse = torch.from_numpy(chance.normal(0, 5.0, (1, 2, 5, 5)).astype(np.float32))
    wave = functional.interpolate(coarse, size=(CROP, CROP), mode="bicubic", align_corners=True)[0]
    x, y = x * scale * stretch * mirror + wave[0], y * scale / stretch + wave[1]
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    at_x, at_y = cos * x - sin * y + centre[0], sin * x + cos * y + centre[1]
    return torch.stack([at_x / width * 2 - 1, at_y / height * 2 - 1], -1)[None]


def _stained(pixels: torch.Tensor, chance: np.random.Generator) -> torch.Tensor:
    """Densities mixed a little between the channels, stronger or weaker, and sometimes blurred."""
    grey = chance.uniform(0, 1) if chance.random() < 0.3 else 0.0
    own = (1 - grey) * np.eye(3) + grey * np.full((3, 3), 1 / 3)
    strong = np.exp(chance.normal(0, 0.2, (3, 1)) + chance.normal(0, 0.2))
    mix = own * strong + chance.normal(0, 0.1, (3, 3))
    mixed = torch.einsum("ab,bhw->ahw", torch.from_numpy(mix.astype(np.float32)), pixels)
    mixed = mixed + float(chance.normal(0, 0.05))
    if chance.random() < 0.5:
        power = float(np.exp(chance.normal(0, 0.15)))
        mixed = mixed.clamp_min(0.0).add(1e-4).pow(power)
    if chance.random() < 0.3:
        mixed = functional.avg_pool2d(mixed[None], 3, 1, 1)[0]
    return mixed + torch.from_numpy(
        chance.normal(0, chance.uniform(0, 0.08), mixed.shape).astype(np.float32)
    )


def _loss(said: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Cross-entropy and Dice of the outline; cross-entropy of the grade where a gland is."""
    known = (truth != UNKNOWN).float()
    gland = ((truth != NONE) & (truth != UNKNOWN)).float()
    entropy = functional.binary_cross_entropy_with_logits(said[:, 0], gland, reduction="none")
    entropy = (entropy * known).sum() / known.sum().clamp_min(1.0)
    share = torch.sigmoid(said[:, 0]) * known
    both = (share * gland).sum((1, 2))
    overlap = (2 * both + 50) / (share.sum((1, 2)) + gland.sum((1, 2)) + 50)
    sick = (truth == MALIGNANT).float()
    grade = functional.binary_cross_entropy_with_logits(said[:, 1], sick, reduction="none")
    grade = (grade * gland).sum() / gland.sum().clamp_min(1.0)
    return entropy + 0.5 * (1 - overlap.mean()) + 0.3 * grade


def outlined(model: nn.Module, pixels: Floats) -> Floats:
    """Probabilities (2, h, w) of a picture (3, h, w) of any size, mean of four mirrorings."""
    height, width = pixels.shape[1:]
    pad = [(0, 0), (0, -height % STEP), (0, -width % STEP)]
    whole = torch.from_numpy(np.pad(pixels, pad, mode="symmetric"))[None]
    with torch.inference_mode():
        total = torch.zeros((2, *whole.shape[2:]))
        for axes in ((), (2,), (3,), (2, 3)):
            said = torch.sigmoid(model(torch.flip(whole, axes)))
            total += torch.flip(said, axes)[0]
    return (total / 4).numpy()[:, :height, :width]


def graph(model: nn.Module) -> bytes:
    """The network as an ONNX graph of any height and width that are multiples of 32."""
    out = io.BytesIO()
    torch.onnx.export(
        model,
        (torch.zeros((1, 3, 64, 64)),),
        out,
        input_names=["pixels"],
        output_names=["logits"],
        dynamic_axes={"pixels": {0: "n", 2: "h", 3: "w"}, "logits": {0: "n", 2: "h", 3: "w"}},
        opset_version=17,
        dynamo=False,
    )
    return out.getvalue()
