"""What a sender hears when an instance is not kept, in the numbers of the standard."""

from __future__ import annotations

from countersign.ground.imaging import (
    ImageFull,
    ImageMismatch,
    ImageTaken,
    ImageTooLarge,
    ImageUnreadable,
    ImageUnsupported,
    ImageUnwritable,
)
from countersign.kit.errors import CountersignError

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
MISMATCH = 0xA900
NOT_UNDERSTOOD = 0xC000
TOO_LARGE = 0xC001
TAKEN = 0xC002
UNSUPPORTED = 0x0122
"""PS3.4 table B.2-1 (A7xx, A9xx, Cxxx) and PS3.7 annex C (0122, SOP class not supported)."""

_STATUSES: dict[type[CountersignError], int] = {
    ImageFull: OUT_OF_RESOURCES,
    ImageUnwritable: OUT_OF_RESOURCES,
    ImageMismatch: MISMATCH,
    ImageUnreadable: NOT_UNDERSTOOD,
    ImageTooLarge: TOO_LARGE,
    ImageTaken: TAKEN,
    ImageUnsupported: UNSUPPORTED,
}


def status_of(problem: CountersignError) -> int:
    """The status of an error. What is no fault of the instance (the database or the ledger does
    not answer) is a lack of resources: the sender keeps the instance and sends it again."""
    return _STATUSES.get(type(problem), OUT_OF_RESOURCES)
