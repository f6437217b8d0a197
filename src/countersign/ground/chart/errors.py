"""Everything that the chart refuses, each with what the person or the other system can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from countersign.kit.errors import CountersignError

from .problems import Problem


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was refused, as a value: for reports, answers and other processes.

    ``entry`` is the position in the bundle (0-based); ``message`` is the English template
    that pages translate and ``details`` fill; ``problems`` hold no clinical content.
    """

    code: str
    status: int
    entry: int
    message: str
    details: Mapping[str, object]
    problems: tuple[Problem, ...] = ()

    @property
    def sentence(self) -> str:
        """In English."""
        return CountersignError(**self.details).sentence(self.message)


def refusal(error: CountersignError, entry: int = 0) -> Refusal:
    """Any error as a value."""
    problems = error.problems if isinstance(error, Invalid) else ()
    return Refusal(error.code, error.status, entry, error.message, dict(error.details), problems)


class Refused(CountersignError):
    """Data that was not taken in. ``entry`` is its position in the bundle (0-based).

    ``details`` hold ``entry`` (1-based, for people) and ``type``.
    """

    code = "chart.refused"
    status = 422
    message = "Entry {entry} ({type}) was refused. Nothing of this transaction was taken in."

    def __init__(self, entry: int = 0, type: str = "Bundle", **details: object) -> None:
        self.entry = entry
        super().__init__(entry=entry + 1, type=type, **details)

    def refusal(self) -> Refusal:
        """The same as a value that can travel between processes."""
        return refusal(self, self.entry)


class Invalid(Refused):
    """Not FHIR R4; ``problems`` says where and why, without clinical content."""

    code = "chart.invalid"
    message = (
        "Entry {entry} ({type}) is not valid FHIR R4: {reason}. Correct it in the sending "
        "system and send it again. Nothing of this transaction was taken in."
    )

    def __init__(self, entry: int, type: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(entry, type, reason=problems[0].said, count=len(problems))


class NotABundle(Refused):
    code = "chart.not_a_bundle"
    message = (
        "This is neither a FHIR R4 resource nor a bundle of type transaction, batch, "
        "collection, searchset or document. Send one of these as JSON."
    )


class TooLarge(Refused):
    code = "chart.too_large"
    status = 413
    message = (
        "The data are larger than allowed: more than {limit} {unit}. Split them into smaller "
        "bundles. Nothing of this transaction was taken in."
    )


class UnsignedAI(Refused):
    """What a model wrote comes in by a signature of this house and by no other way."""

    code = "chart.unsigned_ai"
    message = (
        "Entry {entry} ({type}) is labelled as the work of an AI and carries no signature of "
        "this hospital. Only what a physician signed here may enter the chart. "
        "Nothing of this transaction was taken in."
    )


class MissingReference(Refused):
    code = "chart.missing_reference"
    message = (
        "Entry {entry} ({type}) points to {reference}, which is neither in the bundle nor in "
        "the chart. Send what it points to first or in the same bundle. "
        "Nothing of this transaction was taken in."
    )


class NoPatient(Refused):
    code = "chart.no_patient"
    message = (
        "Entry {entry} ({type}) does not say which patient it belongs to. Name the patient in "
        "{element}. Nothing of this transaction was taken in."
    )


class TwoPatients(Refused):
    code = "chart.two_patients"
    message = (
        "Entry {entry} ({type}) would mix the records of two patients. Check its references "
        "in the sending system. Nothing of this transaction was taken in."
    )


class Unsupported(Refused):
    code = "chart.unsupported"
    message = (
        "Entry {entry} ({type}) asks for something that this chart does not do: {what}. "
        "Create, update by id, delete by id and create if none exists are supported. "
        "Nothing of this transaction was taken in."
    )


class DuplicateEntry(Refused):
    code = "chart.duplicate_entry"
    message = (
        "Entry {entry} ({type}) is the same resource as entry {other}. A transaction may "
        "name each resource once. Nothing of this transaction was taken in."
    )


class Ambiguous(Refused):
    code = "chart.ambiguous"
    status = 412
    message = (
        "Entry {entry} ({type}) should match one resource by its identifier, but {count} "
        "match. Correct the duplicates first. Nothing of this transaction was taken in."
    )


class VersionConflict(Refused):
    code = "chart.version_conflict"
    status = 412
    message = (
        "Entry {entry} ({type}) was changed by someone else: it is at version {current} now. "
        "Read it again and repeat the change. Nothing of this transaction was taken in."
    )


class ConcurrentChange(Refused):
    code = "chart.concurrent_change"
    status = 409
    message = (
        "Someone else was writing the same data at this moment. Send it again. "
        "Nothing of this transaction was taken in."
    )


class ReleasedOnly(Refused):
    """A signed answer may be corrected by a new draft only, never overwritten from outside."""

    code = "chart.released_only"
    status = 409
    message = (
        "Entry {entry} ({type}) was released here under a signature. It can be corrected by a "
        "new signed draft only. Nothing of this transaction was taken in."
    )


class PatientInUse(Refused):
    code = "chart.patient_in_use"
    status = 409
    message = (
        "Entry {entry}: a patient whose chart is not empty cannot be deleted. "
        "Nothing of this transaction was taken in."
    )


class NotFound(CountersignError):
    code = "chart.not_found"
    status = 404
    message = "There is no {type} with this identifier in the chart. Check the address."


class Deleted(CountersignError):
    code = "chart.deleted"
    status = 410
    message = "This {type} was deleted. Its history can still be read."


class UnknownParameter(CountersignError):
    code = "chart.unknown_parameter"
    status = 400
    message = "{type} cannot be searched by “{parameter}”. It can be searched by: {known}."


class BadParameter(CountersignError):
    code = "chart.bad_parameter"
    status = 400
    message = "The value of the search parameter “{parameter}” cannot be understood: {reason}."
