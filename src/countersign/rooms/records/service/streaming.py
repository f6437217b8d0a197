"""Shows a draft while it is being worded: each sentence only after its check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from countersign.ground.identity import Principal
from countersign.ground.models import Work
from countersign.ground.shell import Floor
from countersign.kit.errors import CountersignError
from countersign.rooms.records.domain.drafting import Draft, Drafted, with_sections
from countersign.rooms.records.domain.kinds import Section
from countersign.rooms.records.domain.sentence import Sentence
from countersign.rooms.records.domain.unfolding import Unfolding

from .prose import GIVES_UP, Checked, Way, facts_of, whole
from .records import Records


@dataclass(frozen=True, slots=True)
class Shown:
    """One sentence of a section; ``by`` is ``model`` or ``template``. ``instead`` says that the
    model broke off, and that what it said of this section does not stand."""

    section: Section
    text: str
    by: str
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """The end: the version that was kept, and who worded it (empty for templates)."""

    number: int
    model: str


class Streaming:
    """One object for a process."""

    def __init__(self, floor: Floor, records: Records) -> None:
        self._floor = floor
        self._records = records

    def ready(self) -> bool:
        """Whether a model would word a draft now."""
        return self._floor.gateway.ready(Work.RECORD) is not None

    def draft(self, principal: Principal, name: str, base: int) -> Iterator[Shown | Done]:
        """Sentences as they hold, and at the end the version that was kept.

        What templates say comes first, since nobody waits for it. Raises before the first
        sentence AIStopped, ManuscriptChanged, Forbidden.
        """
        written, made = self._records.begun(principal, name, base)
        way = Way(self._floor.gateway, self._records.files.reader(), principal, written)
        return self._draft(principal, made, way)

    def _draft(self, principal: Principal, made: Draft, way: Way) -> Iterator[Shown | Done]:
        finished: dict[str, Drafted] = {}
        model = ""
        for one in made.sections:
            if not facts_of(one):
                finished[one.section.id] = one
                yield from _templates(one)
        for one in made.sections:
            if one.section.id in finished:
                continue
            said = _Section(made, one, way)
            yield from said.sentences()
            finished[one.section.id] = said.drafted
            model = said.model or model
        sections = [finished[one.section.id] for one in made.sections]
        number = self._records.drafted(principal, way.written, with_sections(made, sections), model)
        yield Done(number, model)


class _Section:
    """One section on its way; ``drafted`` is what stands once ``sentences`` is through."""

    def __init__(self, made: Draft, one: Drafted, way: Way) -> None:
        self._made, self._one, self._way = made, one, way
        self.drafted = one
        self.model = ""

    def sentences(self) -> Iterator[Shown]:
        """The model's as they hold, then the templates' for what it left out."""
        facts = facts_of(self._one)
        checked, unfolding = Checked(facts, self._way.reader), Unfolding()
        held: list[Sentence] = []
        try:
            asked = self._way.asked(self._made, self._one, facts)
            with self._way.asking.stream(asked) as stream:
                for piece in stream:
                    for given in unfolding.feed(piece):
                        sentence = checked.next(given)
                        if sentence is not None:
                            held.append(sentence)
                            yield Shown(self._one.section, sentence.text, "model")
                said = stream.said
        except CountersignError as problem:
            if not isinstance(problem, GIVES_UP) and problem.status < 500:
                raise
            yield from _templates(self._one, instead=bool(held))
            return
        self.model = said.model.label
        self.drafted = whole(self._made, self._one, facts, held)
        for sentence in self.drafted.sentences:
            if sentence.by != "model":
                yield Shown(self._one.section, sentence.text, sentence.by)


def _templates(one: Drafted, *, instead: bool = False) -> Iterator[Shown]:
    for sentence in one.sentences:
        yield Shown(one.section, sentence.text, sentence.by, instead)
