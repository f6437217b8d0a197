"""Reads how long something has lasted from what a person says, and says it as a record does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .turns import Turn

_NUMBER = r"\d{1,3}|[一二两三四五六七八九十半几]{1,3}"
_CHINESE = re.compile(
    rf"(?P<n>{_NUMBER})(?P<more>多)?(?:个)?(?P<over>多)?(?P<unit>天|日|周|星期|礼拜|月|年|小时)"
    r"(?P<rest>半|多|余)?"
)
NAMED = {"今天": "1天", "今早": "1天", "昨天": "1天", "昨晚": "1天", "昨日": "1天", "前天": "2天",
          "前晚": "2天", "大前天": "3天"}  # fmt: skip
_ENGLISH = re.compile(
    r"\b(?P<n>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|few|couple of|several)"
    r"\s+(?P<unit>hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)
_HOW_LONG = re.compile(
    r"几天|多久|多长时间|什么时候|多少天|几日|几周|几个月了|how long|when did", re.I
)
_HOW_OLD = re.compile(r"多大|几个月大|月龄|几岁|年龄|how old|出生", re.I)
_RATE = re.compile(r"[一每]天|次|顿|毫升|ml|间隔|大|岁|支|包|片|粒|袋|勺")
_LASTS = re.compile(r"[天日周月期]了|[天日周月期年][多余半]?前|开始|持续|已经|一直|ago|for |since")
_AGED = re.compile(
    r"(?:宝宝|宝贝|孩子|小孩|[男女]宝|出生|生下来)(?:才|刚|快|今年|都|已经|现在|有)?$"
)
_NEWLY = re.compile(r"开始|刚|突然|起的")
_ALONE = re.compile(r"^(?:就|都|大概|差不多|也就|快|己经|已经|有|应该|从)*$")
_CLOSED = re.compile(r"^[了吧呢的啊。，,！!]*$")
_UNITS = {"日": "天", "星期": "周", "礼拜": "周"}
_SPELT = {"a": "1", "an": "1", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
          "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10"}  # fmt: skip
_DIGITS = {"一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7",
           "八": "8", "九": "9", "十": "10", "几": "数"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Duration:
    """``words`` as a record says it (``3天``, ``2 weeks``), with its place in the whole text."""

    words: str
    start: int
    end: int
    asked: bool


def durations(turns: Sequence[Turn]) -> list[Duration]:
    """How long it has lasted by the patient's own words; what a question asked for goes first."""
    found: list[Duration] = []
    question = ""
    for turn in turns:
        if turn.staff:
            question = turn.text
            continue
        if _HOW_OLD.search(question) and not _HOW_LONG.search(question):
            continue
        asked = bool(_HOW_LONG.search(question))
        found += [
            one
            for one in _read(turn, asked)
            if not _is_rate(turn, one) and (asked or _LASTS.search(turn.text) or _alone(turn, one))
        ]
    return sorted(found, key=lambda one: (not one.asked, one.start))


def lasting(text: str) -> str:
    """The first duration that a line of key facts names, as a record says it, or nothing."""
    found = _read(Turn(False, text, 0, len(text)), False)
    return found[0].words if found else ""


def _read(turn: Turn, asked: bool) -> list[Duration]:
    found: list[Duration] = []
    for match in _CHINESE.finditer(turn.text):
        number = _DIGITS.get(match["n"], match["n"])
        unit = _UNITS.get(match["unit"], match["unit"])
        more = "余" if match["more"] or match["over"] or match["rest"] in ("多", "余") else ""
        half = "半" if match["rest"] == "半" else ""
        middle = "个" if unit == "月" and number != "半" else ""
        found.append(_placed(turn, match, f"{number}{middle}{unit}{half}{more}", asked))
    for match in _ENGLISH.finditer(turn.text):
        spelt = _SPELT.get(
            match["n"].lower(), match["n"].lower().replace("couple of", "a couple of")
        )
        plural = "" if spelt == "1" else "s"
        found.append(_placed(turn, match, f"{spelt} {match['unit'].lower()}{plural}", asked))
    for name, words in NAMED.items():
        at = turn.text.find(name)
        if at >= 0 and (asked or _NEWLY.search(turn.text[at : at + 12])):
            found.append(Duration(words, turn.start + at, turn.start + at + len(name), asked))
    return found


def _placed(turn: Turn, match: re.Match[str], words: str, asked: bool) -> Duration:
    return Duration(words, turn.start + match.start(), turn.start + match.end(), asked)


def _alone(turn: Turn, one: Duration) -> bool:
    """Whether the turn says nothing else: the answer to a question a few turns back."""
    before, after = turn.text[: one.start - turn.start], turn.text[one.end - turn.start :]
    return bool(_ALONE.match(before) and _CLOSED.match(after))


def _is_rate(turn: Turn, one: Duration) -> bool:
    """“Twice a day”, “every three hours” and ages are no durations."""
    begin, end = one.start - turn.start, one.end - turn.start
    before, after = turn.text[max(0, begin - 2) : begin], turn.text[end : end + 4]
    if "月" in one.words and _AGED.search(turn.text[:begin]):
        return True
    return bool(_RATE.search(after[:2]) or before.endswith(("每", "隔", "第")) or "次" in after)
