"""Has what a physician dictates, or a conversation, written down for a record that she writes."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from countersign.ground.identity import Principal
from countersign.ground.models import Ready, Said
from countersign.ground.shell import Floor, Transcribing
from countersign.ground.signoff import ManuscriptChanged
from countersign.rooms.records.domain.turns import unmarked

from .content import Content, Transcribed, content_of
from .proposing import ROOM

Part = Literal["lines", "dialogue"]
PIECE = 30
"""Seconds of one piece of a conversation: soon to be read, and what Whisper hears at once."""

TRIES = 5
"""Times that the note is written over a version that the same page saved meanwhile."""


class Dictating:
    """One object for a process."""

    def __init__(self, floor: Floor) -> None:
        self._papers = floor.signoff.manuscripts
        self._transcribing = Transcribing(floor)

    def ready(self, patient: str) -> Ready | None:
        """Who would write it down now; None where nobody would, or the patient refuses AI."""
        return self._transcribing.ready(patient)

    def hear(self, principal: Principal, name: str, part: Part, content: bytes) -> str:
        """The words, which may be none, for the box of this part. The recording is kept nowhere;
        the record keeps that this part was spoken and which model wrote it down, before anybody
        reads a word of it.

        Raises UnknownManuscript, Forbidden, UnfitRecording, SpeechRefused, ManuscriptChanged,
        and what the gateway raises.
        """
        written = self._papers.open(principal, name)
        said = self._transcribing.write_down(
            content,
            written.language,
            principal,
            ROOM,
            (f"record {written.id} version {written.number}",),
            written.patient,
        )
        if said.text:
            self._note(principal, name, part, said)
        return said.text

    def _note(self, principal: Principal, name: str, part: Part, said: Said) -> None:
        one = Transcribed(part, said.model.label, said.prompt.label)
        for tried in range(TRIES):
            written = self._papers.open(principal, name)
            content = content_of(written.content)
            if one in content.transcribed:
                return
            noted = replace(content, transcribed=(*content.transcribed, one))
            try:
                self._papers.save(principal, written, noted.as_json())
            except ManuscriptChanged:
                if tried == TRIES - 1:
                    raise
            else:
                return


def lone_lines(content: Content) -> int:
    """Lines without a speaker of a conversation that a model wrote down; none of a typed one."""
    heard = any(one.part == "dialogue" for one in content.transcribed)
    return unmarked(content.dialogue) if heard else 0
