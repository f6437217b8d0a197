"""What is seen around the mentions of a symptom: the features by which its status is judged."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from zlib import crc32

from .said import Lexicon, Mention
from .turns import Turn, turns_of

CUES = (
    "没有", "没", "不", "无", "未", "别", "会不会", "可能", "考虑", "是不是",
    "吗", "如果", "若", "要是", "预防", "容易", "引起", "导致", "有点", "有",
    "已经", "现在", "之前", "以前", "好了", "注意", "观察", "排除", "怀疑", "诊断",
    "出现", "嗯", "是", "对", "有时", "偶尔", "应该", "看看", "查", "药",
    "不会", "避免", "防止", "造成", "的话", "或者", "明显", "减轻", "正常",
)  # fmt: skip
_STOPS = "，。？！,?! ：；;"
_ASKS = re.compile("[？?]|吗|没有$|没$|么|呢")
_QUESTION = re.compile("[？?]|吗")
_NO = re.compile("没|不|无|否|木有|都没|都不|暂时没")
_YES = re.compile("有|是|对|嗯|恩|会|偶尔|一直")
_EARLY, _NEXT, _MANY = 200, 4, 4
_BARE = ("L=", "R=")
"""Features of single words near a mention, too many to be kept twice."""


def key(feature: str) -> int:
    """A feature's number, below 2³²."""
    return crc32(feature.encode())


def circumstances(text: str, lexicon: Lexicon) -> dict[str, frozenset[int]]:
    """For each term that a conversation names, the numbers of its features."""
    mentions = lexicon.mentions(text)
    turns = turns_of(text)
    starts = [turn.start for turn in turns]
    by_name: dict[str, list[Mention]] = defaultdict(list)
    by_turn: dict[int, set[str]] = defaultdict(set)
    at_place: dict[tuple[int, int], set[str]] = defaultdict(set)
    for one in mentions:
        by_name[one.name].append(one)
        by_turn[_turn(one, starts)].add(one.name)
        at_place[one.start, one.end].add(one.name)
    found: dict[str, frozenset[int]] = {}
    for name, own in by_name.items():
        features = {"bias", f"s={name}", f"n={min(_MANY, len(own))}"}
        voices: set[bool] = set()
        told: set[str] = set()
        for number, one in enumerate(own):
            place = _turn(one, starts)
            voices.add(turns[place].staff)
            seen = _around(one, mentions, turns, place)
            features |= seen
            if number == 0:
                features |= {f"Y{feature}" for feature in seen}
            if number == len(own) - 1:
                features |= {f"Z{feature}" for feature in seen}
            if turns[place].staff:
                features |= _exchange(one, turns, place, by_turn)
            else:
                told = seen
            features |= {f"rv={name}{rival}" for rival in at_place[one.start, one.end] - {name}}
        features |= {f"P{feature}" for feature in told if not feature.startswith(_BARE)}
        features.add(f"who={sorted(voices)}")
        features.add("early" if own[0].start < _EARLY else "late")
        features |= {f"o={name}{other}" for other in by_name}
        found[name] = frozenset(map(key, features))
    return found


def _turn(one: Mention, starts: Sequence[int]) -> int:
    return max(0, bisect_right(starts, one.start) - 1)


def _exchange(
    one: Mention, turns: Sequence[Turn], place: int, by_turn: Mapping[int, Set[str]]
) -> set[str]:
    """What became of what a doctor named: stated, never answered, or how it was answered.

    A yes or a no counts otherwise where several were asked about, where another question lies
    between, and where the answer names this or something else.
    """
    line, at = turns[place].text, max(0, one.start - turns[place].start)
    if not _ASKS.search(line[at:]) and "有没有" not in line[:at]:
        return {"stated", f"stated={one.name}"}
    later = range(place + 1, min(place + 1 + _NEXT, len(turns)))
    next_ = next((number for number in later if not turns[number].staff), None)
    if next_ is None:
        return {"ans=none"}
    said = turns[next_].text
    way = "N" if _NO.match(said) else "Y" if _YES.match(said) else "O"
    named = by_turn.get(next_, frozenset())
    of = "S" if one.name in named else "X" if named else "-"
    many = "m" if len(by_turn[place]) > 1 else "1"
    later_asked = any(
        turns[number].staff and _QUESTION.search(turns[number].text)
        for number in range(place + 1, next_)
    )
    return {
        f"ans={way}", f"ans={way}{of}", f"ans={one.name}{way}{of}",
        f"ans={way}{of}{many}{'b' if later_asked else ''}",
    }  # fmt: skip


def _around(
    one: Mention, mentions: Sequence[Mention], turns: Sequence[Turn], place: int
) -> set[str]:
    turn = turns[place]
    line, at = turn.text, max(0, one.start - turn.start)
    size = one.end - one.start
    over = [
        other.name
        for other in mentions
        if other.start <= one.start
        and one.end <= other.end
        and other.end - other.start > size
        and other.name != one.name
    ]
    who = "D" if turn.staff else "P"
    asks = "?" if _ASKS.search(line[at:]) else "."
    left = max(line.rfind(stop, 0, at) for stop in _STOPS) + 1
    ends = [line.find(stop, at + size) for stop in _STOPS]
    right = min([end for end in ends if end >= 0] + [len(line)])
    before, after = line[left:at], line[at + size : right]
    found = {
        f"p={one.name}{one.phrase}{'c' if over else ''}", f"p={one.phrase}",
        "cov" if over else "unc", f"w={who}{asks}", f"ws={one.name}{who}{asks}",
        *(f"cv={one.name}{name}" for name in over),
    }  # fmt: skip
    found |= _words(before, after, line, who)
    if turn.staff:
        found |= _answers(turns[place + 1 : place + 1 + _NEXT], line, asks)
    return found


def _words(before: str, after: str, line: str, who: str) -> set[str]:
    found = {f"l={who}{before[-n:]}" for n in (1, 2, 3) if len(before) >= n}
    found |= {f"r={who}{after[:n]}" for n in (1, 2, 3) if len(after) >= n}
    found |= {f"L={before[i : i + 2]}" for i in range(len(before))}
    found |= {f"R={after[i : i + 2]}" for i in range(len(after))}
    if not before:
        found.add(f"l0{who}")
    if not after:
        found.add(f"r0{who}")
    for cue in CUES:
        if cue in line:
            found.add(f"cT={who}{cue}")
            if cue in before:
                found.add(f"cL={who}{cue}")
            if cue in after:
                found.add(f"cR={who}{cue}")
    return found


def _answers(following: Sequence[Turn], line: str, asks: str) -> set[str]:
    found = {f"nq{min(len(re.findall('[？?]', line)), 3)}"}
    answers = [turn.text for turn in following if not turn.staff][:2]
    for number, said in enumerate(answers):
        found.add(f"a{number}{asks}={said[:2]}")
        found |= {f"A{number}{asks}={cue}" for cue in CUES if cue in said}
        if len(said) < 8:
            found.add(f"as{number}{asks}={said}")
    return found
