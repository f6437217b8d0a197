"""Gives a record out as a file: PDF/A of what stands there, CDA of what was signed."""

from __future__ import annotations

import re
from html import unescape

from countersign.ground.chart import PatientSummary
from countersign.ground.identity import Principal
from countersign.ground.shell import Floor
from countersign.ground.signoff import Body, Signed
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON
from countersign.rooms.records.domain.kinds import RecordKind

from .cda import Document, as_cda
from .paper import archived
from .records import Records, View

SEX = {"male": ("男", "male"), "female": ("女", "female")}


class NotSigned(CountersignError):
    code = "records.not_signed"
    status = 409
    message = (
        "Nobody has signed this record yet, so it does not leave as a document. Sign it first."
    )


class Leaving:
    """One object for a process."""

    def __init__(self, floor: Floor, records: Records) -> None:
        self._floor = floor
        self._records = records

    def pdf(self, principal: Principal, name: str) -> bytes:
        """PDF/A-2b of the signed text; before a signature of the text as it stands, saying so.

        Raises NoSign, UnknownManuscript, Forbidden.
        """
        view = self._records.open(principal, name)
        zh = view.written.language == "zh"
        signed, zone = self._signed(view), self._floor.site.zone
        title = view.kind.title.zh if zh else view.kind.title.en
        if signed is None:
            sections = _of_view(view)
            foot = "草稿，尚无人签署" if zh else "Draft: nobody has signed it"
            at = self._floor.clock().astimezone(zone)
        else:
            sections = [(title_, text) for _, title_, text in _of_signed(signed, view.kind, zh)]
            at = signed.first.signed_at.astimezone(zone)
            foot = self._signers(signed, zh)
        return archived(title, _about(view.patient, zh), sections, foot, view.written.language, at)

    def signed(self, view: View) -> tuple[list[tuple[str, str]], str] | None:
        """Title and text of each section as it was signed, and who signed when; None before."""
        signed, zh = self._signed(view), view.written.language == "zh"
        if signed is None:
            return None
        sections = [(title, text) for _, title, text in _of_signed(signed, view.kind, zh)]
        return sections, self._signers(signed, zh)

    def cda(self, principal: Principal, name: str) -> bytes:
        """The signed record as CDA R2. Raises NotSigned, UnknownManuscript, Forbidden."""
        view = self._records.open(principal, name)
        signed = self._signed(view)
        if signed is None:
            raise NotSigned
        zh, zone = view.written.language == "zh", self._floor.site.zone
        who = signed.first.signer
        return as_cda(
            Document(
                signed.draft.head.id,
                view.kind.loinc,
                view.kind.title.zh if zh else view.kind.title.en,
                view.written.language,
                view.written.saved_at.astimezone(zone),
                signed.first.signed_at.astimezone(zone),
                view.patient,
                (self._floor.people.names({who}).get(who, who), who),
                self._floor.site.hospital.zh if zh else self._floor.site.hospital.en,
                _of_signed(signed, view.kind, zh),
            )
        )

    def _signed(self, view: View) -> Signed[Body] | None:
        draft = view.written.draft
        return self._floor.signoff.reading.signed(draft) if draft else None

    def _signers(self, signed: Signed[Body], zh: bool) -> str:
        one = signed.first
        name = self._floor.people.names({one.signer}).get(one.signer, one.signer)
        at = one.signed_at.astimezone(self._floor.site.zone).strftime("%Y-%m-%d %H:%M")
        return f"{name} 签署于 {at}" if zh else f"Signed by {name}, {at}"


def _about(patient: PatientSummary, zh: bool) -> str:
    sex = SEX.get(patient.sex, ("", ""))[0 if zh else 1]
    return " · ".join(filter(None, (patient.name, sex, patient.birth_date)))


def _of_view(view: View) -> list[tuple[str, str]]:
    zh = view.written.language == "zh"
    return [
        (one.title.zh if zh else one.title.en, view.content.sections.get(one.id, ""))
        for one in view.kind.sections
        if view.content.sections.get(one.id, "").strip()
    ]


def _of_signed(signed: Signed[Body], kind: RecordKind, zh: bool) -> list[tuple[str, str, str]]:
    """Id, title and text of each section as it was signed; or her own words whole."""
    if isinstance(signed.text, tuple):
        return [("", kind.title.zh if zh else kind.title.en, signed.text[1])]
    composition: JSON = signed.draft.body.resources[0]
    ids = {one.title.zh if zh else one.title.en: one.id for one in kind.sections}
    return [
        (ids.get(one["title"], ""), one["title"], _text(one["text"]["div"]))
        for one in composition["section"]
    ]


def _text(div: str) -> str:
    return "\n".join(unescape(one) for one in re.findall(r"<p>(.*?)</p>", div, re.DOTALL))
