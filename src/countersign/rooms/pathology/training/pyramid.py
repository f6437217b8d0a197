"""A network that sees a picture on five floors and draws maps of it, learnt from few pictures."""

# The train extra, and with it the types of PyTorch, is not there where types are checked.
# pyright: basic, reportMissingImports=false
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from countersign.rooms.pathology.training.lite0 import FLOORS, experienced

GENTLY = 0.3
"""The eye, which has seen much, learns at this share of the rate of what is new."""


class Pyramid(nn.Module):
    """(n, 3, h, w), h and w multiples of 32, to (n, ``maps``, h, w) or half that side.

    A U-Net (Ronneberger et al. 2015, arXiv:1505.04597) on the floors of ``lite0.Eye``, that adds
    where that one joins. ``half``: the maps have half the picture's side; else they are enlarged to
    it. ``whole``: the top also sees the mean of the picture. ``still``: so many of the eye's first
    blocks keep the weights they came with.
    """

    def __init__(
        self,
        maps: int,
        widths: Sequence[int],
        *,
        half: bool = False,
        whole: bool = False,
        still: int = 0,
    ) -> None:
        super().__init__()
        self.eye = experienced()
        for one in self.eye.first(still) if still else ():
            one.requires_grad_(False)
        top = FLOORS[-1]
        self.whole = nn.Conv2d(top, top, 1) if whole else None
        self.drop = nn.Dropout2d(0.1)
        beside = zip(FLOORS, widths, strict=False)
        self.side = nn.ModuleList([nn.Conv2d(floor, width, 1) for floor, width in beside])
        above = zip([*widths[1:], top], widths, strict=True)
        self.lift = nn.ModuleList([nn.Conv2d(up, width, 1) for up, width in above])
        self.join = nn.ModuleList(
            [nn.Sequential(*layer(width, width), *layer(width, width)) for width in widths]
        )
        self.half = half
        self.out = nn.Conv2d(widths[0], maps, 1)

    def seen(self, picture: torch.Tensor) -> torch.Tensor:
        """The picture as the eye knows pictures: RGB, about -1 to 1."""
        raise NotImplementedError

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        picture = self.seen(picture)
        *floors, flow = self.eye(picture)
        if self.whole is not None:
            flow = flow + self.whole(flow.mean((2, 3), keepdim=True))
        flow = self.drop(flow)
        for number in reversed(range(len(self.side))):
            flow = self.join[number](
                _twice(self.lift[number](flow)) + self.side[number](floors[number])
            )
        said = self.out(flow)
        if self.half:
            return said
        return functional.interpolate(said, scale_factor=2.0, mode="bilinear")


def paces(model: nn.Module, rate: float) -> tuple[list[dict[str, Any]], list[float]]:
    """The weights of a network in groups for an optimiser, and the highest rate of each."""
    eye = list(model.eye.parameters()) if isinstance(model, Pyramid) else []
    known = {id(one) for one in eye}
    new = [one for one in model.parameters() if id(one) not in known]
    eye = [one for one in eye if one.requires_grad]
    groups = [(new, rate), (eye, rate * GENTLY)]
    used = [(weights, pace) for weights, pace in groups if weights]
    return [{"params": weights, "lr": pace} for weights, pace in used], [pace for _, pace in used]


def layer(before: int, width: int) -> tuple[nn.Module, ...]:
    """Three by three, scaled, cut at 0."""
    convolved = nn.Conv2d(before, width, 3, padding=1, bias=False)
    return convolved, nn.BatchNorm2d(width), nn.ReLU(inplace=True)


def _twice(flow: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(flow, scale_factor=2.0, mode="nearest")
