"""Takes out of a patient's words what is denied, long past or another person's history."""

from __future__ import annotations

import re

BLANK = "\u2003"
"""Stands for what was taken out, so that nothing grows together that stood apart."""

_CLAUSE = re.compile(r"[^，。；！？,.;!?\n]+(?:\.(?=\d)[^，。；！？,.;!?\n]+)*")
_DENIED_ZH = re.compile(
    r"(?:没有|没(?=发|头|胸|吐|咳)|否认|未见|未出现|无(?!力|法|知觉|反应|尿)|不伴|不(?=发烧|发热|喘|咳|头|胸|腹|疼|痛))"
    r"(?!眼泪|痛苦|排气|排便|大便|小便|尿|胎动|知觉|感觉|力气|反应|精神|意识|脉|用|劲|呼吸|醒)"
    r"[^，。；！？,.;!?\n但]*"
)
_NEVER_ZH = re.compile(r"从来{0,1}没有{0,1}想过{0,1}[^，。；！？,.;!?\n]*")
_DENIED_EN = re.compile(
    r"\b(?:no|without|denies|denied|never had|never)\b"
    r"(?!\s+(?:wet|urine|wee|pee|tears|point|pulse|feeling|sensation|movement|stool|longer|response|use)\b)"
    r"(?:(?!\b(?:and|but|now|then|today)\b)[^,.;!?\n])*"
    r"|\b(?:not|isn't|is not)\s+"
    r"(?:breathless|short of breath|in pain|vomiting|pregnant|bleeding)\b",
    re.IGNORECASE,
)
_LONG_PAST = re.compile(
    r"去年|前年|上个月|小时候|曾经|年前|生前|得过|\blast (?:year|month)\b|\byears? ago\b"
    r"|\bas a (?:child|toddler|baby|boy|girl)\b|\bin the past\b|\bpreviously\b|\bmonths ago\b",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"今天|现在|刚才|刚刚|又|突然|\bnow\b|\btoday\b|\bagain\b|\bsince\b|\bstill\b", re.IGNORECASE
)
_OF_OTHERS = re.compile(
    r"(?:我的{0,1}|有个)(?:朋友|同事|邻居|同学)|家族史|去世|\bdied of\b"
    r"|\ba (?:friend|neighbour|colleague)\b|\bfamily history\b",
    re.IGNORECASE,
)


def denied_taken_out(text: str) -> str:
    """The words without what is denied; everything else keeps its place."""
    for pattern in (_NEVER_ZH, _DENIED_ZH, _DENIED_EN):
        text = pattern.sub(_blank, text)
    return text


def past_taken_out(text: str) -> str:
    """The words without clauses of what is long past or happened to somebody else."""

    def judged(clause: re.Match[str]) -> str:
        said = clause.group()
        old = _LONG_PAST.search(said) and not _NOW.search(said)
        return _blank(clause) if old or _OF_OTHERS.search(said) else said

    return _CLAUSE.sub(judged, text)


def _blank(found: re.Match[str]) -> str:
    return BLANK * len(found.group())
