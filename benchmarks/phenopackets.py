"""Published rare-disease cases: how they are read, halved, and freed of their own publication."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from benchmarks.shared import lines, part
from countersign.ground.reasoning import Finding, Status
from countersign.ground.reasoning.phenotypes import Person
from countersign.ground.reasoning.phenotypes.annotations import Annotation, read_annotations
from countersign.ground.reasoning.phenotypes.course import course
from countersign.ground.reasoning.phenotypes.knowledge import Knowledge, carried
from countersign.ground.reasoning.phenotypes.matching import Altered
from countersign.ground.reasoning.phenotypes.ontology import closures, read_ontology
from countersign.ground.reasoning.phenotypes.profile import denials, profile, spread

CASES = "diagnosis/phenopackets.jsonl.gz"
ONSETS = {
    "Antenatal onset": -0.1, "Embryonal onset": -0.1, "Fetal onset": -0.1, "Congenital onset": 0.0,
    "Neonatal onset": 0.02, "Infantile onset": 0.5, "Childhood onset": 3.0, "Juvenile onset": 10.0,
    "Young adult onset": 25.0, "Adult onset": 25.0, "Middle age onset": 50.0, "Late onset": 70.0,
}  # fmt: skip
_AGE = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
_PUBLICATION = re.compile(r"(?<!\d)(\d{7,8})(?!\d)")


@dataclass(frozen=True)
class Published:
    """One case; ``publication`` is ``PMID:…`` where its name holds one."""

    name: str
    disease: str
    publication: str
    present: tuple[str, ...]
    absent: tuple[str, ...]
    person: Person

    def findings(self) -> list[Finding]:
        return [
            *(Finding(one) for one in self.present),
            *(Finding(one, Status.ABSENT) for one in self.absent),
        ]


def published(data: Path | None) -> list[Published]:
    """The 5,206 cases."""
    return [_case(one) for one in lines(data, CASES)]


def _case(told: Mapping[str, Any]) -> Published:
    number = _PUBLICATION.search(told["case_id"])
    sex = {"MALE": "male", "FEMALE": "female"}.get(told.get("sex") or "")
    return Published(
        name=told["case_id"],
        disease=told["disease_id"],
        publication=f"PMID:{number[1]}" if number else "",
        present=tuple(told["observed"]),
        absent=tuple(told["excluded"]),
        person=Person(sex, years(told.get("age")), years(told.get("onset"))),  # type: ignore[arg-type]
    )


def years(text: str | None) -> float | None:
    """An ISO 8601 duration or HPO's word for an onset, in years."""
    if text in ONSETS:
        return ONSETS[text]
    found = _AGE.match(text or "")
    if not found or not any(found.groups()):
        return None
    y, m, w, d = (int(one or 0) for one in found.groups())
    return y + m / 12 + w / 52 + d / 365


def groups(cases: Sequence[Published]) -> list[int]:
    """A number for each case: the same for all that share a disease or a publication, however
    indirectly. What was learnt from one group says nothing that was printed about another."""
    parent: dict[str, str] = {}

    def find(one: str) -> str:
        parent.setdefault(one, one)
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for case in cases:
        parent[find(case.disease)] = find(case.publication or case.name)
    roots = [find(case.disease) for case in cases]
    number = {root: at for at, root in enumerate(dict.fromkeys(roots))}
    return [number[root] for root in roots]


def held_apart(cases: Sequence[Published], group: Sequence[int]) -> list[bool]:
    """Which half: True for the one that nothing was chosen on; whole groups, by a hash."""
    first = _first(cases, group)
    return [part(first[at], 2**32) % 2 == 1 for at in group]


def _first(cases: Sequence[Published], group: Sequence[int]) -> dict[int, str]:
    first: dict[int, str] = {}
    for case, at in zip(cases, group, strict=True):
        first[at] = min(first.get(at, case.disease), case.disease)
    return first


class Removal(Enum):
    """What goes with a publication.

    OWN: lines that name it alone, as the figure is defined. COUNTED: also, from lines that it
    shares with others, its patients among the cases; a line none of whose other patients had the
    finding goes. NAMED: every line that names it at all.
    """

    OWN = "own"
    COUNTED = "counted"
    NAMED = "named"


class Removing:
    """Diseases as they would be annotated without one publication."""

    def __init__(self, known: Knowledge, cases: Iterable[Published]) -> None:
        with (carried() / "phenotype.hpoa").open(encoding="utf-8") as file:
            rows = read_annotations(file).rows
        with (carried() / "hp.obo").open(encoding="utf-8") as file:
            self._closure = closures(read_ontology(file).parents)
        self._place = known.place()
        self._at = {one: at for at, one in enumerate(known.diseases)}
        self._rows: defaultdict[str, list[Annotation]] = defaultdict(list)
        self._touched: defaultdict[str, set[str]] = defaultdict(set)
        for row in rows:
            self._rows[row.disease].append(row)
            for one in row.references:
                self._touched[one].add(row.disease)
        self._had: defaultdict[tuple[str, str, int], list[int]] = defaultdict(lambda: [0, 0])
        for case in cases:
            for index, terms in enumerate((case.present, case.absent)):
                for term in {self._place.get(one, -1) for one in terms}:
                    self._had[case.publication, case.disease, term][index] += 1
        self._made: dict[tuple[str, Removal], dict[int, Altered]] = {}

    def without(self, publication: str, removal: Removal) -> dict[int, Altered]:
        """By position, every disease that the publication was used for."""
        key = publication, removal
        if key not in self._made:
            self._made[key] = {
                self._at[one]: self._altered(one, publication, removal)
                for one in self._touched.get(publication, ())
            }
        return self._made[key]

    def _altered(self, disease: str, publication: str, removal: Removal) -> Altered:
        held = (self._left(row, publication, removal) for row in self._rows[disease])
        rows = [row for row in held if row is not None]
        made = profile(rows, self._place)
        return Altered(made, spread(made, self._closure), course(rows), denials(rows, self._place))

    def _left(self, row: Annotation, publication: str, removal: Removal) -> Annotation | None:
        if publication not in row.references:
            return row
        if removal is Removal.NAMED or row.references == (publication,):
            return None
        if removal is Removal.OWN or not row.of or row.frequency is None:
            return row
        had, had_not = self._had.get(
            (publication, row.disease, self._place.get(row.term, -2)), (0, 0)
        )
        of, n = row.of - had - had_not, round(row.frequency * row.of) - had
        return replace(row, of=max(of, n), frequency=n / max(of, n)) if n > 0 else None
