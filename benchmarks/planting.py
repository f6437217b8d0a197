"""Citations made false on purpose, by rules that know nothing of the checker; and true ones."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace

from countersign.ground.library import Quote

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:\.\d+)?(?![\w,]|\.\d)|(?<=[\u4e00-\u9fff])\d+(?:\.\d+)?")
_ITEM = re.compile(r"\W*(?:[\u4e00-\u9fff：:]*[：:])?[（(]?\d+[、.．)）]")
"""The number of a list's item, which is none of its content."""

_UNITS = {
    "mg": "g", "g": "mg", "ml": "L", "mL": "L", "mm": "cm", "cm": "mm", "天": "周", "周": "天",
    "日": "月", "月": "年", "年": "月", "小时": "天", "days": "weeks", "weeks": "days",
    "hours": "days", "months": "weeks", "years": "months", "kg": "g", "分钟": "小时", "%": "‰",
    "minutes": "hours", "day": "week", "week": "month", "个月": "年",
}  # fmt: skip
_UNIT = re.compile(
    r"(?<=\d)\s?(?P<unit>mg|mL|ml|mm|cm|kg|g|天|周|个月|月|年|日|小时|分钟|%"
    r"|days?|weeks?|hours|months|years|minutes)(?![a-zA-Z\d/])"
)
_DENIED = re.compile(
    r"(?<=[\u4e00-\u9fff])(?:不(?=[应宜能会可推建需要])|未(?=[见行出])|无(?=[需法明效]))"
    r"|\b(?:not|never) (?=[a-z])"
)
_AFFIRMED = re.compile(
    r"(?<=[\u4e00-\u9fff])(?=(?:应该|应当|推荐|建议|可以|需要|能够))"
    r"|(?<=\bis )(?=[a-z])|(?<=\bare )(?=[a-z])|(?<=\bmay )(?=[a-z])|(?<=\bcan )(?=[a-z])"
    r"|(?<=\bshould )(?=[a-z])"
)


@dataclass(frozen=True)
class Cited:
    """A sentence, the quote it rests on, and the whole text of the quoted version."""

    sentence: str
    quote: Quote
    text: str


def changed_number(one: Cited, chance: random.Random, _drugs: list[str]) -> Cited | None:
    """One number of the sentence is another one."""
    listed = _ITEM.match(one.sentence)
    found = list(_NUMBER.finditer(one.sentence, listed.end() if listed else 0))
    if not found:
        return None
    match = chance.choice(found)
    old = match.group()
    factor = chance.choice([0.1, 0.5, 2, 10])
    new = f"{float(old) * factor:g}" if float(old) else "3"
    if chance.random() < 0.5 and "." not in old:
        new = str(int(old) + chance.choice([1, 2, 5]))
    return _with(one, match, new)


def changed_unit(one: Cited, chance: random.Random, _drugs: list[str]) -> Cited | None:
    """One unit of the sentence is another one."""
    found = list(_UNIT.finditer(one.sentence))
    if not found:
        return None
    match = chance.choice(found)
    unit = match["unit"]
    new = _UNITS.get(unit) or _UNITS.get(f"{unit}s", "years")
    return _with(one, match, match.group().replace(unit, new))


def flipped_denial(one: Cited, chance: random.Random, _drugs: list[str]) -> Cited | None:
    """A denial is dropped or put in."""
    found = list(_DENIED.finditer(one.sentence))
    if found:
        return _with(one, chance.choice(found), "")
    found = list(_AFFIRMED.finditer(one.sentence))
    if not found:
        return None
    match = chance.choice(found)
    after = one.sentence[match.end() : match.end() + 1]
    return _with(one, match, "not " if after.isascii() else "不")


def changed_drug(one: Cited, chance: random.Random, drugs: list[str]) -> Cited | None:
    """A drug that the sentence names is another one of the list."""
    lowered = one.sentence.lower()
    words = set(re.findall(r"[a-z]{5,}", lowered))
    here = [d for d in drugs if (d in words if d.isascii() else d in lowered)]
    if not here:
        return None
    old = max(here, key=lambda name: (len(name), name))
    kind = [name for name in drugs if name.isascii() == old.isascii() and name not in lowered]
    at = lowered.index(old)
    new = chance.choice(kind)
    sentence = one.sentence[:at] + new + one.sentence[at + len(old) :]
    return replace(one, sentence=sentence)


def _with(one: Cited, match: re.Match[str], new: str) -> Cited | None:
    sentence = one.sentence[: match.start()] + new + one.sentence[match.end() :]
    return None if sentence == one.sentence else replace(one, sentence=sentence)


def wrong_words(one: Cited, chance: random.Random) -> Quote | None:
    """One sign of the quote is another."""
    words = one.quote.words
    at = chance.randrange(len(words))
    new = chance.choice([sign for sign in "不未无的了5ae" if sign != words[at]])
    return replace(one.quote, words=words[:at] + new + words[at + 1 :])


def wrong_place(one: Cited, chance: random.Random) -> Quote | None:
    """The words are right and stand elsewhere."""
    start = one.quote.start + chance.choice([-40, -7, -1, 1, 3, 25])
    end = start + len(one.quote.words)
    if one.text[max(start, 0) : end] == one.quote.words and start >= 0:
        return None
    return replace(one.quote, start=start, end=end)


def wrong_version(one: Cited, chance: random.Random) -> Quote | None:
    """The hash is that of a text in which one sign differs."""
    at = chance.randrange(64)
    other = "0" if one.quote.sha256[at] != "0" else "1"
    return replace(one.quote, sha256=one.quote.sha256[:at] + other + one.quote.sha256[at + 1 :])


def past_the_end(one: Cited, chance: random.Random) -> Quote | None:
    """The place is beyond the text, or is none."""
    if chance.random() < 0.3:
        return replace(one.quote, start=one.quote.end, end=one.quote.start)
    length = len(one.quote.words)
    start = len(one.text) - chance.randrange(length)
    return replace(one.quote, start=start, end=start + length)


def reworded(one: Cited, chance: random.Random) -> Cited:
    """Says the same: another notation of an amount, wide signs, or fewer clauses."""
    sentence = one.sentence
    for old, new in ((r"(\d)\s?mg\b", r"\1 毫克"), (r"(\d)天", r"\1日"), (r"(\d)\s?%", r"\1％")):
        if chance.random() < 0.5 and (not sentence.isascii() or "mg" not in old):
            sentence = re.sub(old, new, sentence)
    parts = re.split(r"(?<=[，；,;])", sentence)
    if len(parts) > 2 and chance.random() < 0.6:
        parts = parts[:-1] if chance.random() < 0.5 else parts[1:]
        sentence = "".join(parts).rstrip("，；,; ")
    return replace(one, sentence=sentence)
