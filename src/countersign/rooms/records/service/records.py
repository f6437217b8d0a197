"""What people do with records that are being written, each under her own name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from countersign.ground.chart import PatientChart, PatientSummary
from countersign.ground.identity import Principal
from countersign.ground.shell import Floor
from countersign.ground.signoff import Kept, Manuscript, ManuscriptChanged
from countersign.kit.errors import CountersignError
from countersign.kit.words import Language, Words
from countersign.rooms.records.domain import keyfacts
from countersign.rooms.records.domain.coding import Proposed
from countersign.rooms.records.domain.contradictions import Contradiction, Known, contradictions
from countersign.rooms.records.domain.drafting import Draft, draft
from countersign.rooms.records.domain.fact import Fact, Kind, Status
from countersign.rooms.records.domain.kinds import RecordKind, Section
from countersign.rooms.records.domain.merging import Merged, chosen, merged
from countersign.rooms.records.domain.phrases import completed, phrases
from countersign.rooms.records.domain.quality import Remark, remarks
from countersign.rooms.records.domain.share import kept, total
from countersign.rooms.records.inference import MODEL, PROMPT

from .charted import ANSWERS, ChartFact, allergies, charted, offered
from .content import Content, content_of
from .files import Codes, Files
from .heard import heard
from .own import OwnPhrases
from .proposing import plain, proposal_of
from .prose import Way, worded
from .told import told

CHILD = 14
"""Years under which a Chinese hospital calls a patient 患儿."""

EARLIER = 5
"""Earlier records that are compared."""

TICKED = "chosen"
"""The part that is no text: what was chosen of the chart."""

NOTHING: Mapping[str, int] = {}


class NothingToSign(CountersignError):
    code = "records.nothing_to_sign"
    status = 409
    message = "This record says nothing yet. Write a section, or draft it from facts."


class ProposedBefore(CountersignError):
    code = "records.proposed_before"
    status = 409
    message = "This very text waits for a signature already, or was decided. Open it in the inbox."


@dataclass(frozen=True, slots=True)
class Behind:
    """A part that the writer sees as version ``number`` has it: ``sent`` by her, ``fresh`` now.

    ``title`` is the section's; None for what is no section.
    """

    part: str
    number: int
    sent: str
    fresh: str
    title: Words | None


@dataclass(frozen=True, slots=True)
class Coded:
    """Names and codes that a list proposes for one diagnosis or procedure of the record."""

    said: str
    proposed: tuple[tuple[str, Proposed], ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the page of one record shows; ``listed``: there is a list of codes."""

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
    listed: bool

    @property
    def left_out(self) -> tuple[Fact, ...]:
        """What the sources say and no section of this kind takes, for the writer to place."""
        found = {
            (one.value, one.status): one for one in self.made.unplaced
            if one.kind is not Kind.ONSET
            and not (one.kind is Kind.ALLERGY and one.status is Status.ABSENT)
        }  # fmt: skip
        return tuple(found.values())

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
        ticked: Sequence[str], was: Mapping[str, int] = NOTHING,
    ) -> int:  # fmt: skip
        """Keeps what was typed; returns the new version, or the old where nothing changed.

        ``was`` names parts that the writer still sees as an older version has them. Where somebody
        saved meanwhile and touched other parts, both go on; where both changed the same part,
        raises ManuscriptChanged and ``clash`` says what to choose from.
        """
        written = self._papers.open(principal, name)
        theirs = content_of(written.content)
        if written.number != base or was:
            joined = self.clash(principal, name, base, parts, was)
            if joined.clashes:
                raise ManuscriptChanged
            parts = joined.parts
            ticked = self.ticked(principal, name, base, ticked, was)
        mine = replace(theirs.with_parts(parts), chosen=tuple(dict.fromkeys(ticked)))
        if mine == theirs:
            return written.number
        return self._papers.save(principal, written, mine.as_json())

    def clash(
        self, principal: Principal, name: str, base: int, parts: Mapping[str, str],
        was: Mapping[str, int] = NOTHING,
    ) -> Merged:  # fmt: skip
        """What both people changed since the versions that the writer sees, part by part."""
        now = content_of(self._papers.open(principal, name).content).parts()
        seen = dict(self._at(principal, name, base).parts())
        for part, number in was.items():
            if part != TICKED:
                seen[part] = self._at(principal, name, number).parts().get(part, "")
        return merged(seen, now, {**seen, **parts})

    def ticked(
        self, principal: Principal, name: str, base: int, mine: Sequence[str],
        was: Mapping[str, int] = NOTHING,
    ) -> tuple[str, ...]:  # fmt: skip
        """What both people chose of the chart."""
        theirs = content_of(self._papers.open(principal, name).content).chosen
        return chosen(self._at(principal, name, was.get(TICKED, base)).chosen, theirs, mine)

    def behind(
        self, principal: Principal, name: str, base: int, parts: Mapping[str, str],
        ticked: Sequence[str], was: Mapping[str, int],
    ) -> list[Behind]:  # fmt: skip
        """Parts that somebody else wrote and the writer's page does not show yet."""
        written = self._papers.open(principal, name)
        now, kind = content_of(written.content), self.files.kinds.one(written.kind)
        titles = {f"section:{one.id}": one.title for one in kind.sections}
        found = [
            Behind(part, was.get(part, base), parts[part], text, titles.get(part))
            for part, text in now.parts().items()
            if part in parts and parts[part] != text
        ]
        if {*ticked} != {*now.chosen}:
            found.append(Behind(TICKED, was.get(TICKED, base), "", "", None))
        return found

    def _at(self, principal: Principal, name: str, number: int) -> Content:
        return content_of(self._papers.open(principal, name, number).content)

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
        found = contradictions(content.sections, self._known(principal, written, chart, content))
        return View(
            written,
            kind,
            content,
            chart.summary,
            tuple(f for one in made.sections for s in one.sentences for f in s.facts),
            made,
            offered(chart, content.chosen),
            found,
            remarks(kind, content.sections, written.language),
            self._codes(kind, content),
            self.files.diagnoses() is not None,
        )

    def _drafted(
        self, written: Manuscript, kind: RecordKind, content: Content, chart: PatientChart
    ) -> Draft:
        reader = self.files.reader()
        facts = [
            *keyfacts.read(content.lines, kind, reader.symptoms),
            *heard(content.dialogue, reader, self._floor.reasoning),
            *charted(chart, content.chosen, kind),
            *self._told(chart, content.chosen, kind),
        ]
        return draft(kind, facts, written.language, child=_is_child(chart.summary, self._today()))

    def _told(self, chart: PatientChart, chosen: Sequence[str], kind: RecordKind) -> list[Fact]:
        """Of each chosen pre-consultation what the patient told."""
        story = next((one.id for one in kind.sections if one.render == "present"), "")
        return [
            fact
            for one in chart.of(ANSWERS)
            if one.versioned in chosen
            for fact in told(
                one.resource, one.versioned, self.files.reader(), self._floor.reasoning, story
            )
        ]

    def _told_allergies(self, chart: PatientChart) -> Iterator[str]:
        """What a patient said she is allergic to counts, whether or not it was taken in here."""
        for one in chart.of(ANSWERS)[:EARLIER]:
            read = self.files.reader(), self._floor.reasoning
            for fact in told(one.resource, one.versioned, *read):
                if fact.kind is Kind.ALLERGY and fact.status is Status.PRESENT:
                    yield fact.value

    def _known(
        self, principal: Principal, written: Manuscript, chart: PatientChart, content: Content
    ) -> Known:
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
            (*allergies(chart), *self._told_allergies(chart)),
            tuple(earlier),
            content.restated(),
        )

    def _codes(self, kind: RecordKind, content: Content) -> tuple[Coded, ...]:
        found: list[Coded] = []
        for section in kind.sections:
            text = content.sections.get(section.id, "")
            if section.render == "diagnosis" or "诊断" in section.title.zh:
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
