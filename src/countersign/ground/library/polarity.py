"""Whether a clause affirms or denies, and which side of the body it speaks of."""

from __future__ import annotations

import re

from .words import fold

_NOT_DENIALS = (
    "不仅|不但|不过|不论|不管|无论|不断|不同|不少|不良|不足|不适|不全|不孕|不育|不规则|不稳定|不等"
    "|非常|莫非|未来|非甾体|无创|不久|不一|无数"
)
_DENIALS = (
    "不|未|无|没有|没|勿|禁止|禁用|禁忌|避免|切忌|忌|否认|阴性|非(?!那)|反对|停用|慎用|免于|缺乏"
    "|排除"
)
_ENGLISH = (
    r"\b(?:not|no|never|without|none|neither|nor|avoid(?:s|ed|ing)?|contraindicat\w*|den(?:y|ies|ied)"
    r"|negative|absen(?:t|ce)|lacks?|lacking|fails?|failed|unable|unlikely|discouraged?|non)\b"
)
DENIAL = re.compile(rf"(?P<lexical>{_NOT_DENIALS})|{_DENIALS}|{_ENGLISH}")
_SHORT = re.compile(r"(?<=[a-z])n['’]t\b|(?<=can)not\b")
_CLAUSE = re.compile(
    r"[。、!?;\n()【】]|(?<!\d)[,:]|[,:](?!\d)|\.(?=\s|$)|\b(?:but|however|whereas|and)\b|但|而"
)
_LEFT = re.compile(r"左|\bleft\b")
_RIGHT = re.compile(r"右|\bright\b(?! now)")
_BOTH = re.compile(r"双侧|双肾|两侧|双[\u4e00-\u9fff]|\bbilateral\b|\bboth\b")

OPPOSITES = tuple(
    (re.compile(one), re.compile(other))
    for one, other in (
        ("升高|增高|上升", "降低|下降|减低"),
        ("增加|增多|增大", "减少|减小|缩小"),
        (r"\bincreas\w*|\bhigher\b|\braised?\b", r"\bdecreas\w*|\blower\w*\b|\breduc\w*"),
        ("良性", "恶性"),
        (r"\bbenign\b", r"\bmalignan\w*"),
        ("阳性", "阴性"),
        (r"\bpositive\b", r"\bnegative\b"),
        ("急性", "慢性"),
        (r"\bacute\b", r"\bchronic\b"),
        ("术前", "术后"),
        (r"\bbefore\b", r"\bafter\b"),
        ("可逆", "不可逆"),
        ("静脉", "动脉"),
        ("上段", "下段"),
    )
)
"""Words that say the contrary of one another; a sentence may not turn one into the other."""


def plain(text: str) -> str:
    """Folded text in which shortened English denials are whole words."""
    return _SHORT.sub(" not", fold(text))


def denials(text: str) -> int:
    """How many words of ``plain`` text deny."""
    return sum(1 for match in DENIAL.finditer(text) if not match["lexical"])


def clauses(text: str) -> list[str]:
    """The parts of a ``plain`` text that can affirm and deny on their own."""
    return [part.strip() for part in _CLAUSE.split(text) if len(part.strip()) > 1]


def sides(text: str) -> frozenset[str]:
    """Of ``left``, ``right`` and ``both``, what a ``plain`` text names."""
    found = {"left": _LEFT, "right": _RIGHT, "both": _BOTH}
    return frozenset(side for side, pattern in found.items() if pattern.search(text))


def turned(text: str, source: str) -> list[str]:
    """Words of ``text`` whose contrary, and not they themselves, stands in ``source``."""
    found: list[str] = []
    for pair in OPPOSITES:
        for mine, contrary in (pair, pair[::-1]):
            said = mine.search(text)
            if said and contrary.search(source) and not mine.search(source):
                found.append(said.group())
    return found
