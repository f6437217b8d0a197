"""Whose a report is, who signed it and when: what stands above the figures."""

from __future__ import annotations

from countersign.ground.identity import Principal
from countersign.ground.shell import Floor

from .reporting import Sight
from .reporting_pdf import Heading


def heading_of(floor: Floor, principal: Principal, seen: Sight, printed_at: str) -> Heading:
    """For this reader. A report of what nobody has signed says that it is a draft."""
    summary = None
    if seen.slide.patient is not None:
        summary = floor.chart.reader(principal).open(seen.slide.patient).summary
    signer, signed_at = "", ""
    draft = True
    if seen.slide.state == "signed" and seen.slide.code:
        signed = floor.signoff.reading.signed(seen.slide.code)
        if signed is not None:
            person = signed.first.signer
            signer = floor.people.names({person}).get(person, person)
            at = signed.first.signed_at.astimezone(floor.site.zone)
            signed_at = at.strftime("%Y-%m-%d %H:%M")
            draft = False
    return Heading(
        floor.site.hospital,
        summary.name if summary else "",
        summary.birth_date if summary else "",
        ", ".join(value for _, value in summary.identifiers) if summary else "",
        signer,
        signed_at,
        printed_at,
        draft,
    )
