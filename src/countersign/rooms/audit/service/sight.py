"""Who may see a patient now and why, who is kept out, and who did see the patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from countersign.ground.chart import NotFound
from countersign.ground.identity import (
    Action,
    Decision,
    Facts,
    Principal,
    Purpose,
    Role,
    Standing,
)
from countersign.ground.ledger import Event, EventKind, Receipt, Tally
from countersign.ground.shell import Floor
from countersign.kit.json import digest, encode

from .answer import directory, recordable
from .reasons import Directory, Reason, reasons

Verdict = Literal["may", "label", "refusal", "both", "none"]
KEPT_OUT: Final[frozenset[Verdict]] = frozenset({"label", "refusal", "both"})
SEEING: Final = (EventKind.CHART_VIEWED, EventKind.CHART_SEARCHED, EventKind.DRAFT_VIEWED)
"""Steps that showed something of one patient."""

_READING: Final = frozenset({Purpose.TREATMENT, Purpose.PERSONAL})
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seer:
    """A person, an app of a person, another system, or a program of the house.

    ``verdict`` is whether they may see the chart now, or what keeps them out; ``partly`` that
    what bears a label stays closed to them.

    ``rules`` decided it; ``reasons`` are the ties to the patient. ``seen`` is how often and when
    they saw something of the patient, from the ledger.
    """

    actor: str
    name: str
    kind: Literal["person", "app", "client", "system"]
    roles: tuple[Role, ...]
    verdict: Verdict
    partly: bool
    rules: tuple[str, ...]
    reasons: tuple[Reason, ...]
    seen: Tally | None


@dataclass(frozen=True, slots=True)
class Sight:
    """Everybody concerned, and how many were asked about. ``unknown`` where there is no such
    patient now; the ledger may still know who saw one.
    """

    patient: str
    at: datetime
    seers: tuple[Seer, ...]
    asked: int
    unknown: bool
    receipt: Receipt

    def count(self, show: str) -> int:
        """How many a list shows."""
        return sum(_shown(one, show) for one in self.seers)


class Sights:
    """Decides about everybody together; the look is recorded before it is shown."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def of(self, by: Principal, patient: str, *, exported: bool = False) -> Sight:
        """The list of one patient. Raises LedgerUnavailable; then nothing is shown."""
        now = self._floor.clock()
        try:
            placed = self._floor.chart.then(patient, now)
            facts, labels, unknown = placed.facts, placed.labels, False
        except NotFound:
            facts, labels, unknown = Facts("chart", patient), frozenset[str](), True
        people, systems = self._asking(now)
        tallies = {one.actor: one for one in self._floor.ledger.tally(patient, SEEING)}
        judged = [] if unknown else _judged(self._floor, [*people, *systems], facts, labels)
        known = directory(self._floor, [one.standing for one in judged])
        seers = [_seer(one, facts, known, tallies) for one in _once(judged)]
        seers += self._others(tallies, {one.actor for one in seers if one.kind != "app"})
        shown = tuple(one for one in seers if one.verdict != "none" or one.seen)
        receipt = self._record(by, patient, shown, exported)
        return Sight(patient, now, shown, len({_key(one) for one in [*people, *systems]}),
                     unknown, receipt)  # fmt: skip

    def _asking(self, now: datetime) -> tuple[list[Standing], list[Standing]]:
        """People with a purpose for which charts are read; apps, systems, and the worker."""
        standings = self._floor.standings
        held = standings.everyone(now)
        people = [one for one in held if one.principal.purpose in _READING]
        worker = Standing(Principal.system("worker"))
        return people, [*standings.apps(people, now), *standings.clients(now), worker]

    def _others(self, tallies: Mapping[str, Tally], met: set[str]) -> list[Seer]:
        """Who saw the patient and can now not even ask: people who left, programs of the house."""
        missing = {actor: tally for actor, tally in tallies.items() if actor not in met}
        names = self._floor.people.names(actor.partition(":")[2] for actor in missing)
        return [
            Seer(
                actor,
                names.get(actor.partition(":")[2], actor),
                _sort_of(actor.partition(":")[0]),
                (), "none", False, (), (), tally,
            )
            for actor, tally in missing.items()
        ]  # fmt: skip

    def _record(
        self, by: Principal, patient: str, shown: Sequence[Seer], exported: bool
    ) -> Receipt:
        said = [[one.actor, one.verdict, list(one.rules)] for one in shown]
        return self._floor.ledger.record(
            Event(
                EventKind.DECISION_EXPLAINED,
                by.actor,
                recordable(patient),
                "who-may-see",
                commits={"shown": digest(encode({"seers": said})).hex()},
                detail={"count": len(shown), "exported": exported},
            )
        )


@dataclass(frozen=True, slots=True)
class _Judged:
    standing: Standing
    verdict: Verdict
    partly: bool
    rules: tuple[str, ...]


