"""Quality control of a record against the standard and its kind, before anybody signs it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from countersign.kit.words import Words

from .kinds import RecordKind

LONGEST_CHIEF = 20
"""Signs of a Chinese chief complaint that hospitals' checks usually allow."""

_TIME = re.compile(
    r"\d|[一二两三四五六七八九十半数几]\s*(?:天|日|周|月|年|小时)|\b(?:day|week|month|year|hour)",
    re.I,
)
_SPOKEN = re.compile(r"拉肚子|发烧|肚子疼|流鼻涕|嗓子疼|宝宝")
_OPEN = re.compile(r"_{2,}|\[\s*\]|（\s*）|\?\?|XX|xx")
PLAIN = {
    "拉肚子": "腹泻",
    "发烧": "发热",
    "肚子疼": "腹痛",
    "流鼻涕": "流涕",
    "嗓子疼": "咽痛",
    "宝宝": "患儿",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """``grave`` remarks stand in the way of a complete record; others are advice."""

    section: str
    words: Words
    grave: bool


def remarks(kind: RecordKind, texts: Mapping[str, str], language: str) -> tuple[Remark, ...]:
    """What the standard asks for and the text lacks."""
    found: list[Remark] = []
    for section in kind.sections:
        text = texts.get(section.id, "").strip()
        if not text:
            if section.required:
                words = Words("Required and empty.", "必填项目缺失。")
                found.append(Remark(section.id, words, True))
            continue
        if _OPEN.search(text):
            words = Words("A place is still to be filled.", "有待填写的空位。")
            found.append(Remark(section.id, words, True))
        if section.render == "chief":
            found += _chief(section.id, text, language)
        spoken = _SPOKEN.search(text)
        if spoken:
            words = Words(f"“{spoken[0]}” is spoken language.",
                          f"“{spoken[0]}”为口语，建议写作“{PLAIN[spoken[0]]}”。")  # fmt: skip
            found.append(Remark(section.id, words, False))
    return tuple(found)


def _chief(name: str, text: str, language: str) -> list[Remark]:
    found: list[Remark] = []
    if not _TIME.search(text):
        words = Words("It does not say since when.", "未写明持续时间。")
        found.append(Remark(name, words, False))
    if language == "zh" and len(text.rstrip("。")) > LONGEST_CHIEF:
        words = Words(f"Longer than {LONGEST_CHIEF} signs.", f"超过 {LONGEST_CHIEF} 字。")
        found.append(Remark(name, words, False))
    return found
