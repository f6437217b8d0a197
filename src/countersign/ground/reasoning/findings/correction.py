"""What a person changes in the findings of a text: its status, its term, or whether it is one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from countersign.ground.reasoning.finding import Finding, Holder, Place, Status


@dataclass(frozen=True, slots=True)
class Correction:
    """What is true at a place, or of a term that has none.

    ``place`` and ``term`` name the finding as it was read; without a place it is one that a person
    chose from a list. ``becomes`` is what it is instead; None says that nothing was found there.
    """

    term: str
    place: Place | None
    becomes: Finding | None


def corrected(
    findings: Iterable[Finding], corrections: Iterable[Correction]
) -> tuple[Finding, ...]:
    """The findings after the corrections, in the order of their places, none over another.

    A later correction wins over an earlier one. Where it names nothing that was read, what it
    becomes is added. Correcting twice by the same is correcting once.
    """
    found = list(findings)
    for one in corrections:
        found = _one(found, one)
    return tuple(sorted(found, key=_order))


def stated(
    finding: Finding,
    *,
    status: Status | None = None,
    term: str | None = None,
    holder: Holder | None = None,
    past: bool | None = None,
) -> Correction:
    """The correction of a finding in what is given, for a chip that was clicked."""
    becomes = replace(
        finding,
        status=finding.status if status is None else status,
        term=finding.term if term is None else term,
        holder=finding.holder if holder is None else holder,
        past=finding.past if past is None else past,
    )
    return Correction(finding.term, finding.place, becomes)


def removed(finding: Finding) -> Correction:
    """The correction that says it is no finding."""
    return Correction(finding.term, finding.place, None)


def added(finding: Finding) -> Correction:
    """The correction that adds what was not read."""
    return Correction(finding.term, finding.place, finding)


def resolved(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Without those that lie over a longer one of the same source, or over an equal earlier one."""
    kept: list[Finding] = []
    for one in sorted(findings, key=_length):
        if not any(_over(one, other) for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=_order))


def _one(found: Sequence[Finding], correction: Correction) -> list[Finding]:
    becomes = correction.becomes
    rest = [
        one
        for one in found
        if not (one.term == correction.term and one.place == correction.place)
        and not (becomes is not None and _over(one, becomes))
    ]
    return rest if becomes is None else [*rest, becomes]


def _over(one: Finding, other: Finding) -> bool:
    """Whether two lie over each other in one text; without places, whether they are one term."""
    a, b = one.place, other.place
    if a is None or b is None:
        return a is b and one.term == other.term and one.holder == other.holder
    if a.source != b.source:
        return False
    if a.start == a.end or b.start == b.end:
        return a == b and one.term == other.term
    return a.start < b.end and b.start < a.end


def _length(finding: Finding) -> int:
    place = finding.place
    return place.start - place.end if place else 0


def _order(finding: Finding) -> tuple[str, int, int, str]:
    place = finding.place
    return (place.source, place.start, place.end, "") if place else ("", 0, 0, finding.term)
