"""One version of one resource, as it is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

from countersign.kit.json import JSON, decode

Origin = Literal["received", "entered", "released"]


@dataclass(frozen=True, slots=True)
class Version:
    """``raw`` is the stored JSON, ``sha256`` its digest in hexadecimal.

    ``origin`` says how it came in: from another system, by a person's entry here, or
    released under a signature (``release_id``).
    """

    type: str
    id: str
    version: int
    patient: str | None
    at: datetime
    origin: Origin
    raw: bytes = field(repr=False)
    sha256: str
    author: str = ""
    release_id: str | None = None
    deleted: bool = False

    @property
    def resource(self) -> JSON:
        """The resource, decoded afresh at each call; decimals are ``Decimal``."""
        return decode(self.raw)

    @property
    def reference(self) -> str:
        """``Type/id``."""
        return f"{self.type}/{self.id}"

    @property
    def versioned(self) -> str:
        """``Type/id/_history/version``, as evidence and receipts name it."""
        return f"{self.type}/{self.id}/_history/{self.version}"


def context(kind: str, identifier: str, version: int) -> str:
    """The place that a sealed version is bound to."""
    return f"{kind}/{identifier}/{version}"


def commitment(versions: Iterable[tuple[str, str, int, str]]) -> str:
    """SHA-256 (hex) over (type, id, version, sha256 hex), one line each, sorted."""
    lines = sorted(f"{kind}/{name}/{number} {digest}" for kind, name, number, digest in versions)
    return sha256("\n".join(lines).encode()).hexdigest()
