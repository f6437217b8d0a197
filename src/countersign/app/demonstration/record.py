"""One patient's growing transaction bundle; every resource gets a stable id and the marks."""

from __future__ import annotations

from collections import Counter
from uuid import uuid5

from countersign.kit.json import JSON

from .marks import meta
from .people import NAMESPACE
from .subject import Subject


class Record:
    """Resources in the order in which they were added."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._counts: Counter[str] = Counter()
        self.resources: list[JSON] = []

    @property
    def patient(self) -> JSON:
        """The reference of the patient."""
        return {"reference": self.subject.url, "display": self.subject.name.words.zh}

    def add(self, kind: str, body: JSON, sensitivity: str | None = None) -> JSON:
        """Adds a resource and returns it; it may be completed until the bundle is made."""
        self._counts[kind] += 1
        name = f"{self.subject.number}/{kind}/{self._counts[kind]}"
        start: JSON = {"resourceType": kind, "id": str(uuid5(NAMESPACE, name))}
        resource = {**start, "meta": meta(sensitivity), **body}
        self.resources.append(resource)
        return resource

    def bundle(self, patient: JSON) -> JSON:
        """The transaction: the patient first, each resource put under its stable id."""
        entries = [_entry(resource) for resource in (patient, *self.resources)]
        return {"resourceType": "Bundle", "type": "transaction", "meta": meta(), "entry": entries}


def url(resource: JSON) -> str:
    """The fullUrl of a resource inside its bundle."""
    return f"urn:uuid:{resource['id']}"


def pointer(resource: JSON, display: str | None = None) -> JSON:
    """A reference to a resource of the same bundle."""
    return {"reference": url(resource)} | ({} if display is None else {"display": display})


def _entry(resource: JSON) -> JSON:
    where = f"{resource['resourceType']}/{resource['id']}"
    return {
        "fullUrl": url(resource),
        "resource": resource,
        "request": {"method": "PUT", "url": where},
    }
