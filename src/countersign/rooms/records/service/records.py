"""What people do with records that are being written, each under her own name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from countersign.ground.chart import PatientChart, PatientSummary
from countersign.ground.identity import Principal
from countersign.ground.library import facts_of
from countersign.ground.shell import Floor
from countersign.ground.signoff import Kept, Manuscript, ManuscriptChanged
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON
from countersign.kit.words import Language, Words
from countersign.rooms.records.domain import keyfacts
from countersign.rooms.records.domain.coding import Proposed
from countersign.rooms.records.domain.contradictions import Contradiction, Known, contradictions
from countersign.rooms.records.domain.drafting import Draft, draft
from countersign.rooms.records.domain.fact import Fact, Kind, Link
from countersign.rooms.records.domain.kinds import RecordKind, Section
from countersign.rooms.records.domain.merging import Merged, merged
from countersign.rooms.records.domain.phrases import completed, phrases
from countersign.rooms.records.domain.quality import Remark, remarks
from countersign.rooms.records.domain.share import kept, total
from countersign.rooms.records.inference import MODEL, PROMPT

from .content import Content, content_of
from .files import Codes, Files
from .heard import heard
from .own import OwnPhrases
from .proposing import plain, proposal_of
from .prose import Way, worded
from .told import told

READ_TYPES = ("Condition", "Observation", "MedicationRequest", "MedicationStatement")
ANSWERS = "QuestionnaireResponse"
CHILD = 14
"""Years under which a Chinese hospital calls a patient 患儿."""

EARLIER, OWN = 5, 40
"""Earlier records that are compared, and signed ones from which phrases come."""


class NothingToSign(CountersignError):
    code = "records.nothing_to_sign"
    status = 409
    message = "This record says nothing yet. Write a section, or draft it from facts."


class ProposedBefore(CountersignError):
    code = "records.proposed_before"
    status = 409
    message = "This very text waits for a signature already, or was decided. Open it in the inbox."


@dataclass(frozen=True, slots=True)
class ChartFact:
    """A fact of the chart that may be taken into the record, by its versioned reference."""

    reference: str
    words: Words
    kind: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Coded:
    """Names and codes that a list proposes for one diagnosis or procedure of the record."""

    said: str
    proposed: tuple[tuple[str, Proposed], ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the page of one record shows."""

    written: Manuscript
    kind: RecordKind
    content: Content
    patient: PatientSummary
    facts: tuple[Fact, ...]
    made: Draft
    offered: tuple[ChartFact, ...]
    contradictions: tuple[Contradiction, ...]
    remarks: tuple[Remark, ...]
    codes: tuple[Coded, ...]
    procedures: bool

    @property
    def missing(self) -> tuple[Section, ...]:
        """Required sections without a word."""
        return tuple(
            one for one in self.kind.sections
            if one.required and not self.content.sections.get(one.id, "").strip()
        )  # fmt: skip


