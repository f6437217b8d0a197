"""Passages to search in: small, invented, in both languages."""

from __future__ import annotations

from countersign.ground.library import Passage

WARD = "ward"

ZH = (
    "前列腺增生患者应限制夜间饮水，首选α受体阻滞剂。",
    "输尿管结石小于5mm者多可自行排出，平均需要17天。",
    "肾积水合并感染时应尽快引流，并给予抗生素。",
    "糖尿病患者血糖控制目标为糖化血红蛋白低于7%。",
)
EN = (
    "Alpha blockers are first-line treatment for men with moderate urinary symptoms.",
    "Stones below 5 mm usually pass without surgery.",
    "An infected, obstructed kidney needs urgent drainage and antibiotics.",
    "Metformin is not recommended when the eGFR is below 30 mL/min.",
)


def passage(text: str, id: str, *, reach: str = WARD, version: str = "v1") -> Passage:
    """One passage that is the whole of its version's text."""
    language = "en" if text.isascii() else "zh"
    return Passage(id, f"d-{version}", version, 0, 0, len(text), text, (), None, language, reach)


def shelf_of(*texts: str, reach: str = WARD, version: str = "v1") -> list[Passage]:
    """Passages with ids that follow their order."""
    return [
        passage(text, f"{version}/{reach}/{number}", reach=reach, version=version)
        for number, text in enumerate(texts)
    ]
