"""A patient's number was wrong and is another one now (ADT A47): one chart, found by both.

Nothing moves. The old number stays in the chart as an old one, and what still bears it, such as a
result that was under way, reaches the same chart.
"""

from __future__ import annotations

from . import overlay
from .errors import Unprocessable
from .judging import Judged, identifiers_of, local_authority, prior
from .mapping import mapped
from .merging import Taking, old
from .message import Message


def renumber(taking: Taking, judged: Judged) -> str:
    """Gives the patient of MRG-1 the identifiers of PID-3; returns whose chart it is.

    Raises Unprocessable where the new number leads to another chart: that is a merge.
    """
    message = judged.message
    assert message is not None  # noqa: S101 - judged before
    pid, local = message.segment("PID"), local_authority(message)
    theirs = prior(message.segment("MRG"), local)
    ours = [one for one in identifiers_of(pid, local) if one not in theirs]
    held, unknown = taking.whose(theirs)
    there, new = taking.whose(ours) if ours else (held, unknown)
    if not unknown and not new and held != there:
        raise Unprocessable(reason="hl7v2.two-charts")
    patient = there if unknown else held
    said = mapped(Message((message.header, pid)), taking.context(judged, patient))
    known = taking.read("Patient", patient)
    if known is not None and overlay.contradicts(known, said.patient):
        raise Unprocessable(reason="hl7v2.other-person")
    person = overlay.patient(known, said.patient, patient)
    person["identifier"] = overlay.identifiers(
        person["identifier"], [old(one) for one in theirs] if ours else []
    )
    taking.receive([person], taking.departments if known is None else ())
    names = taking.messages.naming
    taking.messages.inbox.link(names.keys([*ours, *theirs]), patient)
    return patient