class Records:
    """The use cases of the room; one object for a process, safe among threads."""

    def __init__(self, floor: Floor, files: Files) -> None:
        self._floor = floor
        self._papers = floor.signoff.manuscripts
        self._own = OwnPhrases(self._papers, floor.clock)
        self.files = files

    def of_patient(
        self, principal: Principal, patient: str
    ) -> tuple[PatientSummary, list[Manuscript]]:
        """Who it is and the records that are being written. Raises Forbidden."""
        chart = self._floor.chart.reader(principal).open(patient)
        return chart.summary, self._papers.of_patient(principal, patient)

    def begin(self, principal: Principal, patient: str, kind: str, language: Language) -> str:
        """A new record; its id. Raises UnknownKind, Forbidden."""
        self._papers.allow(principal, patient, kind)
        chosen = self.files.kinds.one(kind)
        summary = self._floor.chart.reader(principal).open(patient).summary
        department = next(
            (one for one in summary.departments if one in principal.departments),
            next(iter(sorted(principal.departments)), "-"),
        )
        content = Content(sections={one.id: "" for one in chosen.sections})
        return self._papers.begin(
            principal, patient, chosen.id, department, language, content.as_json()
        )

    def open(self, principal: Principal, name: str) -> View:
        """Raises UnknownManuscript, Forbidden, LedgerUnavailable."""
        written = self._papers.open(principal, name)
        return self._view(principal, written, content_of(written.content))

    def save(
        self, principal: Principal, name: str, base: int, parts: Mapping[str, str],
        chosen: Sequence[str],
    ) -> int:  # fmt: skip
        """Keeps what was typed; returns the new version, or the old where nothing changed.

        Where somebody saved meanwhile and touched other parts, both go on; where both changed the
        same part, raises ManuscriptChanged and ``clash`` says what to choose from.
        """
        written = self._papers.open(principal, name)
        theirs = content_of(written.content)
        if written.number != base:
            joined = self.clash(principal, name, base, parts)
            if joined.clashes:
                raise ManuscriptChanged
            parts = joined.parts
        mine = replace(theirs.with_parts(parts), chosen=tuple(dict.fromkeys(chosen)))
        if mine == theirs:
            return written.number
        return self._papers.save(principal, written, mine.as_json())

    def clash(self, principal: Principal, name: str, base: int, parts: Mapping[str, str]) -> Merged:
        """What both people changed since version ``base``, part by part."""
        now = content_of(self._papers.open(principal, name).content).parts()
        was = content_of(self._papers.open(principal, name, base).content).parts()
        return merged(was, now, {**was, **parts})

    def redraft(self, principal: Principal, name: str, base: int) -> int:
        """Drafts every section that nobody has changed by hand; returns the new version.

        Raises AIStopped, ManuscriptChanged, Forbidden.
        """
        written, made = self.begun(principal, name, base)
        way = Way(self._floor.gateway, self.files.reader(), principal, written)
        made, model = worded(made, way)
        return self.drafted(principal, written, made, model)

    def begun(self, principal: Principal, name: str, base: int) -> tuple[Manuscript, Draft]:
        """The version that is drafted over, and its facts in the templates' words.

        Raises AIStopped, ManuscriptChanged, Forbidden.
        """
        written = self._papers.open(principal, name)
        if written.number != base:
            raise ManuscriptChanged
        kind = self.files.kinds.one(written.kind)
        self._floor.switch.require_running()
        chart = self._floor.chart.reader(principal).open(written.patient)
        return written, self._drafted(written, kind, content_of(written.content), chart)

    def drafted(self, principal: Principal, written: Manuscript, made: Draft, model: str) -> int:
        """Keeps a draft as the next version. Raises ManuscriptChanged, Forbidden."""
        content = content_of(written.content).redrafted(made, model)
        return self._papers.save(principal, written, content.as_json())

    def propose(self, principal: Principal, name: str) -> str:
        """Hands the record over for signing; the draft's id.

        Raises NothingToSign, ProposedBefore, AIStopped, Forbidden, ModelRecalled.
        """
        written = self._papers.open(principal, name)
        content = content_of(written.content)
        kind = self.files.kinds.one(written.kind)
        if not plain(kind, content, written.language).strip():
            raise NothingToSign
        made = self._floor.signoff.proposals.propose(
            Principal.system("worker"),
            proposal_of(kind, content, written, principal, self._now(), MODEL, PROMPT.ref),
            asked_by=principal,
        )
        if made is None:
            raise ProposedBefore
        self._papers.became(name, written.number, made)
        return made

    def measure(self) -> int:
        """Measures every signed record that was not yet measured; returns how many."""
        done = 0
        for draft_id, name, number, _ in self._papers.unmeasured():
            signed = self._floor.signoff.reading.signed(draft_id)
            if signed is None:
                continue
            content = content_of(self._papers.version(name, number).content)
            sections = kept(content.machine, content.sections)
            if signed.amended:
                text = signed.text if isinstance(signed.text, tuple) else ("zh", signed.text.zh)
                sections = kept({"all": "\n".join(content.machine.values())}, {"all": text[1]})
            if sections:
                self._papers.measured(draft_id, sections, total(sections), bool(content.model))
                done += 1
        return done

    def shares(self, principal: Principal) -> list[Kept]:
        """What was kept of signed records: all for quality, one's own for others."""
        self.measure()
        return self._papers.kept(principal)

    def complete(self, principal: Principal, name: str, typed: str) -> list[str]:
        """Phrases that begin as typed: of what this person signed, of this patient's records, then
        known words."""
        written = self._papers.open(principal, name)
        texts = self._own.of(principal)
        for one in self._papers.of_patient(principal, written.patient):
            texts.update(phrases(content_of(one.content).sections.values()))
        return completed(typed, texts, self.files.reader().symptoms.names)

    def _view(self, principal: Principal, written: Manuscript, content: Content) -> View:
        kind = self.files.kinds.one(written.kind)
        chart = self._floor.chart.reader(principal).open(written.patient)
        made = self._drafted(written, kind, content, chart)
        found = contradictions(content.sections, self._known(principal, written, chart))
        return View(
            written,
            kind,
            content,
            chart.summary,
            tuple(f for one in made.sections for s in one.sentences for f in s.facts),
            made,
            _offered(chart, content),
            found,
            remarks(kind, content.sections, written.language),
            self._codes(kind, content),
            self.files.procedures() is not None,
        )

    def _drafted(
        self, written: Manuscript, kind: RecordKind, content: Content, chart: PatientChart
    ) -> Draft:
        reader = self.files.reader()
        facts = [
            *keyfacts.read(content.lines, kind, reader.symptoms),
            *heard(content.dialogue, reader, self._floor.reasoning),
            *_charted(chart, content.chosen),
            *self._told(chart, content.chosen),
        ]
        return draft(kind, facts, written.language, child=_is_child(chart.summary, self._today()))

    def _told(self, chart: PatientChart, chosen: Sequence[str]) -> list[Fact]:
        """Of each chosen pre-consultation what the patient told."""
        return [
            fact
            for one in chart.of(ANSWERS)
            if one.versioned in chosen
            for fact in told(
                one.resource, one.versioned, self.files.reader(), self._floor.reasoning
            )
        ]

    def _known(self, principal: Principal, written: Manuscript, chart: PatientChart) -> Known:
        others = self._papers.of_patient(principal, written.patient)
        earlier = [
            plain(self.files.kinds.one(one.kind), content_of(one.content), one.language)
            for one in others
            if one.id != written.id
        ][:EARLIER]
        born = chart.summary.birth_date
        return Known(
            self._today(),
            chart.summary.sex,
            date.fromisoformat(born) if len(born) == 10 else None,
            tuple(_allergies(chart)),
            tuple(earlier),
        )

    def _codes(self, kind: RecordKind, content: Content) -> tuple[Coded, ...]:
        found: list[Coded] = []
        for section in kind.sections:
            text = content.sections.get(section.id, "")
            if section.render == "diagnosis" or "diagnosis" in section.id:
                found += _coded(text, self.files.diagnoses())
            elif Kind.PROCEDURE in section.takes and section.render == "plain":
                found += _coded(text, self.files.procedures())
        return tuple(found)

    def _now(self) -> datetime:
        return self._floor.clock().astimezone(self._floor.site.zone)

    def _today(self) -> date:
        return self._now().date()


