"""How the kernel's functions are compiled: once for a machine, one thread, the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba  # pyright: ignore[reportMissingTypeStubs]

Compiled = TypeVar("Compiled", bound=Callable[..., object])
_njit = cast("Callable[..., Any]", numba.njit)  # pyright: ignore[reportUnknownMemberType]


def compiled(function: Compiled) -> Compiled:
    """Compiled at its first call and kept beside the source or in the user's cache.

    Without fast mathematics and without contraction to fused operations across statements, so
    that results do not depend on the machine's instructions.
    """
    return cast("Compiled", _njit(cache=True, nogil=True)(function))
