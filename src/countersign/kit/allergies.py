"""How a chart says that a patient has no allergy: such an entry is no allergy to anything."""

from __future__ import annotations

import re
from collections.abc import Iterable

ANYTHING = "716186003"
"""SNOMED CT: no known allergy."""

CODES = frozenset({ANYTHING, "409137002", "428607008", "429625007"})
"""SNOMED CT: no known allergy, and none to drugs, to the environment, to food."""

_NONE = re.compile(r"(?:无|否认|没有)[^，。；;]{0,8}过敏|no (?:known )?(?:drug )?allerg|nkda", re.I)
_ENTRY = re.compile(
    r"(?:(?:无|否认|没有|未发现)(?:已知|明确|任何|)(?:的|)(?:药物|食物|药|环境|接触物|及|和|与|或|、|/)*"
    r"(?:过敏(?:史|原|反应|源)?)?"
    r"|no (?:known )?(?:(?:drug|food|medication|medicine|environmental|or|and) )*allerg(?:y|ies)"
    r"(?: known)?|nkd?a|none(?: known)?|nil(?: known)?)[.。]?",
    re.I,
)

_ALL = re.compile(
    r"(?:无|否认|没有|未发现)(?:已知|明确|任何|)(?:的|)(?:过敏(?:史|原|反应|源)?)?[.。]?"
    r"|no (?:known )?allerg(?:y|ies)(?: known)?[.]?|nka|none(?: known)?[.]?|nil(?: known)?[.]?",
    re.I,
)


def none_known(codes: Iterable[str], words: str) -> bool:
    """Whether an entry of the list of allergies says, wholly, that there is none."""
    return bool(CODES.intersection(codes) or _ENTRY.fullmatch(words.strip()))


def none_at_all(codes: Iterable[str], words: str) -> bool:
    """Whether such an entry is about everything, and not about drugs or food alone."""
    return ANYTHING in codes or bool(_ALL.fullmatch(words.strip()))


def denies(words: str) -> bool:
    """Whether a sentence says of some allergy that it is not there."""
    return bool(_NONE.search(words))


def without_denials(words: str) -> str:
    """What else such a sentence holds."""
    return _NONE.sub("", words)
