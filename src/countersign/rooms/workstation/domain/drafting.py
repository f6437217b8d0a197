"""Puts a finding together: its inputs, its stable key and the resource it would leave behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from countersign.kit.json import JSON
from countersign.kit.words import Words

from . import limits
from .facts import Facts
from .finding import Evidence, Finding, Risk, Urgency
from .issue import detected_issue
from .measures import Measure
from .medicines import Medicine
from .problems import Problem
from .prose import result
from .sources import Source


@dataclass(frozen=True, slots=True)
class Argument:
    """Why a rule speaks: its reasoning, where it is published and what in the chart bears it."""

    rationale: Words
    sources: tuple[Source, ...]
    evidence: tuple[Evidence, ...]
    limits: Sequence[Words]
    alternatives: tuple[Words, ...]


def propose(
    facts: Facts,
    kind: str,
    weight: tuple[Urgency, Risk],
    words: tuple[Words, Words],
    argument: Argument,
    resources: tuple[JSON, ...] | None = None,
    *,
    about: str = "",
) -> Finding:
    """A finding with ``words`` = (title, text); without ``resources`` it is a DetectedIssue.

    ``about`` tells several findings of one kind apart (the analyte, the rule's branch). The key
    depends on the rule and the versions it read, not on the order of the chart or on the day, so
    that the same finding is not proposed twice.
    """
    inputs = tuple(sorted({item.reference for item in argument.evidence}))
    urgency, risk = weight
    if resources is None:
        patient = f"Patient/{facts.person.ident}"
        resources = (detected_issue(patient, facts.now, urgency, words, inputs),)
    return Finding(
        kind=kind,
        topic=f"{kind}:{about}" if about else kind,
        urgency=urgency,
        risk=risk,
        title=words[0],
        text=words[1],
        rationale=_cited(argument),
        sources=argument.sources,
        evidence=argument.evidence,
        limits=_distinct(argument.limits) or (limits.ONLY_THIS_CHART,),
        alternatives=argument.alternatives,
        inputs=inputs,
        resources=resources,
        key=sha256("\n".join((kind, about, *inputs)).encode()).hexdigest(),
    )


def shown(*items: Measure | Medicine | Problem) -> tuple[Evidence, ...]:
    """Chart entries as evidence, each once, in the order given."""
    found = {item.reference + _said(item).en: item for item in items}
    return tuple(Evidence(_said(item), item.reference) for item in found.values())


def _said(item: Measure | Medicine | Problem) -> Words:
    if isinstance(item, Measure):
        return result(item)
    if isinstance(item, Medicine):
        since = f" ({item.since.day})" if item.since else ""
        return Words(f"Active medicine: {item.name}{since}", f"在用药物：{item.name}{since}")
    return Words(f"Recorded problem: {item.name}", f"诊断记录：{item.name}")


def _cited(argument: Argument) -> Words:
    names = [source.name for source in argument.sources]
    en, zh = "; ".join(name.en for name in names), "；".join(name.zh for name in names)
    return Words(f"{argument.rationale.en} Source: {en}.", f"{argument.rationale.zh}依据：{zh}。")


def _distinct(words: Iterable[Words]) -> tuple[Words, ...]:
    return tuple(dict.fromkeys(words))
