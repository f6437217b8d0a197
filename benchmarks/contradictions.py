"""Plants contradictions between versions of the starting points, and counts what is listed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.measured import Measured
from countersign.app.stocking import STARTING
from countersign.rooms.knowledge.domain.differences import differences

PLANTED = 1_000
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_UNIT = re.compile(r"(?<![\d./–~-])(\d+(?:\.\d+)?) ?(mg|mmol/L|小时|hours|天|days)(?![\w/])")
_RANGE = re.compile(r"(?<![\d.])(\d+)[–~-](\d+) ?(mg|小时|hours|天|days|周|weeks|mm|cm)(?![\w/])")
_TURNS = (
    ("不推荐", "推荐"),
    ("推荐", "不推荐"),
    ("不建议", "建议"),
    ("建议", "不建议"),
    ("首选", "避免使用"),
    ("避免", "首选"),
    ("is not recommended", "is recommended"),
    ("is recommended", "is not recommended"),
    ("are recommended", "are not recommended"),
    ("should not", "should"),
    ("should", "should not"),
)
_SMALLER = {
    "mg": ("μg", 1000.0),
    "mmol/L": ("μmol/L", 1000.0),
    "天": ("小时", 24.0),
    "days": ("hours", 24.0),
}


@dataclass(frozen=True)
class Planted:
    """A text beside the same text with one place changed, or only said otherwise."""

    kind: str
    before: str
    after: str
    contrary: bool


def measure(_data: Path | None) -> Measured:
    """A pair is caught where something is listed that the unchanged pair did not list."""
    texts = {file: _plain(file) for file in sorted(STARTING.rglob("*.md"))}
    planted = _planted(list(texts.values()), Random(20261126))  # noqa: S311 - what to change
    kinds: dict[str, list[bool]] = {}
    for one in planted:
        listed = bool(differences(one.before, one.after))
        kinds.setdefault(one.kind, []).append(listed == one.contrary)
    pairs, listed = _together(texts)
    contrary = [good for one, goods in kinds.items() if one in CONTRARY for good in goods]
    same = [good for one, goods in kinds.items() if one not in CONTRARY for good in goods]
    return Measured(
        columns=("what was planted", "pairs", "judged rightly"),
        rows=[
            *((kind, len(goods), sum(goods) / len(goods)) for kind, goods in sorted(kinds.items())),
            ("nothing: two documents with a code in common", pairs, 1 - listed / max(pairs, 1)),
        ],
        figures={
            "planted": len(contrary),
            "caught": round(sum(contrary) / len(contrary), 4),
            "reworded": len(same),
            "reworded_listed": round(1 - sum(same) / len(same), 4),
            "pairs": pairs,
            "pairs_listed": listed,
        },
        notes=(
            "one place of a line is changed; the rest keeps its words, so free rewording is "
            "not measured",
            "pairs of different documents are by the same authors, checked for contradictions by "
            "nobody: what is listed among them is taken for false",
        ),
    )


CONTRARY = ("another number", "another number, other unit", "a range apart", "the contrary advice")


def _plain(file: Path) -> str:
    return _FRONT.sub("", file.read_text(encoding="utf-8"))


def _planted(texts: Sequence[str], chance: Random) -> list[Planted]:
    ways: tuple[Callable[[str, Random], list[Planted]], ...] = (_numbers, _ranges, _turned)
    every = [one for text in texts for way in ways for one in way(text, chance)]
    chance.shuffle(every)
    return every[:PLANTED]


def _numbers(text: str, chance: Random) -> list[Planted]:
    found: list[Planted] = []
    for line in text.splitlines():
        match = _UNIT.search(line)
        if match is None or len(_UNIT.findall(line)) > 1:
            continue
        value, unit = float(match[1]), match[2]
        other = value * chance.choice((2, 3, 0.5))

        def put(number: float, of: str, line: str = line, match: re.Match[str] = match) -> str:
            return f"{line[: match.start()]}{number:g} {of}{line[match.end() :]}"

        found.append(Planted("another number", line, put(other, unit), True))
        if unit in _SMALLER:
            small, factor = _SMALLER[unit]
            found.append(
                Planted("another number, other unit", line, put(other * factor, small), True)
            )
            found.append(
                Planted("the same number, other unit", line, put(value * factor, small), False)
            )
    return found


def _ranges(text: str, chance: Random) -> list[Planted]:
    found: list[Planted] = []
    for line in text.splitlines():
        match = _RANGE.search(line)
        if match is None or len(_RANGE.findall(line)) > 1 or int(match[1]) >= int(match[2]):
            continue
        low, high, unit = int(match[1]), int(match[2]), match[3]
        head, tail = line[: match.start()], line[match.end() :]
        apart = f"{head}{high * 2}–{high * 3} {unit}{tail}"
        inside = f"{head}{chance.randint(low, high)} {unit}{tail}"
        found.append(Planted("a range apart", line, apart, True))
        found.append(Planted("a number within the range", line, inside, False))
    return found


def _turned(text: str, chance: Random) -> list[Planted]:
    found: list[Planted] = []
    for line in text.splitlines():
        for old, new in _TURNS:
            if line.count(old) == 1:
                found.append(Planted("the contrary advice", line, line.replace(old, new), True))
                break
    return found


def _together(texts: dict[Path, str]) -> tuple[int, int]:
    """Pairs of documents that a curator's page compares, and how many of them list something."""
    codes: dict[tuple[str, str], list[Path]] = {}
    for file in texts:
        front = file.read_text(encoding="utf-8").split("---")[1]
        found = re.search(r"icd10: \[(.*?)\]", front)
        for code in (found[1] if found else "").split(","):
            if code.strip():
                codes.setdefault((code.strip(), file.suffixes[0]), []).append(file)
    pairs = {
        (one, other)
        for files in codes.values()
        for at, one in enumerate(files)
        for other in files[at + 1 :]
    }
    return len(pairs), sum(bool(differences(texts[a], texts[b])) for a, b in pairs)
