"""The lists of a chart: problems, medications, allergies, encounters, documents and more."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from countersign.kit.allergies import none_known
from countersign.kit.json import JSON
from countersign.kit.words import Language

from .reading import codes, concept, first, link, objects, text, translated, when

SHOWN_DOCUMENT = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: what, when, how it stands, a remark, and where it comes from."""

    name: str
    since: str
    until: str
    status: str
    note: str
    reference: str
    active: bool
    code: str = ""

    @property
    def absent(self) -> bool:
        """Whether it says that there is no allergy."""
        return none_known([self.code], self.name)


@dataclass(frozen=True, slots=True)
class Document:
    """A note or report with as much of its text as a page can show."""

    title: str
    at: str
    author: str
    body: str
    reference: str


def problems(conditions: Iterable[JSON], language: Language) -> list[Row]:
    """Conditions, the active ones first, then the newest."""

    def row(one: JSON) -> Row:
        status = next(iter(codes(one.get("clinicalStatus"))), "")
        return _row(
            one,
            concept(one.get("code"), language),
            when(one, "onsetDateTime", "onsetPeriod", "recordedDate"),
            when(one, "abatementDateTime"),
            status,
            concept(one.get("severity"), language),
            status in ("active", "recurrence", "relapse", ""),
        )

    return _sorted(row(one) for one in _valid(conditions, "verificationStatus"))


def medications(requests: Iterable[JSON], language: Language) -> list[Row]:
    """Orders and statements of medication, the current ones first."""

    def row(one: JSON) -> Row:
        name = concept(one.get("medicationCodeableConcept"), language)
        name = name or text(first(one.get("medicationReference")).get("display"))
        dosage = first(one.get("dosageInstruction") or one.get("dosage"))
        status = text(one.get("status"))
        return _row(
            one,
            name,
            when(one, "authoredOn", "effectiveDateTime", "effectivePeriod"),
            "",
            status,
            text(dosage.get("text")) or concept(one.get("reasonCode"), language),
            status in ("active", "on-hold", "intended"),
        )

    return _sorted(row(one) for one in requests if one.get("status") != "entered-in-error")


def allergies(intolerances: Iterable[JSON], language: Language) -> list[Row]:
    """Allergies and intolerances, active and severe ones first."""

    def row(one: JSON) -> Row:
        reaction = first(one.get("reaction"))
        seen = ", ".join(concept(item, language) for item in objects(reaction.get("manifestation")))
        status = next(iter(codes(one.get("clinicalStatus"))), "")
        return _row(
            one,
            concept(one.get("code"), language),
            when(one, "onsetDateTime", "recordedDate"),
            "",
            text(one.get("criticality")) or status,
            seen,
            status in ("active", ""),
        )

    return _sorted(row(one) for one in _valid(intolerances, "verificationStatus"))


def encounters(visits: Iterable[JSON], language: Language) -> list[Row]:
    """Visits and admissions, those in progress first, then the newest."""

    def row(one: JSON) -> Row:
        period = first(one.get("period"))
        place = text(first(first(one.get("location")).get("location")).get("display"))
        place = place or text(first(one.get("serviceProvider")).get("display"))
        reason = concept(one.get("reasonCode"), language)
        name = concept(one.get("type"), language) or concept(one.get("serviceType"), language)
        status = text(one.get("status"))
        return _row(
            one,
            name,
            text(period.get("start")),
            text(period.get("end")),
            status,
            " · ".join(part for part in (reason, place) if part),
            status == "in-progress",
            code=text(first(one.get("class")).get("code")),
        )

    return _sorted(row(one) for one in visits if one.get("status") != "entered-in-error")


def dated(resources: Iterable[JSON], language: Language) -> list[Row]:
    """Procedures, immunisations, plans, goals, reports and imaging: what and when."""

    def row(one: JSON) -> Row:
        name = concept(
            one.get("code")
            or one.get("vaccineCode")
            or one.get("description")
            or one.get("category")
            or one.get("modality"),
            language,
        )
        name = name or text(one.get("description")) or text(one.get("title"))
        return _row(
            one,
            name,
            when(
                one,
                "performedDateTime",
                "performedPeriod",
                "occurrenceDateTime",
                "effectiveDateTime",
                "effectivePeriod",
                "started",
                "startDate",
                "period",
                "identifiedDateTime",
                "authoredOn",
                "start",
                "recorded",
            ),
            "",
            text(one.get("status") or one.get("lifecycleStatus")),
            text(one.get("conclusion")) or text(one.get("detail")),
            False,
        )

    return _sorted(row(one) for one in resources if one.get("status") != "entered-in-error")


def documents(resources: Iterable[JSON], language: Language) -> list[Document]:
    """Notes and reports with their plain text, the newest first."""
    made = [
        Document(
            title=concept(one.get("type"), language) or text(one.get("description")),
            at=when(one, "date", "created"),
            author=text(first(one.get("author")).get("display")),
            body=_attachment(one) or _narrated(one),
            reference=link(one),
        )
        for one in resources
    ]
    return sorted(made, key=lambda document: document.at, reverse=True)


def by_type(resources: Iterable[JSON]) -> Mapping[str, list[JSON]]:
    """The resources under their type."""
    groups: dict[str, list[JSON]] = {}
    for resource in resources:
        groups.setdefault(text(resource.get("resourceType")), []).append(resource)
    return groups


def _valid(resources: Iterable[JSON], element: str) -> Iterable[JSON]:
    wrong = ("entered-in-error", "refuted")
    return (one for one in resources if not set(codes(one.get(element))) & set(wrong))


def _row(
    one: JSON,
    name: str,
    since: str,
    until: str,
    status: str,
    note: str,
    active: bool,
    code: str = "",
) -> Row:
    return Row(
        name,
        since,
        until,
        status,
        note,
        link(one),
        active,
        code or next(iter(codes(one.get("code"))), ""),
    )


def _sorted(rows: Iterable[Row]) -> list[Row]:
    newest: Callable[[Row], str] = lambda row: row.since  # noqa: E731
    return sorted(sorted(rows, key=newest, reverse=True), key=lambda row: not row.active)


def _attachment(resource: JSON) -> str:
    for content in objects(resource.get("content")):
        attachment = first(content.get("attachment"))
        if text(attachment.get("contentType")).startswith("text/plain"):
            try:
                raw = b64decode(text(attachment.get("data")), validate=True)
            except binascii.Error:
                continue
            return raw.decode("utf-8", "replace")[:SHOWN_DOCUMENT]
    return ""


def _narrated(resource: JSON) -> str:
    parts = [text(section.get("title")) for section in objects(resource.get("section"))]
    return "\n".join(part for part in parts if part)


def answered(resource: JSON, language: Language) -> str:
    """What a released answer says, in the language of the reader if it was written in both."""
    named = resource.get("code", {})
    return (
        translated(resource, "detail", language)
        or translated(resource, "valueString", language)
        or translated(resource, "description", language)
        or translated(named, "text", language)
        or concept(named, language)
    )
