"""Which resources a draft may hold, and what an amended answer keeps of each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.chart import Limits, prepare_own
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON

from .draft import WRITTEN
from .errors import BadProposal
from .explanation import Explanation

KEPT: dict[str, tuple[str, ...]] = {
    "CarePlan": (
        "resourceType",
        "language",
        "status",
        "intent",
        "category",
        "subject",
        "created",
        "addresses",
    ),
    "ClinicalImpression": (
        "resourceType",
        "language",
        "status",
        "subject",
        "date",
        "description",
    ),
    "Composition": (
        "resourceType",
        "language",
        "status",
        "type",
        "subject",
        "date",
        "author",
        "title",
    ),
    "DetectedIssue": (
        "resourceType",
        "language",
        "status",
        "code",
        "patient",
        "identifiedDateTime",
        "implicated",
    ),
    "DiagnosticReport": (
        "resourceType",
        "language",
        "status",
        "category",
        "code",
        "subject",
        "effectiveDateTime",
        "specimen",
        "media",
        "result",
    ),
    "DocumentReference": (
        "resourceType",
        "language",
        "status",
        "docStatus",
        "type",
        "subject",
        "date",
    ),
    "MedicationRequest": (
        "resourceType",
        "language",
        "status",
        "intent",
        "subject",
        "authoredOn",
        "requester",
    ),
    "Observation": (
        "resourceType",
        "language",
        "status",
        "category",
        "code",
        "subject",
        "effectiveDateTime",
        "specimen",
    ),
    "QuestionnaireResponse": (
        "resourceType",
        "language",
        "status",
        "questionnaire",
        "subject",
        "source",
        "authored",
    ),
}
"""What an amended answer keeps of a draft's resource: what it is about, not what it found.

A type that is not named here cannot be proposed: nobody has said what of it would contradict
a physician's own words.
"""


def check_resources(resources: Sequence[JSON], patient: str) -> None:
    """Raises BadProposal for what could not be released after a physician had signed it."""
    if not resources:
        raise BadProposal(problem="it would write nothing")
    for resource in resources:
        if resource.get("resourceType") not in KEPT:
            raise BadProposal(problem="it holds a resource that cannot be released")
        if "id" in resource or "meta" in resource:
            raise BadProposal(problem="its resources bring an id or labels of their own")
    named = [{**resource, "id": f"draft-{place}"} for place, resource in enumerate(resources)]
    try:
        prepared = prepare_own(named, Limits())
    except CountersignError as problem:
        raise BadProposal(problem=problem.code) from problem
    if any(item.owner != patient for item in prepared):
        raise BadProposal(problem="its resources belong to another patient")


PERSON = "urn:countersign:person"
"""The system of the identifiers of people of this house."""


def check_written(resources: Sequence[JSON], asked_by: str | None, corrects: str | None) -> None:
    """An order is written by the person who asks for its draft and is nothing else beside it.

    ``asked_by`` is the identifier of that person. The draft that stops an order keeps who wrote
    it. Raises BadProposal.
    """
    orders = [one for one in resources if one.get("resourceType") in WRITTEN]
    if not orders:
        return
    if len(orders) < len(resources):
        raise BadProposal(problem="an order stands in a draft of its own")
    writers = {writer(one) for one in orders}
    if None in writers or asked_by is None or (corrects is None and writers != {asked_by}):
        raise BadProposal(problem="an order is written by the person who asks for it")


def writer(resource: JSON) -> str | None:
    """Who wrote an order: the requester, by the identifier of a person of this house."""
    named = resource.get("requester", {}).get("identifier", {})
    return str(named["value"]) if named.get("system") == PERSON and named.get("value") else None


_REFERENCE = re.compile(r"([A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/([1-9][0-9]{0,8}))?")


def check_sources(connection: Connection[DictRow], explanation: Explanation, patient: str) -> None:
    """Raises BadProposal when it rests on what is not in this patient's chart."""
    places = _sources(explanation)
    missing = connection.execute(
        _MISSING,
        {
            "type": [kind for kind, _, _ in places],
            "id": [name for _, name, _ in places],
            "version": [int(number) if number else None for _, _, number in places],
            "patient": patient,
        },
    ).fetchone()
    if missing is not None:
        raise BadProposal(problem="it rests on what is not in the chart of this patient")


def labels_of(connection: Connection[DictRow], explanation: Explanation) -> list[str]:
    """The sensitivity labels of what it rests on, which the draft bears from then on."""
    places = _sources(explanation)
    given = {"type": [kind for kind, _, _ in places], "id": [name for _, name, _ in places]}
    row = connection.execute(_LABELS, given).fetchone()
    return row["labels"] if row else []


def _sources(explanation: Explanation) -> list[tuple[str, str, str | None]]:
    """The references to the chart, as type, id and version. Raises BadProposal."""
    named = {*explanation.inputs, *(item.reference or "" for item in explanation.evidence)}
    found = [_REFERENCE.fullmatch(name) for name in sorted(named) if "/" in name]
    if None in found:
        raise BadProposal(problem="it names a source that is no chart reference")
    return [(one[1], one[2], one[3]) for one in found if one is not None]


_LABELS = """
select coalesce(array_agg(distinct label), '{}') as labels
from unnest(%(type)s::text[], %(id)s::text[]) as named (type, id)
join chart.current c on c.type = named.type and c.id = named.id
cross join unnest(c.sensitivity) as label
"""
_MISSING = """
select 1 from unnest(%(type)s::text[], %(id)s::text[], %(version)s::integer[])
    as named (type, id, version)
where not exists (
    select from chart.version v
    where v.type = named.type and v.id = named.id
      and (named.version is null or v.version = named.version)
      and (v.patient is null or v.patient = %(patient)s))
limit 1
"""
