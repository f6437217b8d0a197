"""What the sender of a request hears: each instance, kept or not, as the standard writes it.

Source: DICOM PS3.18 section 10.5 (Store transaction) and annex I (its response module).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from countersign.ground.imaging import Stored
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON

from .statuses import OUT_OF_RESOURCES, status_of


@dataclass(slots=True)
class Outcome:
    """What became of the instances of one request, in their order."""

    kept: list[Stored] = field(default_factory=list[Stored])
    refused: list[tuple[str, str, CountersignError]] = field(
        default_factory=list[tuple[str, str, CountersignError]]
    )

    @property
    def status(self) -> int:
        """200 all are kept; 202 some are; else 409, or 503 where sending again may help."""
        if not self.refused:
            return 200
        if self.kept:
            return 202
        again = all(status_of(one) == OUT_OF_RESOURCES for _, _, one in self.refused)
        return 503 if again else 409

    def body(self) -> JSON:
        """The data set of the answer in the DICOM JSON model (PS3.18 annex F)."""
        said: JSON = {"00081190": {"vr": "UR"}}  # nothing is retrieved from here
        if self.refused:
            said["00081198"] = _items(
                {**_named(kind, uid), "00081197": _number(status_of(problem))}
                for kind, uid, problem in self.refused
            )
        if self.kept:
            said["00081199"] = _items(
                {**_named(one.sop_class, one.sop_instance), "00081190": {"vr": "UR"}}
                for one in self.kept
            )
        return said


def _items(items: Iterable[JSON]) -> JSON:
    return {"vr": "SQ", "Value": list(items)}


def _named(kind: str, uid: str) -> JSON:
    """Class and instance; empty where what came could not be read so far."""
    return {
        "00081150": {"vr": "UI", "Value": [kind]} if kind else {"vr": "UI"},
        "00081155": {"vr": "UI", "Value": [uid]} if uid else {"vr": "UI"},
    }


def _number(value: int) -> JSON:
    return {"vr": "US", "Value": [value]}
