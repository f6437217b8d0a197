"""What the figures and the limits of a slide mean, in words of both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from countersign.kit.words import Words

LIMITS: Final[Mapping[str, tuple[str, str]]] = {
    "few-tumour-cells": (
        "Only {cells} tumour nuclei were counted; at least 500 are asked for.",
        "仅计数 {cells} 个肿瘤细胞核，要求至少 500 个。",
    ),
    "stain-out-of-range": (
        "The stain lies outside the range in which the method was made: colours may be misread.",
        "染色超出方法适用范围，颜色可能误读。",
    ),
    "few-pixels": (
        "Too little stained tissue to estimate the stain of this slide; published stain vectors "
        "were used.",
        "着色组织过少，无法估计本切片染色，采用已发表的染色向量。",
    ),
    "coarse-pixels": (
        "The slide's pixels of {mpp} µm are coarser than the method was made for ({most} µm).",
        "切片像素 {mpp} µm，粗于方法适用的 {most} µm。",
    ),
    "few-nuclei": ("Only {nuclei} nuclei were found.", "仅检出 {nuclei} 个细胞核。"),
    "types-by-rule": (
        "Nuclei were typed by a written rule, not by a trained classifier.",
        "细胞核按既定规则分型，未使用经训练的分类器。",
    ),
    "tumour-not-learnt": (
        "The classifier of nuclei has not learnt this kind of tumour.",
        "细胞核分类器未学习过此类肿瘤。",
    ),
    "focus": (
        "Parts of the tissue are out of focus; nuclei there may be missed.",
        "部分组织失焦，该处细胞核可能漏检。",
    ),
    "out-of-focus": (
        "Parts of the tissue are out of focus; nuclei there may be missed.",
        "部分组织失焦，该处细胞核可能漏检。",
    ),
    "pen-or-fold": (
        "Pen marks or folds cover part of the tissue; nuclei there may be missed or miscounted.",
        "笔迹或褶皱覆盖部分组织，该处细胞核可能漏检或误计。",
    ),
    "artefacts": (
        "Folds, pen marks or blur cover part of the tissue and were left out.",
        "褶皱、笔迹或失焦覆盖部分组织，已排除。",
    ),
    "non-tumour-nuclei": (
        "Which nuclei are a tumour's was decided by a program ({share} were left out); others may "
        "stand in the denominator: draw the tumour region.",
        "是否肿瘤细胞核由程序判定（已排除 {share}），分母中仍可能含其他细胞核，请勾画肿瘤区域。",
    ),
    "non-tumour-nuclei-drawn": (
        "In the tumour region that a pathologist drew, a program decided which nuclei are a "
        "tumour's ({share} were left out).",
        "病理医师勾画的肿瘤区域内，是否肿瘤细胞核由程序判定（已排除 {share}）。",
    ),
    "few-in-hotspot": (
        "Only {cells} tumour nuclei lie in the hotspot drawn by hand; at least 500 are asked for.",
        "人工勾画的热点区内仅 {cells} 个肿瘤细胞核，要求至少 500 个。",
    ),
    "no-hotspot": (
        "No field holds 500 tumour nuclei: there is no hotspot figure.",
        "无视野含 500 个肿瘤细胞核，未给出热点区指数。",
    ),
    "til-not-validated": (
        "The TIL figure was not validated on slides of this hospital.",
        "TIL 数值未经本院切片验证。",
    ),
    "no-tumour-region": (
        "No tumour region was found on this slide: draw it, and infiltration is counted in it.",
        "未检出肿瘤区域。请勾画肿瘤区域，系统将据此统计浸润淋巴细胞。",
    ),
    "region-by-program": (
        "The tumour region was outlined by the program, not by a pathologist.",
        "肿瘤区域由程序勾画，未经病理医师勾画。",
    ),
    "glands-not-validated": (
        "Glands are outlined by a network that learnt from drawn slides alone; look at each.",
        "腺体轮廓由仅以模拟切片训练的网络给出，请逐一核对。",
    ),
    "glands-by-own-network": (
        "Glands are outlined by a network that was trained in this hospital; look at each.",
        "腺体轮廓由本院训练的网络给出，请逐一核对。",
    ),
    "glands-in-part": (
        "Glands were not looked for in {mm2} mm² of the slide.",
        "切片中有 {mm2} mm² 未检索腺体。",
    ),
    "little-stroma": (
        "Only {mm2} mm² of stroma lie in the tumour; the TIL figure is uncertain.",
        "肿瘤内间质仅 {mm2} mm²，TIL 数值不确定。",
    ),
    "few-inflammatory-cells": (
        "Only {cells} inflammatory cells were counted.",
        "仅计数 {cells} 个炎症细胞。",
    ),
    "second-til-in-part": (
        "The second opinion on TILs looked at {mm2} mm² of this stroma, for small, round, dark "
        "spots and not for the nuclei that were found. Other small round nuclei, such as those of "
        "plasma cells or apoptosis, mislead both.",
        "TIL 第二意见复看了其中 {mm2} mm² 间质，依据小而圆的深染斑点，不依赖已检出的细胞核。"
        "浆细胞、凋亡等其他小圆核会同时误导两者。",
    ),
    "no-second-til": (
        "There is no second opinion on TILs here: too little of this stroma was looked at again.",
        "此处无 TIL 第二意见：该间质复看面积过小。",
    ),
    "untyped-nuclei": (
        "{share} of the nuclei could not be typed.",
        "{share} 的细胞核无法分型。",
    ),
    "methods-disagree": (
        "Two methods disagree on {english}: {first} and {second}. A second signature is asked for.",
        "两种方法所得{chinese}不一致：{first} 与 {second}，需第二签署。",
    ),
}
"""Codes of ``Findings.limits``; the braces are filled with the values that stand beside a code."""

FIGURES: Final[Mapping[str, tuple[str, str, str]]] = {
    "til_percent": ("Stromal TILs", "间质 TIL", "%"),
    "til_low": ("Stromal TILs, lower end of the 95 % interval", "间质 TIL 95 % 区间下限", "%"),
    "til_high": ("Stromal TILs, upper end of the 95 % interval", "间质 TIL 95 % 区间上限", "%"),
    "til_cells": ("Inflammatory cells in the stroma", "间质炎症细胞数", ""),
    "stroma_mm2": ("Stroma in the tumour", "肿瘤内间质面积", "mm²"),
    "tumour_mm2": ("Tumour region", "肿瘤区域面积", "mm²"),
    "tissue_mm2": ("Tissue", "组织面积", "mm²"),
    "necrosis_mm2": ("Necrosis", "坏死面积", "mm²"),
    "density_centre": ("Inflammatory cells in the centre", "中心炎症细胞密度", "/mm²"),
    "density_inner_front": (
        "Inflammatory cells, inner side of the front", "浸润前缘内侧炎症细胞密度", "/mm²",
    ),
    "density_outer_front": (
        "Inflammatory cells, outer side of the front", "浸润前缘外侧炎症细胞密度", "/mm²",
    ),
    "density_nests": ("Inflammatory cells in tumour nests", "癌巢内炎症细胞密度", "/mm²"),
    "nuclei": ("Nuclei found", "检出细胞核数", ""),
    "glands": ("Glands outlined", "勾画的腺体数", ""),
    "gland_mm2": ("Area of the glands", "腺体面积", "mm²"),
}  # fmt: skip
"""Figures by name with their unit; those that are not named here are not shown to people."""


def limit(said: Mapping[str, Any]) -> Words:
    """A limit in words; a code without words is shown as it is, never hidden."""
    code = str(said.get("code", ""))
    if code not in LIMITS:
        rest = "; ".join(
            f"{name}: {_shown(value)}" for name, value in said.items() if name != "code"
        )
        return Words(f"Limit: {code}. {rest}".strip(), f"局限：{code}。{rest}".strip())
    english, chinese = LIMITS[code]
    values = _Values({name: _shown(value) for name, value in said.items()})
    if isinstance(said.get("share"), int | float):
        values["share"] = percent(float(said["share"]))
    return Words(english.format_map(values), chinese.format_map(values))


def figures(given: Mapping[str, Any]) -> list[tuple[Words, str]]:
    """Those figures that have words, in the order of ``FIGURES``, each with its unit."""
    return [
        (Words(english, chinese), f"{_shown(given[name])} {unit}".strip())
        for name, (english, chinese, unit) in FIGURES.items()
        if given.get(name) is not None
    ]


class _Values(dict[str, str]):
    """A value that a limit does not bring is a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def _shown(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def percent(share: float | None) -> str:
    """``23.4 %``, or a dash."""
    return "–" if share is None else f"{100 * share:.1f} %"
