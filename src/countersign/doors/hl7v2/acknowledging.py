"""Writes what a sender hears: original and enhanced acknowledgements with their errors.

HL7 v2.8.2 chapter 2, 2.9.2 and 2.9.3 (modes), 2.14.1 (ACK), 2.15.5 (ERR), 2.15.8 (MSA).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from .judging import Fault, Verdict
from .message import STANDARD, Delimiters, Message, escaped
from .words import OTHER, REASONS

_TEXTS: Mapping[int, str] = {
    100: "Segment sequence error",
    101: "Required field missing",
    102: "Data type error",
    103: "Table value not found",
    200: "Unsupported message type",
    201: "Unsupported event code",
    202: "Unsupported processing id",
    203: "Unsupported version id",
    204: "Unknown key identifier",
    207: "Application internal error",
}
"""HL7 table 0357."""

_COMMIT: Mapping[Verdict, str] = {"AA": "CA", "AE": "CE", "AR": "CR"}


def answers(
    message: Message | None, verdict: Verdict, faults: Sequence[Fault], now: datetime, number: str
) -> list[bytes]:
    """The acknowledgements in their order: none, one, or (enhanced mode) two.

    ``number`` is our own message control identifier. In enhanced mode the commit
    acknowledgement says that the message lies safely in the database; the application
    acknowledgement that it will be processed in its order.
    """
    if message is None:
        return [_answer(None, verdict, faults, now, number)]
    accept, application = message.header.get(15), message.header.get(16)
    if not accept and not application:
        return [_answer(message, verdict, faults, now, number)]
    said: list[bytes] = []
    if _wanted(accept, verdict):
        said.append(_answer(message, _COMMIT[verdict], faults, now, number))
    if _wanted(application, verdict):
        said.append(_answer(message, verdict, faults, now, f"{number}a"))
    return said


def _wanted(condition: str, verdict: Verdict) -> bool:
    """HL7 table 0155; a condition that nobody knows is taken as always."""
    if condition in ("", "NE"):
        return False
    good = verdict == "AA"
    return not good if condition == "ER" else good if condition == "SU" else True


def _answer(
    message: Message | None, code: str, faults: Sequence[Fault], now: datetime, number: str
) -> bytes:
    by = message.header.by if message else STANDARD
    head = message.header if message else None
    version = message.version if message and message.version else "2.5.1"
    event = message.event if message else ""
    sign = by.field
    kind = by.component.join(one for one in ("ACK", event, "ACK") if one) if event else "ACK"
    fields = [
        "MSH",
        by.encoding,
        *(head.field(one) if head else "" for one in (5, 6, 3, 4)),
        now.strftime("%Y%m%d%H%M%S%z"),
        "",
        kind,
        number,
        head.field(11) if head and head.field(11) else "P",
        version,
        *[""] * 5,
        "UNICODE UTF-8",
    ]
    control = message.control_id if message else ""
    taken = ["MSA", code, escaped(control, by)]
    if faults and version < "2.5":
        taken.append(escaped(_sentence(faults[0])[0], by))
    lines = [sign.join(fields), sign.join(taken)]
    lines += [_error(fault, by, version) for fault in faults]
    return ("\r".join(lines) + "\r").encode()


def _error(fault: Fault, by: Delimiters, version: str) -> str:
    """ERR as of version 2.5, with our own code (ERR-5) and a sentence that says what to do, in
    English for who looks after the interface (ERR-7) and in Chinese for who uses it (ERR-8).

    Before, its first field holds place and reason together, and the sentence stands in MSA-3.
    """
    text = _TEXTS.get(fault.number, "Application internal error")
    place = fault.place.replace("^", by.component)
    if version < "2.5":
        inner = by.subcomponent.join((str(fault.number), text, "HL70357"))
        parts = [*fault.place.split("^"), "", ""][:3]
        return by.field.join(("ERR", by.component.join((*parts, inner))))
    reason = by.component.join((str(fault.number), text, "HL70357"))
    own = by.component.join((fault.code, "", "L"))
    said = [escaped(one, by) for one in _sentence(fault)]
    return by.field.join(("ERR", "", place, reason, "E", own, "", *said))


def _sentence(fault: Fault) -> tuple[str, str]:
    """In English and in Chinese."""
    words = REASONS.get(fault.code, OTHER)
    return words.en, words.zh
