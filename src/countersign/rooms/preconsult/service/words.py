"""Asks a language model to read a patient's words and to word a question, and checks both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from countersign.ground.identity import Principal
from countersign.ground.interviews import ACTOR, Held
from countersign.ground.models import UNANSWERED, AIStopped, Asked, Prompt, Said
from countersign.ground.reasoning import Finding, Place, Question, Status
from countersign.ground.shell import Floor
from countersign.kit.errors import CountersignError
from countersign.rooms.preconsult.domain import Claim, checked, says_only
from countersign.rooms.preconsult.inference import UNDERSTAND, WORD, flags, plain_words

SECONDS = 8.0
"""A patient waits: then the path without a model goes on."""

UNDERSTOOD, WORDED = "understood", "worded:"


@dataclass(frozen=True, slots=True)
class Understood:
    """What a model read in the complaint; ``model`` is empty where rules alone read it."""

    findings: tuple[tuple[Finding, str], ...] = ()
    model: str = ""


class Wording:
    """One object for a process. Nothing here raises: without a good answer there is none."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def understand(self, held: Held, words: str) -> dict[str, Any] | None:
        """The entry to keep of one reading of the complaint; None where no model answered.

        Each finding stands with its quotation; a name that the vocabulary does not know is none.
        """
        listed = "\n".join(f"{one.id}: {one.ask.en}" for one in flags().flags)
        said = self._ask(held, UNDERSTAND.prompt, {"words": words, "dangers": listed})
        if said is None:
            return None
        reading = checked(said.value, words, [one.id for one in flags().flags])
        found = [(one, self._term(one)) for one in reading.findings]
        return {
            "of": mark(words),
            "model": said.model.label,
            "prompt": said.prompt.label,
            "findings": [
                {"term": term, "status": one.status, "quote": one.quote, "start": one.start}
                for one, term in found
                if term
            ],
            "dangers": [{"flag": one.name, "quote": one.quote} for one in reading.dangers],
        }

    def word(
        self, held: Held, question: Question, signed: str, told: Sequence[str], language: str
    ) -> dict[str, Any] | None:
        """The entry to keep of one question in other words; None where the signed ones stand.

        ``told`` names what the patient has told, in the language. What asks anything but the
        signed question is dropped.
        """
        values = {"question": signed, "told": "\n".join(told) or "-"}
        said = self._ask(held, WORD.prompt, values)
        if said is None or not isinstance(said.value, dict):
            return None
        wording = " ".join(str(said.value.get("question", "")).split())
        if wording == signed or not says_only(
            wording, signed, told, language, plain_words()[language]
        ):
            return None
        return {
            "wording": wording,
            "signed": signed,
            "language": language,
            "term": question.terms[0],
            "model": said.model.label,
            "prompt": said.prompt.label,
        }

    def _term(self, claim: Claim) -> str:
        """The one finding that a name is; empty where it is none, or more than one."""
        found = self._floor.reasoning.read(claim.name)
        if len(found) != 1 or found[0].status is not Status.PRESENT or found[0].place is None:
            return ""
        place = found[0].place
        return found[0].term if place.end - place.start == len(claim.name) else ""

    def _ask(self, held: Held, prompt: Prompt, values: Mapping[str, str]) -> Said | None:
        if self._floor.gateway.ready(prompt.work) is None:
            return None
        if "ai" in self._floor.chart.facts_of(held.patient).refused:
            return None
        by = Principal.system(ACTOR.removeprefix("system:"))
        inputs = (f"interview {held.id}",)
        try:
            return self._floor.gateway.ask(
                Asked(prompt, values, by, inputs, held.patient, seconds=SECONDS)
            )
        except (*UNANSWERED, AIStopped):
            return None
        except CountersignError as problem:
            if problem.status < 500:
                raise
            return None


def understood(answers: Mapping[str, Mapping[str, Any]]) -> Understood:
    """What is kept of a model's reading, if it is of the words as they stand."""
    kept = answers.get(UNDERSTOOD, {})
    words = str(answers.get("complaint", {}).get("text", ""))
    if not words or kept.get("of") != mark(words):
        return Understood()
    return Understood(
        tuple(
            (
                Finding(
                    str(one["term"]),
                    Status(str(one["status"])),
                    place=Place("text", one["start"], one["start"] + len(one["quote"])),
                ),
                str(one["quote"]),
            )
            for one in kept.get("findings", [])
        ),
        str(kept.get("model", "")),
    )


def worded(answers: Mapping[str, Mapping[str, Any]], term: str, language: str) -> str:
    """The model's wording of a question in this language; empty where the signed one stands."""
    kept = answers.get(WORDED + term, {})
    return str(kept.get("wording", "")) if kept.get("language") == language else ""


def mark(words: str) -> str:
    """Tells a text from another."""
    return sha256(words.encode()).hexdigest()[:16]
