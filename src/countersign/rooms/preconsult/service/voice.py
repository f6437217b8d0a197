"""Has what a patient says written down; the patient reads it before anything of it is kept."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.identity import Principal
from countersign.ground.interviews import ACTOR, Held, InterviewClosed, TooMuch
from countersign.ground.shell import Floor, Transcribing

HEARD = "heard:"
RECORDINGS = 40
"""Recordings of one interview that are written down."""


class Voice:
    """One object for a process."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._transcribing = Transcribing(floor)

    def ready(self, patient: str) -> bool:
        """Whether speech would be written down now, and this patient refuses no AI."""
        return self._transcribing.ready(patient) is not None

    def hear(self, held: Held, content: bytes, language: str) -> str:
        """The words, which may be none. The recording is kept nowhere, nor are the words: only
        that there was one, and which model wrote it down.

        Raises UnfitRecording, InterviewClosed, SpeechRefused, TooMuch, and what the gateway raises.
        """
        if held.state == "sent":
            raise InterviewClosed
        before = self._floor.interviews.keeping.entries(held)
        count = sum(one.item.startswith(HEARD) for one in before)
        if count >= RECORDINGS:
            raise TooMuch
        by = Principal.system(ACTOR.removeprefix("system:"))
        said = self._transcribing.write_down(
            content, language, by, "preconsult", (f"interview {held.id}",), held.patient
        )
        entry = {"model": said.model.label, "prompt": said.prompt.label, "language": language}
        self._floor.interviews.keeping.put(held, f"{HEARD}{count + 1}", entry)
        return said.text


def heard_by(answers: Mapping[str, Mapping[str, object]]) -> list[str]:
    """The models that wrote something down in an interview; none where all was typed."""
    return sorted({str(one.get("model", "")) for k, one in answers.items() if k.startswith(HEARD)})
