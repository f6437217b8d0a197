"""What the policy answers, one by one or for many principals at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from .action import Action
from .engine import Answer, Entities, ask_all, with_added
from .entities import held, principal_entity, record_entity, uid
from .principal import Facts, Principal, Role
from .rules import FAILED, NOTHING_PERMITS
from .slices import Slices

Asked = tuple[Principal, Facts]

MOST = 500
"""Decisions of one call to the engine, which lets nobody else compute meanwhile."""


@dataclass(frozen=True, slots=True)
class Decision:
    """``reasons`` are the identifiers of the rules that allowed or forbade it."""

    allowed: bool
    reasons: tuple[str, ...]


def decision_of(answer: Answer) -> Decision:
    """The engine's answer; a rule that fails forbids."""
    # Cedar skips a rule that fails; were it a guard, skipping it would open the door.
    if answer.failed:
        return Decision(False, (FAILED,))
    return Decision(answer.allowed, answer.rules or (NOTHING_PERMITS,))


def decide_all(
    asked: Sequence[Asked], action: Action, slices: Slices, base: Entities
) -> list[Decision]:
    """One decision for each, in their order; the entities of many are read in one go."""
    found: dict[int, Decision] = {}
    for kind, roles, numbers in _rounds(asked):
        entities, uids, records = _together([asked[number] for number in numbers])
        policies = slices.of(kind, str(action), held(roles))
        answers = ask_all(
            list(zip(uids, records, strict=True)), str(action), policies,
            with_added(base, entities),
        )  # fmt: skip
        found.update(zip(numbers, map(decision_of, answers), strict=True))
    return [found[number] for number in range(len(asked))]


def _rounds(asked: Sequence[Asked]) -> Iterator[tuple[str, frozenset[Role], list[int]]]:
    """The numbers of those who can be asked about together: of a kind, alike in roles, and
    nobody twice.
    """
    waiting: dict[tuple[str, frozenset[Role], int], list[int]] = {}
    times: dict[tuple[str, str], int] = {}
    for number, (principal, _) in enumerate(asked):
        name = (principal.kind, principal.id)
        times[name] = times.get(name, -1) + 1
        alike = (uid(principal)["type"], principal.roles, times[name])
        waiting.setdefault(alike, []).append(number)
    for (kind, roles, _), numbers in waiting.items():
        some = iter(numbers)
        while chosen := list(islice(some, MOST)):
            yield kind, roles, chosen


def _together(asked: Sequence[Asked]) -> tuple[str, list[dict[str, str]], list[dict[str, str]]]:
    """The entities as JSON, and for each who asks and what is asked for; equal records once."""
    entities = [principal_entity(principal) for principal, _ in asked]
    names: dict[str, str] = {}
    records: list[dict[str, str]] = []
    for principal, facts in asked:
        record = record_entity(principal, facts, "")
        text = json.dumps(record)
        if text not in names:
            names[text] = f"asked{len(names)}"
            entities.append({**record, "uid": {"type": "Record", "id": names[text]}})
        records.append({"type": "Record", "id": names[text]})
    return json.dumps(entities), [uid(principal) for principal, _ in asked], records
