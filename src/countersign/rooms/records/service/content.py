"""What one version of a record holds, and how it is kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from countersign.kit.json import JSON
from countersign.rooms.records.domain.drafting import Draft
from countersign.rooms.records.domain.fact import Link


@dataclass(frozen=True, slots=True)
class Said:
    """One drafted sentence with its sources; ``by`` is ``template`` or ``model``."""

    text: str
    by: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Transcribed:
    """That some of a part (``lines`` or ``dialogue``) was spoken: the labels of the model that
    wrote it down and of the request to it."""

    part: str
    model: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Content:
    """``lines`` are key facts, ``dialogue`` a conversation, ``chosen`` references of the chart.

    ``sections`` is the text as it stands now, ``drafted`` what was drafted last, by section;
    ``model`` names the language model that wrote it, empty for none; ``transcribed`` says what of
    it was spoken.
    """

    lines: str = ""
    dialogue: str = ""
    chosen: tuple[str, ...] = ()
    sections: Mapping[str, str] = field(default_factory=dict[str, str])
    drafted: Mapping[str, tuple[Said, ...]] = field(default_factory=dict[str, tuple[Said, ...]])
    machine: Mapping[str, str] = field(default_factory=dict[str, str])
    model: str = ""
    transcribed: tuple[Transcribed, ...] = ()

    def parts(self) -> dict[str, str]:
        """Everything that a person writes, by part, for merging."""
        sections = {f"section:{name}": text for name, text in self.sections.items()}
        return {"lines": self.lines, "dialogue": self.dialogue, **sections}

    def restated(self) -> tuple[str, ...]:
        """Sentences that say again what the chart holds today, such as a result: no copy of
        what somebody wrote earlier.
        """
        return tuple(
            one.text
            for said in self.drafted.values()
            for one in said
            if all("/" in k.source and not k.source.startswith("Composition/") for k in one.links)
        )

    def with_parts(self, parts: Mapping[str, str]) -> Content:
        """The same with other words of people."""
        sections = {
            name.removeprefix("section:"): text
            for name, text in parts.items()
            if name.startswith("section:")
        }
        return replace(
            self,
            lines=parts.get("lines", self.lines),
            dialogue=parts.get("dialogue", self.dialogue),
            sections={**self.sections, **sections},
        )

    def redrafted(self, made: Draft, model: str) -> Content:
        """With a new draft: a section that a person changed keeps the person's words."""
        drafted = {
            one.section.id: tuple(Said(s.text, s.by, s.links) for s in one.sentences)
            for one in made.sections
        }
        machine = {one.section.id: one.text(made.language) for one in made.sections}
        sections = {
            name: text if self._untouched(name) else self.sections.get(name, "")
            for name, text in machine.items()
        }
        return replace(self, sections=sections, drafted=drafted, machine=machine, model=model)

    def _untouched(self, name: str) -> bool:
        now = self.sections.get(name, "").strip()
        return not now or now == self.machine.get(name, "").strip()

    def as_json(self) -> JSON:
        """For keeping."""
        return {
            "lines": self.lines,
            "dialogue": self.dialogue,
            "chosen": list(self.chosen),
            "sections": dict(self.sections),
            "machine": dict(self.machine),
            "model": self.model,
            "transcribed": [[one.part, one.model, one.prompt] for one in self.transcribed],
            "drafted": {
                name: [
                    {"text": s.text, "by": s.by,
                     "links": [[link.source, link.start, link.end] for link in s.links]}
                    for s in said
                ]
                for name, said in self.drafted.items()
            },
        }  # fmt: skip


def content_of(kept: JSON) -> Content:
    """The inverse of ``as_json``."""
    given = kept
    return Content(
        given["lines"],
        given["dialogue"],
        tuple(given["chosen"]),
        dict(given["sections"]),
        {name: tuple(map(_said, said)) for name, said in given["drafted"].items()},
        dict(given["machine"]),
        given["model"],
        tuple(Transcribed(*map(str, one)) for one in given.get("transcribed", ())),
    )


def _said(one: Mapping[str, Any]) -> Said:
    links: Sequence[Sequence[Any]] = one["links"]
    return Said(one["text"], one["by"], tuple(Link(a, b, c) for a, b, c in links))
