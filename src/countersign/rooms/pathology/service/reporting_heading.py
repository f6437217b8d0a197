"""Whose a report is, who signed it and when: what stands above the figures."""

from __future__ import annotations

from countersign.ground.identity import Principal
from countersign.ground.shell import Floor
from countersign.ground.signoff import Body, Signed
from countersign.ground.slides import KeptSlide

from .reporting import Sight
from .reporting_pdf import Heading


def answer_of(floor: Floor, slide: KeptSlide) -> Signed[Body] | None:
    """What is signed of a slide by now: its draft's answer, or what corrects that; also before
    the slide itself has followed its draft."""
    if slide.state not in ("draft", "signed") or not slide.code:
        return None
    return floor.signoff.reading.final(slide.code)


def own_words(signed: Signed[Body]) -> str:
    """What a pathologist signed in place of the draft's text; empty where that was signed as it
    was. No figure of the program's stands for own words."""
    return signed.text[1] if isinstance(signed.text, tuple) else ""


def heading_of(floor: Floor, principal: Principal, seen: Sight, printed_at: str) -> Heading:
    """For this reader. A report of what nobody has signed says that it is a draft."""
    summary = None
    if seen.slide.patient is not None:
        summary = floor.chart.reader(principal).open(seen.slide.patient).summary
    signer, signed_at, words = "", "", ""
    signed = answer_of(floor, seen.slide)
    if signed is not None:
        person = signed.first.signer
        signer = floor.people.names({person}).get(person, person)
        at = signed.first.signed_at.astimezone(floor.site.zone)
        signed_at = at.strftime("%Y-%m-%d %H:%M")
        words = own_words(signed)
    return Heading(
        floor.site.hospital,
        summary.name if summary else "",
        summary.birth_date if summary else "",
        ", ".join(value for _, value in summary.identifiers) if summary else "",
        signer,
        signed_at,
        printed_at,
        signed is None,
        words,
    )
