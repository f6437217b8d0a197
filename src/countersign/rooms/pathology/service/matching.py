"""Finds whose a slide is and how it was stained, by what its sender, label and file say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from countersign.ground.chart import Chart, Version
from countersign.ground.identity import Principal
from countersign.ground.slides import Match, MatchedBy, Told
from countersign.kit.errors import CountersignError
from countersign.rooms.pathology.domain.label import (
    block_of,
    likely_numbers,
    numbers_of,
    put_right,
    stain_of,
)

WORKER = Principal.system("worker")
BY_NUMBER = (
    ("Specimen", "accession"),
    ("Specimen", "identifier"),
    ("ServiceRequest", "identifier"),
    ("Patient", "identifier"),
)


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why nobody can say: ``no-number``, ``unknown-number``, ``two-patients`` or ``no-stain``."""

    code: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the writing on a label may mean: for a person to compare with its picture. ``patient``
    is empty where no number on it is one of the chart's, or where two patients have it."""

    patient: str = ""
    accession: str = field(default="", repr=False)
    block: str = field(default="", repr=False)
    stain: str = ""


class Matching:
    """Looks numbers up in the chart, as the worker."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart

    def find(self, told: Told) -> Match | Unclear:
        """One patient and one stain, or why not.

        What the sender said counts before the label's code, that before its text, that before
        the file's name: the first of these that names a number known to the chart decides. Two
        patients for one slide are never guessed between.
        """
        stain = self._stain(told)
        problem = Unclear("no-number")
        for how, text in _sayings(told):
            for number in numbers_of(text):
                hits = self._hits(number)
                people = {patient for patient, _ in hits}
                if len(people) > 1:
                    return Unclear("two-patients")
                if people:
                    if stain is None:
                        return Unclear("no-stain")
                    return self._match(told, people.pop(), stain, how, (text, number), hits)
                problem = Unclear("unknown-number")
        return problem

    def proposed(self, told: Told) -> Proposal:
        """What was recognised on the label, looked up; nothing is matched by it."""
        stain = stain_of(told.read) or ""
        for number in likely_numbers(told.read):
            hits = self._hits(number)
            people = {patient for patient, _ in hits}
            if len(people) == 1:
                block = block_of(told.read, number) or block_of(put_right(told.read), number)
                own = any(version.type == "Patient" for _, version in hits)
                return Proposal(people.pop(), "" if own else number[:100], block[:40], stain)
        return Proposal(stain=stain)

    def _stain(self, told: Told) -> str | None:
        hinted = told.hints.get("stain", "")
        for texts in ((hinted,), told.codes, (told.label,), (told.name,)):
            if found := stain_of(*texts):
                return found
        return None

    def _match(
        self,
        told: Told,
        patient: str,
        stain: str,
        how: MatchedBy,
        read: tuple[str, str],
        hits: Sequence[tuple[str, Version]],
    ) -> Match:
        text, number = read
        of = {version.type: f"{version.type}/{version.id}" for _, version in hits}
        accession = told.hints.get("accession", number)
        if "Patient" in of and number in numbers_of(accession):
            accession = ""  # the patient's number, which is no specimen's
        return Match(
            patient,
            stain,
            how,
            accession=accession[:100],
            block=(told.hints.get("block") or block_of(text, number))[:40],
            specimen=of.get("Specimen", ""),
            order=of.get("ServiceRequest", ""),
        )

    def _hits(self, number: str) -> list[tuple[str, Version]]:
        reader, found = self._chart.reader(WORKER), list[tuple[str, Version]]()
        for kind, parameter in BY_NUMBER:
            try:
                page = reader.search(kind, [(parameter, number)])
            except CountersignError as problem:
                if problem.status >= 500:
                    raise
                continue  # what cannot be a number for this resource finds nothing there
            for version in page.versions:
                patient = version.id if kind == "Patient" else version.patient
                if patient is not None:
                    found.append((patient, version))
            if found:
                break
        return found


def _sayings(told: Told) -> Iterator[tuple[MatchedBy, str]]:
    """Every text that may hold a number, the most trustworthy first."""
    for name in ("specimen", "accession", "mrn"):
        if said := told.hints.get(name):
            yield "given", said
    for code in told.codes:
        yield "barcode", code
    if told.label:
        yield "text", told.label
    if told.name:
        yield "name", told.name.rsplit(".", 1)[0]
