"""The report of a slide in words, as it is signed and printed."""

from __future__ import annotations

from countersign.kit.words import Words

from .reporting import Figure, Sight, figures

STAINS = {
    "ki67": Words("Ki-67", "Ki-67"),
    "he": Words("haematoxylin-eosin", "苏木精-伊红"),
    "her2": Words("HER2", "HER2"),
    "pdl1": Words("PD-L1", "PD-L1"),
    "er": Words("oestrogen receptor", "雌激素受体"),
    "pr": Words("progesterone receptor", "孕激素受体"),
    "other-stain": Words("another stain", "其他染色"),
}


def stain_words(stain: str | None) -> Words:
    """A stain's name; the code where nobody gave it one."""
    code = stain or "–"
    return STAINS.get(code, Words(code, code))


def title_of(seen: Sight) -> Words:
    """What is drafted."""
    if seen.count is not None:
        return Words("Ki-67 index of a slide", "切片 Ki-67 指数")
    return Words("Tumour infiltration of a slide", "切片肿瘤浸润")


_DIGITS = {"": 0, "mm²": 3, "/mm²": 0}


def value_of(figure: Figure) -> str:
    """``23.4 % (21.0 – 25.9)``; a dash where nothing was measured."""
    if figure.value is None:
        return "–"
    digits = _DIGITS.get(figure.unit, 1)
    unit = f" {figure.unit}" if figure.unit else ""
    said = f"{figure.value:,.{digits}f}{unit}"
    if figure.low is None or figure.high is None:
        return said
    return f"{said} ({figure.low:.1f} – {figure.high:.1f})"


def told(seen: Sight) -> Words:
    """The figures one a line, then the limits; what a pathologist signs."""
    block = f" {seen.match.accession} {seen.match.block}".rstrip() if seen.match else ""
    stain = stain_words(seen.match.stain if seen.match else None)
    english = [f"Slide{block}, {stain.en}."]
    chinese = [f"切片{block}，{stain.zh}染色。"]
    for figure in figures(seen):
        english.append(f"{figure.title.en}: {value_of(figure)}")
        chinese.append(f"{figure.title.zh}：{value_of(figure)}")
    english.append("Limits: " + " ".join(one.en for one in seen.limits))
    chinese.append("局限：" + "".join(one.zh for one in seen.limits))
    return Words("\n".join(english), "\n".join(chinese))
