"""Which analyses there are, for which stain, and how a slide is opened: one list for the room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from countersign.ground.imaging import Slide, open_slide

from .analysis import Analysis

Opener = Callable[[Path], Slide]
"""A module's own function, so that it can be named to another process."""

MakeAnalysis = Callable[[], Analysis]
"""A class or a module's own function without arguments, for the same reason."""


@dataclass(frozen=True, slots=True)
class Registry:
    """``by_stain`` names the analysis that runs on a stain (``ki67``, ``he``)."""

    by_stain: Mapping[str, MakeAnalysis] = field(default_factory=dict[str, MakeAnalysis])
    opener: Opener = open_slide


def ki67() -> Analysis:
    """Loaded only where it computes: a web process needs no compiler."""
    from .ki67 import Ki67

    return Ki67()


def he() -> Analysis:
    """The method without training."""
    from .he import HE

    return HE()


@dataclass(frozen=True, slots=True)
class OwnModel:
    """An analysis with a model that this hospital trained: the same in every process."""

    analysis: str
    file: Path | None = None
    glands: Path | None = None
    """The network that outlines glands on H&E; None, as ``file``: what came with the software."""

    def __call__(self) -> Analysis:
        """Raises BadNetwork, ValueError where a file holds no such model."""
        if self.analysis == "ki67":
            from .ki67 import Ki67

            return Ki67() if self.file is None else Ki67(self.file)
        from .he import HE

        return HE(self.file, self.glands)


ANALYSES: Mapping[str, MakeAnalysis] = {"ki67": ki67, "he": he}
TRAINED: Mapping[str, str] = {"ki67": "pathology-tumour", "he": "pathology-nuclei"}
"""Which work of the hospital's own training each analysis takes its model from."""

OUTLINING: Mapping[str, str] = {"he": "pathology-glands"}
"""And its network for glands."""

REGISTRY = Registry(ANALYSES)
