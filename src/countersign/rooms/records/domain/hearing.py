"""Turns a conversation into facts: what is there, since when, what was taken, found and advised."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from .circumstances import circumstances
from .durations import Duration, durations
from .fact import DIALOGUE, Fact, Kind, Link, Status
from .judging import Linear
from .plain import status_of, together
from .said import Lexicon, Mention, outermost
from .turns import Turn, turns_of

JUDGES = ("present", "status", "chief", "told", "diagnosis", "taken", "advised", "examined")
"""The small models of a trained reader, each for one question; any may be absent."""

SURE = 0.6
"""A status below this probability is left open for the writer and stated nowhere."""

STATUSES = {"1": Status.PRESENT, "0": Status.ABSENT, "2": Status.UNSURE}
_PAST = re.compile(r"以前|之前|既往|曾经|曾|小时候|出生时|史")
_ILL = re.compile(r"炎|感染|病|感冒|消化不良|腹泻|便秘|黄疸|急疹|哮喘|贫血|紊乱|积食")
_THINKS = re.compile(r"考虑|诊断|应该是|属于|就是|可能是|是.{0,4}引起|符合|像是|还是")
_ALLERGY = re.compile(r"过敏")


@dataclass(frozen=True, slots=True)
class Reader:
    """``symptoms`` and ``items`` are word lists; ``kinds`` says what each item is (exam, medicine,
    advice); ``judges`` are trained by a hospital and may be absent: then written rules decide.
    """

    symptoms: Lexicon
    items: Lexicon
    kinds: Mapping[str, str]
    judges: Mapping[str, Linear] = field(default_factory=dict[str, Linear])

    def says(self, judge: str, features: frozenset[int], name: str) -> float | None:
        """The probability that a judge gives, None where there is no such judge."""
        found = self.judges.get(judge)
        return None if found is None else float(found.probabilities(features)[1])


@dataclass(frozen=True, slots=True)
class Heard:
    """Symptoms by name with status, and all facts in the order in which a record needs them."""

    statuses: Mapping[str, Status]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class _Talk:
    text: str
    turns: tuple[Turn, ...]
    starts: tuple[int, ...]
    named: Mapping[str, tuple[Mention, ...]]
    features: Mapping[str, frozenset[int]]
    items: Mapping[str, tuple[Mention, ...]]
    item_features: Mapping[str, frozenset[int]]

    def staff(self, one: Mention) -> bool:
        return any(turn.staff for turn in self.turns if turn.start <= one.start < turn.end)

    def turn(self, one: Mention) -> Turn:
        return next(turn for turn in self.turns if turn.start <= one.start < turn.end)


def hear(text: str, reader: Reader) -> Heard:
    """Facts of a conversation, each with the places of the words that it rests on."""
    talk = _listened(text, reader)
    if not talk.turns:
        return Heard({}, ())
    statuses = statuses_of(talk, reader)
    facts = [
        *_symptoms(talk, statuses, reader),
        *_onset(talk),
        *_taken(talk, reader),
        *_examined(talk, reader),
        *_history(talk, statuses),
        *_diagnosed(talk, statuses, reader),
        *_advised(talk, reader),
    ]
    return Heard(statuses, tuple(facts))


def _listened(text: str, reader: Reader) -> _Talk:
    turns = turns_of(text)
    trained = bool(reader.judges)
    inside = [(turn.start, turn.end) for turn in turns]

    def grouped(lexicon: Lexicon) -> dict[str, tuple[Mention, ...]]:
        found: dict[str, list[Mention]] = defaultdict(list)
        said = lexicon.mentions(text)
        for one in said if trained else outermost(said):
            if any(start <= one.start and one.end <= end for start, end in inside):
                found[one.name].append(one)
        return {name: tuple(ones) for name, ones in found.items()}

    return _Talk(
        text,
        turns,
        tuple(turn.start for turn in turns),
        grouped(reader.symptoms),
        circumstances(text, reader.symptoms) if trained else {},
        grouped(reader.items),
        circumstances(text, reader.items) if trained else {},
    )


def statuses_of(talk: _Talk, reader: Reader) -> dict[str, Status]:
    """Which symptoms and illnesses are in question, and whether each is there."""
    judge = reader.judges.get("status")
    found: dict[str, Status] = {}
    for name, mentions in talk.named.items():
        if judge is not None:
            features = talk.features[name]
            if (reader.says("present", features, name) or 0) > 0.5:
                found[name] = STATUSES[judge.best(features)]
            continue
        status = together([status_of(one, talk.turns, talk.starts) for one in mentions])
        if status is not None:
            found[name] = status
    return found


def _symptoms(talk: _Talk, statuses: Mapping[str, Status], reader: Reader) -> list[Fact]:
    """The chief ones first, then those that a history tells, then what is denied."""
    ranked: list[tuple[float, Fact]] = []
    for name, status in statuses.items():
        features = talk.features.get(name, frozenset())
        mentions = talk.named[name]
        chief = reader.says("chief", features, name)
        told = reader.says("told", features, name)
        if chief is None or told is None:
            by_patient = [one for one in mentions if not talk.staff(one)]
            chief = 0.6 if by_patient and not _ILL.search(name) else 0.2
            told = 0.6 if by_patient or status is Status.ABSENT else 0.2
        if judged(reader, features) < SURE:
            chief = told = 0.0
        kind = Kind.SYMPTOM
        fact = Fact(kind, name, _links(mentions), status, name, section=_place(chief, told, status))
        ranked.append((-chief, fact))
    ordered = [fact for _, fact in sorted(ranked, key=lambda pair: pair[0])]
    if any(fact.section == "chief" for fact in ordered):
        return ordered
    first = next((one for one in ordered if one.status is Status.PRESENT), None)
    return [replace(one, section="chief") if one is first else one for one in ordered]


def judged(reader: Reader, features: frozenset[int]) -> float:
    """How sure the reader is of a status; written rules are taken as they are."""
    judge = reader.judges.get("status")
    return 1.0 if judge is None else float(judge.probabilities(features).max())


def _place(chief: float, told: float, status: Status) -> str:
    if status is Status.PRESENT and chief >= 0.55:
        return "chief"
    if status is not Status.UNSURE and told >= 0.35:
        return "present"
    return "none"


def _links(mentions: Sequence[Mention]) -> tuple[Link, ...]:
    """The longest at each place, at most four."""
    found: list[Link] = []
    for one in sorted(mentions, key=lambda m: (m.start, -m.end)):
        if not found or one.start >= found[-1].end:
            found.append(Link(DIALOGUE, one.start, one.end))
    return tuple(found[:4])


def _onset(talk: _Talk) -> list[Fact]:
    found: list[Duration] = durations(talk.turns)
    return [Fact(Kind.ONSET, one.words, (Link(DIALOGUE, one.start, one.end),)) for one in found[:1]]


def _taken(talk: _Talk, reader: Reader) -> list[Fact]:
    found: list[Fact] = []
    for name, mentions in talk.items.items():
        own = [one for one in mentions if not talk.staff(one)]
        if reader.kinds[name] != "medicine" or not own:
            continue
        says = reader.says("taken", talk.item_features.get(name, frozenset()), name)
        if says is None:
            says = 0.0 if _asks(talk.turn(own[0]).text) else 1.0
        if says >= 0.4:
            found.append(Fact(Kind.MEDICINE, name, _links(own), name=name))
    return found


def _asks(text: str) -> bool:
    return bool(re.search(r"[？?]|吗|可以|能不能|行不|怎么|要不要|需要", text))


_VALUE = re.compile(r"^[^，。？！,?!；;\n]{0,12}")


def _examined(talk: _Talk, reader: Reader) -> list[Fact]:
    """Tests that the patient reports; what the doctor asks for or advises is none."""
    found: list[Fact] = []
    for name, mentions in talk.items.items():
        own = [one for one in mentions if not talk.staff(one)]
        if reader.kinds[name] != "exam":
            continue
        says = reader.says("examined", talk.item_features.get(name, frozenset()), name)
        if says is None:
            says = 1.0 if own and not _asks(talk.turn(own[0]).text) else 0.0
        if says >= 0.5:
            found.append(Fact(Kind.EXAM, name, _links(own or mentions), name=name))
    return found


def _history(talk: _Talk, statuses: Mapping[str, Status]) -> list[Fact]:
    found: list[Fact] = []
    for name, mentions in talk.named.items():
        status = statuses.get(name)
        for one in mentions:
            turn = talk.turn(one)
            before = turn.text[: one.start - turn.start]
            if turn.staff or not _ILL.search(name) or not _PAST.search(before[-12:]):
                continue
            if status is Status.PRESENT:
                found.append(Fact(Kind.HISTORY, name, _links([one]), name=name))
            break
    answered = _denied_allergy(talk)
    return [*found, *answered]


def _denied_allergy(talk: _Talk) -> list[Fact]:
    for place, turn in enumerate(talk.turns[:-1]):
        asks = re.search(r"(?:药物|食物)?过敏(?:史|的)?[^，。]{0,6}[吗？?]", turn.text)
        answer = talk.turns[place + 1]
        if turn.staff and asks and not answer.staff and re.match(r"没|无|不|否", answer.text):
            links = (
                Link(DIALOGUE, turn.start + asks.start(), turn.start + asks.end()),
                Link(DIALOGUE, answer.start, answer.end),
            )
            return [Fact(Kind.ALLERGY, "过敏史", links, Status.ABSENT, "过敏")]
    return []


def _diagnosed(talk: _Talk, statuses: Mapping[str, Status], reader: Reader) -> list[Fact]:
    """What the doctor names as what it is; never what nobody said."""
    best: tuple[float, Fact] | None = None
    for name, mentions in talk.named.items():
        says = reader.says("diagnosis", talk.features.get(name, frozenset()), name)
        if says is None:
            own = [one for one in mentions if talk.staff(one) and _ILL.search(name)]
            thinks = [one for one in own if _THINKS.search(talk.turn(one).text)]
            says = 0.0 if not own else 0.3 + 0.2 * len(thinks) + 0.02 * len(own)
            says = min(says, 0.95) if statuses.get(name) is not Status.ABSENT else 0.0
        if says >= 0.08 and (best is None or says > best[0]):
            best = (says, Fact(Kind.DIAGNOSIS, name, _links(mentions), name=name))
    return [best[1]] if best else []


def _advised(talk: _Talk, reader: Reader) -> list[Fact]:
    found: list[tuple[int, Fact]] = []
    for name, mentions in talk.items.items():
        own = [one for one in mentions if talk.staff(one)]
        if not own:
            continue
        says = reader.says("advised", talk.item_features.get(name, frozenset()), name)
        if says is None:
            stated = [one for one in own if not re.search(r"[？?]|吗|过", talk.turn(one).text)]
            says = 1.0 if stated else 0.0
        if says >= 0.4:
            kind = Kind.PRESCRIPTION if reader.kinds[name] == "medicine" else Kind.ADVICE
            value = f"查{name}" if reader.kinds[name] == "exam" else name
            found.append((own[0].start, Fact(kind, value, _links(own), name=name)))
    return [fact for _, fact in sorted(found, key=lambda pair: pair[0])]
