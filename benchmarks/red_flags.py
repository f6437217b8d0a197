"""Finds the dangers in short stories that were written apart from the rules, in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measured import Measured, Unmeasurable
from benchmarks.shared import lines, part, split
from countersign.ground.reasoning import Holder, Reasoning, Status
from countersign.rooms.preconsult.domain.linear import learn
from countersign.rooms.preconsult.domain.red_flag import read_flags
from countersign.rooms.preconsult.domain.suspicion import CALM, DANGER, Suspicion, windows

HERE = Path(__file__).parent
PROTOCOL = Path("src/countersign/rooms/preconsult/protocol")
RULES = PROTOCOL / "red_flags.toml"
MOST = 2500
NAIVE = (
    "胸痛", "胸闷", "呼吸困难", "抽搐", "昏迷", "自杀", "大出血", "中风", "高烧", "剧痛",
    "chest pain", "can't breathe", "seizure", "unconscious", "suicide", "bleeding", "stroke",
    "severe pain",
)  # fmt: skip
"""The peer: the words that anyone would think of first, with nothing taken out."""


@dataclass(frozen=True)
class Story:
    """``danger`` is ``none`` where nothing must happen at once."""

    language: str
    danger: str
    text: str

    @property
    def held(self) -> bool:
        """Whether it belongs to the half that was not run while the rules were made."""
        return part(self.text) >= 5


def measure(data: Path | None) -> Measured:
    """The stories, the half held back, those written last: by rules alone and by both readers."""
    reader = Reader(data)
    first = read("red_flag_stories.tsv")
    fresh, later = (read(f"red_flag_stories_{name}.tsv") for name in ("fourth", "fifth"))
    rules = {id(one): reader.rules(one) for one in (*first, *fresh, *later)}
    both = {id(one): rules[id(one)] or hit for one, hit in _crossed(reader, first)}
    both |= {
        id(one): rules[id(one)] or reader.shipped.suspects(one.text) for one in (*fresh, *later)
    }
    naive = {id(one): _naive(one) for one in first}
    named = (
        ("rules, every story", first, rules),
        ("rules, the half held back", [one for one in first if one.held], rules),
        ("rules and reader, every story", first, both),
        ("rules, written last", fresh, rules),
        ("rules and reader, written last", fresh, both),
        ("rules, from triage lists", later, rules),
        ("rules and reader, from triage lists", later, both),
        ("peer: eighteen plain words, every story", first, naive),
    )
    found = {name: shares(stories, hits) for name, stories, hits in named}
    return Measured(
        columns=("stories", "number", "sensitivity", "over-triage"),
        rows=[(name, len(stories), *found[name]) for name, stories, _ in named],
        figures={
            "stories": len(first),
            "sensitivity": round(found[named[2][0]][0], 4),
            "over_triage": round(found[named[2][0]][1], 4),
            "rules_sensitivity": round(found[named[0][0]][0], 4),
            "rules_over_triage": round(found[named[0][0]][1], 4),
            "held_stories": len(named[1][1]),
            "held_sensitivity": round(found[named[1][0]][0], 4),
            "fresh_stories": len(fresh),
            "fresh_sensitivity": round(found[named[4][0]][0], 4),
            "fresh_over_triage": round(found[named[4][0]][1], 4),
            "fresh_rules_sensitivity": round(found[named[3][0]][0], 4),
            "listed_stories": len(later),
            "listed_sensitivity": round(found[named[6][0]][0], 4),
            "listed_over_triage": round(found[named[6][0]][1], 4),
            "listed_rules_sensitivity": round(found[named[5][0]][0], 4),
            "peer_sensitivity": round(found[named[7][0]][0], 4),
            **reader.portal(),
        },
        notes=(
            "sensitivity: something is found where a danger is told; over-triage: where none is. "
            "A rule interrupts the patient; the reader only shows the story to the desk",
            "stories and rules have the same author, who wrote the stories first and knew them: "
            "their figure is an upper bound. Those written last avoid the rules' words on purpose, "
            "were run once and mended nothing: there the rules alone find little",
            "those from triage lists were written before their author read the rules, and gave "
            "0.99 (rules alone 0.70) that day; the same hand then widened the rules and wrote the "
            "phrases, so that only those written last, which it has not read, are independent",
            "the reader is trained for each fifth of the stories without it; the shipped one saw "
            "the first three sets and the phrases, neither of the last two",
            "portal: in how many of a portal's questions (test part) something is found; nobody "
            "labelled them, most are about old complaints",
            "every patient is asked about each danger as well, whatever the words said",
        ),
    )


class Reader:
    """The shipped rules, findings and reader, and a portal's questions where they are at hand."""

    def __init__(self, data: Path | None) -> None:
        self.flags = read_flags(tomllib.loads(RULES.read_text(encoding="utf-8")))
        self.reasoning = Reasoning()
        self.shipped = read_suspicion()
        try:
            self.questions = portal(data)
        except Unmeasurable:
            self.questions = {}

    def rules(self, story: Story) -> bool:
        """Whether a rule speaks, of the words or of a finding that was read in them."""
        return self._speaks(story.text)

    def portal(self) -> dict[str, float | None]:
        """The shares of the portal's test questions in which each of them finds something."""
        asked = self.questions.get("test", [])
        if not asked:
            return {"portal_rules": None, "portal_both": None}
        rules = [self._speaks(one) for one in asked]
        seen = [self.shipped.suspects(one) for one in asked]
        both = [one or other for one, other in zip(rules, seen, strict=True)]
        return {"portal_rules": round(share(rules), 4), "portal_both": round(share(both), 4)}

    def _speaks(self, text: str) -> bool:
        now = {
            one.term
            for one in self.reasoning.read(text)
            if one.status is Status.PRESENT and one.holder is Holder.PATIENT and not one.past
        }
        return bool(self.flags.found(text, None, now))