def _coded(text: str, codes: Codes | None) -> list[Coded]:
    if codes is None:
        return []
    lines = [line.strip(" 。.；;？?") for line in text.replace("。", "\n").splitlines()]
    return [
        Coded(line, tuple((codes.codes.get(p.name, ""), p) for p in codes.coder.propose(line, 5)))
        for line in lines[:6]
        if line
    ]


def _is_child(patient: PatientSummary, today: date) -> bool:
    born = patient.birth_date
    return len(born) >= 4 and born[:4].isdigit() and today.year - int(born[:4]) < CHILD


def _offered(chart: PatientChart, content: Content) -> tuple[ChartFact, ...]:
    facts = facts_of((one.resource, one.versioned) for one in chart.of(*READ_TYPES))
    answers = (
        ChartFact(one.versioned, _told_on(one.resource), "told", one.versioned in content.chosen)
        for one in chart.of(ANSWERS)
    )
    return (
        *answers,
        *(ChartFact(one.reference, one.words, one.kind, one.reference in content.chosen)
          for one in facts),
    )  # fmt: skip


def _told_on(resource: JSON) -> Words:
    """What a form is called in the list: when it was filled in."""
    day = str(resource.get("authored", ""))[:10]
    return Words(f"Told before the visit, {day}", f"就诊前自述 {day}")


_TAKEN = {"problem": Kind.HISTORY, "result": Kind.RESULT, "medicine": Kind.MEDICINE}


def _charted(chart: PatientChart, chosen: Sequence[str]) -> list[Fact]:
    """Chosen facts of the chart, and every allergy that it names."""
    wanted = set(chosen)
    found = [
        Fact(
            _TAKEN.get(one.kind, Kind.NOTE), one.label, (Link(one.reference),),
            name=one.label, english=one.english,
        )
        for one in facts_of((v.resource, v.versioned) for v in chart.of(*READ_TYPES))
        if one.reference in wanted and one.label.strip()
    ]  # fmt: skip
    for version in chart.of("AllergyIntolerance"):
        name = _concept(version.resource.get("code"))
        if name:
            found.append(Fact(Kind.ALLERGY, name, (Link(version.versioned),), name=name))
    return found


def _allergies(chart: PatientChart) -> list[str]:
    names = (_concept(one.resource.get("code")) for one in chart.of("AllergyIntolerance"))
    return [name for name in names if name]


def _concept(code: Any) -> str:
    """The text of a concept, else what its first coding shows."""
    concept = cast("dict[str, Any]", code) if isinstance(code, dict) else {}
    codings = cast("list[dict[str, Any]]", concept.get("coding") or [{}])
    first = codings[0]
    return str(concept.get("text") or first.get("display") or "").strip()
