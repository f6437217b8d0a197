"""What two methods answer to the same question on one slide, and where they disagree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from countersign.kit.words import Words

from . import report_words
from .measured import Findings


@dataclass(frozen=True, slots=True)
class Opinions:
    """Both answers as people read them; ``of`` names the figure, and ``apart`` says whether the
    room calls this a disagreement. ``before``: the first is that of before any correction."""

    of: Words
    first: str
    second: str
    apart: bool
    before: bool = True

    @property
    def limit(self) -> Words:
        """The disagreement, as the limit of an answer."""
        values = {"english": self.of.en, "chinese": self.of.zh}
        said = {"first": self.first, "second": self.second}
        return report_words.limit({"code": "methods-disagree", **values, **said})


def opinions(analysis: str, findings: Findings) -> tuple[Opinions, ...]:
    """One for each figure that a second method answered too, the most important first."""
    said = any(one.get("code") == "methods-disagree" for one in findings.limits)
    second = findings.second
    found = _index(findings, second, said) if analysis == "ki67" else _he(findings, second, said)
    return tuple(found)


def _index(findings: Findings, second: Mapping[str, Any], said: bool) -> Iterator[Opinions]:
    if second.get("index") is None:
        return
    values = (second.get("ours", findings.figures.get("index")), second["index"])
    first, other = (report_words.percent(None if one is None else float(one)) for one in values)
    apart = said or bool(second.get("disagrees"))
    of = Words("the Ki-67 index", " Ki-67 指数")
    if "ours" in second:  # not the slide's index: both count every nucleus of some places
        of = Words(
            "the Ki-67 index of all nuclei, tumour or not, where both looked",
            "共同测量处全部细胞核（含非肿瘤细胞核）的 Ki-67 指数",
        )
    yield Opinions(of, first, other, apart)


def _he(findings: Findings, second: Mapping[str, Any], said: bool) -> Iterator[Opinions]:
    """Of the same stroma, and of the same places: a second method looks at parts of a slide."""
    if second.get("til_percent") is not None:
        ours = second.get("til_ours", findings.figures.get("til_percent"))
        first = "–" if ours is None else f"{ours} %"
        of = Words("the stromal TIL figure", "间质 TIL 数值")
        if second.get("til_ours") is not None:
            of = Words(f"{of.en} where both looked", f"共同测量处的{of.zh}")
        yield Opinions(of, first, f"{second['til_percent']} %", said, before=False)
    nuclei: Mapping[str, Any] = second.get("nuclei") or {}
    if nuclei.get("tiles"):
        places = f"{int(nuclei['tiles']):,}"
        of = Words(f"how many nuclei lie in {places} places", f" {places} 处的细胞核数")
        first, other = (f"{int(nuclei[name]):,}" for name in ("nuclei", "second"))
        yield Opinions(of, first, other, bool(nuclei.get("disagree")))