def _crossed(reader: Reader, stories: Sequence[Story]) -> list[tuple[Story, bool]]:
    """Each story judged by a reader that was trained without its fifth."""
    more = [
        *read("red_flag_stories_second.tsv"),
        *read("red_flag_stories_third.tsv"),
        *read("red_flag_phrases.tsv"),
    ]
    found: list[tuple[Story, bool]] = []
    for fold in range(5):
        rest = [one for one in stories if part(one.text) // 2 != fold]
        trained = train([*rest, *more], reader.questions.get("train", []))
        found += [
            (one, trained.suspects(one.text)) for one in stories if part(one.text) // 2 == fold
        ]
    return found


def read(name: str) -> list[Story]:
    """The stories of a file beside this module."""
    rows = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [Story(*row.split("\t")) for row in rows if row and not row.startswith("#")]


def shares(stories: Sequence[Story], hits: Mapping[int, bool]) -> tuple[float, float]:
    """Sensitivity among those with a danger, over-triage among those without."""
    real = [hits[id(one)] for one in stories if one.danger != "none"]
    calm = [hits[id(one)] for one in stories if one.danger == "none"]
    return share(real), share(calm)


def share(hits: Sequence[bool]) -> float:
    """The share that is true; 0 of none."""
    return sum(hits) / len(hits) if hits else 0.0


def _naive(story: Story) -> bool:
    return any(word in story.text.lower() for word in NAIVE)


def train(stories: Sequence[Story], questions: Sequence[str]) -> Suspicion:
    """Stories as they are labelled; questions of a portal, of old complaints, as calm."""
    told = [(one.text, CALM if one.danger == "none" else DANGER) for one in stories]
    calm = [(window, CALM) for one in questions for window in windows(one)][:MOST]
    copies = 1 + max(1, len(calm) // max(1, 2 * len(told)))
    texts = [*told, *calm, *told * (copies - 1)]
    model = learn(
        [text for text, _ in texts], [label for _, label in texts], np.random.default_rng(11)
    )
    at = model.labels.index(DANGER)
    weight = (model.weight[:, at] - model.weight[:, 1 - at]).astype(np.float16)
    return Suspicion(weight, float(model.bias[at] - model.bias[1 - at]))


def portal(data: Path | None) -> dict[str, list[str]]:
    """Questions of a portal, parted by their title."""
    found: dict[str, list[str]] = {}
    for row in lines(data, "language/toyhom_departments.jsonl.gz"):
        found.setdefault(split(row["title"]), []).append(row["ask"])
    return found


def read_suspicion() -> Suspicion:
    """The shipped reader."""
    with np.load(PROTOCOL / "suspicion.npz") as held:
        return Suspicion(held["weight"], float(held["bias"]))
