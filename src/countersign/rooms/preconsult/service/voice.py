"""Has what a patient says written down; the patient reads it before anything of it is kept."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.identity import Principal
from countersign.ground.interviews import ACTOR, AIRefused, Held, InterviewClosed, TooMuch
from countersign.ground.models import Spoken, Work
from countersign.ground.shell import Floor
from countersign.kit.errors import CountersignError
from countersign.kit.sound import media_of

HEARD = "heard:"
SECONDS = 40.0
"""A patient waits: then she types."""

LARGEST = 3 * 1024 * 1024
"""Bytes of one recording; a minute of speech has a quarter of that at most."""

RECORDINGS = 40
"""Recordings of one interview that are written down."""


class UnfitRecording(CountersignError):
    code = "preconsult.unfit_recording"
    status = 422
    message = "This is no recording of at most a minute. Try again, or type."


class Voice:
    """One object for a process."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def ready(self, patient: str) -> bool:
        """Whether speech would be written down now, and this patient refuses no AI."""
        if self._floor.gateway.ready(Work.SPEECH) is None:
            return False
        return "ai" not in self._floor.chart.facts_of(patient).refused

    def hear(self, held: Held, content: bytes, language: str) -> str:
        """The words, which may be none. The recording is kept nowhere, nor are the words: only
        that there was one, and which model wrote it down.

        Raises UnfitRecording, InterviewClosed, AIRefused, TooMuch, and what the gateway raises.
        """
        media = media_of(content)
        if media is None or len(content) > LARGEST:
            raise UnfitRecording
        if held.state == "sent":
            raise InterviewClosed
        if "ai" in self._floor.chart.facts_of(held.patient).refused:
            raise AIRefused
        before = self._floor.interviews.keeping.entries(held)
        count = sum(one.item.startswith(HEARD) for one in before)
        if count >= RECORDINGS:
            raise TooMuch
        said = self._floor.gateway.hear(
            Spoken(
                content,
                media,
                language,
                Principal.system(ACTOR.removeprefix("system:")),
                "preconsult",
                (f"interview {held.id}",),
                held.patient,
                seconds=SECONDS,
            )
        )
        entry = {"model": said.model.label, "prompt": said.prompt.label, "language": language}
        self._floor.interviews.keeping.put(held, f"{HEARD}{count + 1}", entry)
        return said.text


def heard_by(answers: Mapping[str, Mapping[str, object]]) -> list[str]:
    """The models that wrote something down in an interview; none where all was typed."""
    return sorted({str(one.get("model", "")) for k, one in answers.items() if k.startswith(HEARD)})
