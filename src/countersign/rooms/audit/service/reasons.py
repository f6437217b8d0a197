"""Why somebody may see a patient, in words: the ties that join the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from countersign.ground.identity import Facts, Principal, Standing, Tie
from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class Reason:
    """One tie in words, from ``since`` and ``until`` where they are known; ``code`` sorts it."""

    code: str
    words: Words
    until: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """The names that reasons use: of people by identifier, of departments by code."""

    people: Mapping[str, str]
    departments: Mapping[str, Words]

    def place(self, code: str) -> Words:
        """A department's name, or its code where there is none."""
        return self.departments.get(code) or Words(code, code)

    def person(self, person: str | None) -> str:
        """A person's name, or the identifier where there is none."""
        return self.people.get(person or "", person or "?")


def reasons(standing: Standing, facts: Facts, known: Directory) -> tuple[Reason, ...]:
    """Every tie of this principal to this patient, the closest first."""
    principal = standing.principal
    if principal.kind == "client":
        return _of_a_client(principal, facts, known)
    found = [_care_team(principal, facts, known)]
    found += [_tie(one, facts, known) for one in standing.ties]
    if standing.app is not None and principal.app is not None:
        found.append(_app(standing.app, principal.app.scopes))
    kept = {(one.words.en, one.until): one for one in found if one is not None}
    return tuple(sorted(kept.values(), key=lambda one: (_ORDER.index(one.code), one.words.en)))


_ORDER = ("own", "care", "stands-for", "opened", "member", "duty", "delegated", "scope", "app")


def _care_team(principal: Principal, facts: Facts, known: Directory) -> Reason | None:
    if principal.id in facts.care_team:
        return Reason("care", Words("Care team, as the chart says", "照护团队（依病历）"))
    return None


def _tie(tie: Tie, facts: Facts, known: Directory) -> Reason | None:
    """The tie in words if it leads to this patient."""
    here = tie.what == facts.patient
    shared = tie.what in facts.departments
    place, by = known.place(tie.what), known.person(tie.by)
    match tie.kind:
        case "own" if here:
            words = Words("The own record", "本人病历")
        case "care" if here and tie.by is None:
            words = Words("Care team, as entered here", "照护团队（在此登记）")
        case "care" if here:
            words = Words(f"Stands in for {by} in the care team", f"在照护团队中代理{by}")
        case "opened" if here:
            words = Words("Break-glass", "紧急调阅")
        case "stands-for" if tie.what in facts.care_team:
            name = known.person(tie.what)
            words = Words(f"Stands in for {name} in the care team", f"在照护团队中代理{name}")
        case "member" if shared:
            words = Words(f"Department {place.en}", f"科室：{place.zh}")
        case "duty" if shared:
            words = Words(f"On duty in {place.en}", f"当班：{place.zh}")
        case "delegated" if shared:
            words = Words(f"Stands in for {by} in {place.en}", f"在{place.zh}代理{by}")
        case _:
            return None
    return Reason(tie.kind, words, tie.until, tie.since)


def _of_a_client(principal: Principal, facts: Facts, known: Directory) -> tuple[Reason, ...]:
    places = [known.place(code) for code in sorted(principal.departments & facts.departments)]
    connected = tuple(
        Reason("member", Words(f"Connected to {place.en}", f"已接入{place.zh}")) for place in places
    )
    listed = " ".join(sorted(principal.scopes))
    return (*connected, Reason("scope", Words(f"Scopes {listed}", f"授权范围 {listed}")))


def _app(name: str, scopes: frozenset[str]) -> Reason:
    listed = " ".join(sorted(scopes))
    return Reason("app", Words(f"By the app {name}: {listed}", f"经应用 {name}：{listed}"))