def _judged(
    floor: Floor, standings: Sequence[Standing], facts: Facts, labels: frozenset[str]
) -> list[_Judged]:
    """All together: first as it is; then, for those who are refused, without what may shut."""
    asked = [(one, replace(facts, kind=_kind(one))) for one in standings]
    plain = _decide(floor, asked)
    allowed = {number for number, one in enumerate(plain) if one.allowed}

    def would(numbers: Iterable[int], change: str) -> set[int]:
        """Which of these would be allowed after a change to the facts."""
        some = sorted(numbers)
        changed = [(asked[one][0], _changed(change, asked[one][1], labels)) for one in some]
        answers = _decide(floor, changed)
        return {one for one, answer in zip(some, answers, strict=True) if answer.allowed}

    kept = would(set(range(len(asked))) - allowed, "both")
    verdicts: dict[int, Verdict] = {**dict.fromkeys(allowed, "may"), **dict.fromkeys(kept, "both")}
    verdicts |= dict.fromkeys(would(kept, "refusal"), "refusal")
    verdicts |= dict.fromkeys(would(kept, "label"), "label")
    whole = would(allowed, "labelled") if labels - facts.sensitivity else allowed
    return [
        _Judged(one, verdicts.get(number, "none"), number in allowed - whole, plain[number].reasons)
        for number, (one, _) in enumerate(asked)
    ]


def _changed(name: str, facts: Facts, labels: frozenset[str]) -> Facts:
    nothing = frozenset[str]()
    match name:
        case "label":
            return replace(facts, sensitivity=nothing)
        case "refusal":
            return replace(facts, refused=nothing)
        case "both":
            return replace(facts, sensitivity=nothing, refused=nothing)
        case _:
            return replace(facts, sensitivity=facts.sensitivity | labels)


def _decide(floor: Floor, asked: Sequence[tuple[Standing, Facts]]) -> list[Decision]:
    """One decision for each; people ask for the chart, others by FHIR."""
    found: dict[int, Decision] = {}
    for action in (Action.CHART_READ, Action.FHIR_READ):
        numbers = [number for number, (one, _) in enumerate(asked) if _action(one) is action]
        requests = [(asked[number][0].principal, asked[number][1]) for number in numbers]
        decisions = floor.policy.decide_all(requests, action)
        found.update(zip(numbers, decisions, strict=True))
    return [found[number] for number in range(len(asked))]


def _action(standing: Standing) -> Action:
    return Action.FHIR_READ if standing.principal.outside else Action.CHART_READ


def _kind(standing: Standing) -> str:
    """A person reads the chart; a system or an app the types that its scopes name."""
    principal = standing.principal
    if not principal.outside:
        return "chart"
    scopes = principal.app.scopes if principal.app else principal.scopes
    kinds = sorted(one.partition("/")[2].partition(".")[0] for one in scopes if "/" in one)
    return "Patient" if not kinds or "*" in kinds or "Patient" in kinds else kinds[-1]


def _key(standing: Standing) -> tuple[str, str, str]:
    app = standing.principal.app
    return standing.principal.kind, standing.principal.id, app.id if app else ""


def _once(judged: Iterable[_Judged]) -> list[_Judged]:
    """Each once, by the purpose or the grant that shows most."""
    order: tuple[Verdict, ...] = ("may", "label", "refusal", "both", "none")
    best: dict[tuple[str, str, str], _Judged] = {}
    for one in judged:
        known = best.get(_key(one.standing))
        if known is None or order.index(one.verdict) < order.index(known.verdict):
            best[_key(one.standing)] = one
    return list(best.values())


def _seer(judged: _Judged, facts: Facts, known: Directory, tallies: Mapping[str, Tally]) -> Seer:
    principal = judged.standing.principal
    through = principal.app is not None
    return Seer(
        principal.actor,
        principal.name,
        "app" if through else principal.kind,
        tuple(sorted(principal.roles)),
        judged.verdict,
        judged.partly,
        judged.rules,
        reasons(judged.standing, facts, known),
        None if through else tallies.get(principal.actor),
    )


def _shown(seer: Seer, show: str) -> bool:
    match show:
        case "may":
            return seer.verdict == "may"
        case "kept":
            return seer.verdict in KEPT_OUT
        case "saw":
            return seer.seen is not None
        case _:
            return True


def arranged(sight: Sight, show: str, find: str, sort: str) -> list[Seer]:
    """The list as it was asked for: ``show`` may, kept, saw or all; ``sort`` name, reason, seen."""
    wanted = find.strip().casefold()
    chosen = [
        one for one in sight.seers
        if _shown(one, show) and (not wanted or wanted in one.name.casefold()
                                  or wanted in one.actor.casefold())
    ]  # fmt: skip
    match sort:
        case "reason":
            return sorted(chosen, key=lambda one: (_first(one), one.name, one.actor))
        case "seen":
            return sorted(
                chosen, key=lambda one: one.seen.last_at if one.seen else _LONG_AGO, reverse=True
            )
        case _:
            return sorted(chosen, key=lambda one: (one.name, one.actor))


def _first(seer: Seer) -> tuple[str, str]:
    return (seer.verdict, seer.reasons[0].words.en if seer.reasons else "\uffff")


def _sort_of(word: str) -> Literal["person", "client", "system"]:
    """The kind of an actor of the ledger."""
    return "person" if word == "person" else "client" if word == "client" else "system"
