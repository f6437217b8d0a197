"""What findings say about the rows of the tables: present, absent or not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from countersign.ground.reasoning.finding import Finding, Holder, Status

from .tables import Array, Tables

TEMPER = 0.8
"""Power of every likelihood: findings of one patient are not independent given the condition, and
the plain product would be too sure. An assumption; see docs/models/common-conditions.md."""


@dataclass(frozen=True, slots=True)
class Known:
    """``status`` is 1 present, -1 absent, 0 not known, for each finding; ``said`` are the rows that
    somebody stated, the others follow from them; ``foreign`` counts terms that no table knows;
    ``context`` are the rows that only diagnoses known before this visit speak of."""

    status: npt.NDArray[np.int8]
    said: tuple[int, ...]
    foreign: int
    context: frozenset[int] = frozenset()


def known(tables: Tables, findings: Iterable[Finding]) -> Known:
    """The patient's own findings; past ones only where they last; contradictions are not known.

    A kind of finding that is present makes the whole present; a whole that is absent makes its
    kinds absent. A term without a row counts as the wider one if it is present; its absence says
    nothing of the wider one.
    """
    told: dict[int, set[Status]] = {}
    strange: set[str] = set()
    new: set[int] = set()
    for finding in findings:
        if finding.holder is not Holder.PATIENT:
            continue
        rows = rows_of(tables, finding)
        if not finding.known:
            new.update(rows)
        if not rows and finding.status is Status.PRESENT and not (finding.past or finding.known):
            strange.add(finding.term)
        for number in rows:
            if not finding.past or tables.knowledge.entries[number].lasting:
                told.setdefault(number, set()).add(finding.status)
    status = _settled(tables, told)
    without = _settled(tables, {number: told[number] for number in told if number in new})
    sure = tuple(sorted(number for number in told if status[number]))
    context = frozenset(int(row) for row in np.flatnonzero((status != 0) & (without == 0)))
    return Known(status, sure, len(strange), context)


def _settled(tables: Tables, told: Mapping[int, set[Status]]) -> npt.NDArray[np.int8]:
    status = np.zeros(len(tables.wider), dtype=np.int8)
    for number, said in told.items():
        if said == {Status.PRESENT}:
            status[number] = 1
        elif said == {Status.ABSENT}:
            status[number] = -1
    _follow(status, tables.wider)
    return status


def rows_of(tables: Tables, finding: Finding) -> list[int]:
    """The rows it speaks of: its own, or, where it is present, those of the wider terms."""
    own = tables.row.get(finding.term)
    if own is not None:
        return [own]
    if finding.status is not Status.PRESENT:
        return []
    return [tables.row[term] for term in tables.knowledge.wider.get(finding.term, ())]


def _follow(status: npt.NDArray[np.int8], wider: npt.NDArray[np.intp]) -> None:
    for number in range(len(wider)):
        above = int(wider[number])
        while above >= 0 and status[number] == 1:
            status[above] = 1
            above = int(wider[above])
    for number in range(len(wider)):
        above = int(wider[number])
        while above >= 0 and status[number] == 0:
            if status[above] == -1:
                status[number] = -1
            above = int(wider[above])


def chances(tables: Tables, status: npt.NDArray[np.int8]) -> Array:
    """P(present | condition, what is known of the finding it narrows), (findings, C + 1)."""
    above = tables.wider
    given = (above >= 0) & (status[above] == 1)
    return np.where(given[:, None], tables.shares / tables.shares[above], tables.shares)


def likelihoods(tables: Tables, known: Known) -> Array:
    """Log-likelihood of each known finding in each condition, tempered; 0 where it tells nothing
    new: (findings, C + 1)."""
    chance = chances(tables, known.status)
    above = tables.wider
    implied = (above >= 0) & (known.status[above] == -1)
    logs = np.where(known.status[:, None] == 1, np.log(chance), np.log1p(-chance))
    silent = (known.status == 0) | implied
    return np.where(silent[:, None], 0.0, TEMPER * logs)


def posterior(priors: Array, logs: Array) -> Array:
    """Probabilities of the conditions and, last, of none of them; they sum to 1."""
    with np.errstate(divide="ignore"):
        total = np.log(priors) + logs.sum(axis=0)
    total = np.exp(total - total.max())
    return total / total.sum()
