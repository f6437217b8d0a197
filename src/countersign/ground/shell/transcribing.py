"""Has what somebody says written down, for every room with a microphone, by one set of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from countersign.ground.identity import Principal
from countersign.ground.models import Ready, Said, Spoken, Work
from countersign.kit.errors import CountersignError
from countersign.kit.sound import media_of

if TYPE_CHECKING:
    from .floor import Floor

SECONDS = 40.0
"""Somebody waits: then she types."""

LARGEST = 3 * 1024 * 1024
"""Bytes of one recording; a minute of speech has a quarter of that at most."""


class UnfitRecording(CountersignError):
    code = "shell.unfit_recording"
    status = 422
    message = "This is no recording of at most a minute. Try again, or type."


class SpeechRefused(CountersignError):
    code = "shell.speech_refused"
    status = 409
    message = "The patient refuses processing by AI: type what was said."


async def recording_of(request: Request) -> bytes:
    """The body of a request, through memory alone; no more than one byte block over ``LARGEST``."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > LARGEST:
            break
    return bytes(content)


class Transcribing:
    """One object for a process."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def ready(self, patient: str) -> Ready | None:
        """Who would write speech down now; None also where this patient refuses AI."""
        found = self._floor.gateway.ready(Work.SPEECH)
        return None if found is None or self._refuses(patient) else found

    def write_down(
        self,
        content: bytes,
        language: str,
        by: Principal,
        room: str,
        inputs: tuple[str, ...],
        patient: str,
    ) -> Said:
        """What was said; ``text`` may be empty. The recording is kept nowhere, and the words are
        kept by whoever reads them. ``language`` is a code of ISO 639-1; whether ``by`` may do
        this to this patient was asked before.

        Raises UnfitRecording, SpeechRefused, and what the gateway raises.
        """
        media = media_of(content)
        if media is None or len(content) > LARGEST:
            raise UnfitRecording
        if self._refuses(patient):
            raise SpeechRefused
        return self._floor.gateway.hear(
            Spoken(content, media, language, by, room, inputs, patient, seconds=SECONDS)
        )

    def _refuses(self, patient: str) -> bool:
        return "ai" in self._floor.chart.facts_of(patient).refused
