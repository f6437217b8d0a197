"""Leads a patient through an interview: reads, asks what tells most, interrupts at a danger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from countersign.ground.interviews import Held, LinkUnusable, UnfitFile
from countersign.ground.reasoning import Finding, Holder, Person, Question, Status
from countersign.ground.shell import Floor
from countersign.kit.words import Words
from countersign.rooms.preconsult.domain import (
    ASK,
    About,
    Course,
    RedFlag,
    UnfitAnswer,
    answer,
    newest,
)
from countersign.rooms.preconsult.inference import (
    DIGEST,
    READ,
    flags,
    speeches,
    suspicion,
)

from .pictures import LARGEST, redrawn
from .served import served
from .voice import HEARD
from .words import UNDERSTOOD, WORDED, Wording, understood, worded

ELSEWHERE = frozenset(
    {"local:smoker", "local:allergic-history", "HP:0031589", "local:pregnancy", "HP:0000819"}
)
"""Terms that other steps ask about, or that no adaptive question may ask a patient bluntly."""

OFFERED = 40
STATUS = {"yes": Status.PRESENT, "no": Status.ABSENT, "unsure": Status.UNCERTAIN}


@dataclass(frozen=True, slots=True)
class View:
    """Where an interview stands. ``dangers`` are those that the patient has not been shown;
    ``wording`` is the question in a model's words, empty where the signed ones stand."""

    held: Held
    answers: Mapping[str, Mapping[str, object]]
    item: str
    question: Question | None
    wording: str
    dangers: tuple[RedFlag, ...]
    files: int
    done: int


class Interviewing:
    """What a visitor with a link may do; every method needs the ``Held`` of that link."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._keeping = floor.interviews.keeping
        self._words = Wording(floor)

    def view(self, held: Held, language: str, edit: str = "") -> View:
        """The step that is open, or the one that is to be changed. Raises LinkUnusable."""
        self._still_signed(held)
        answers = newest((one.item, one.value) for one in self._keeping.entries(held))
        question = self._question(answers, language)
        course = Course(
            {k: v for k, v in answers.items() if not internal(k)},
            question.terms[0] if question else None,
        )
        item = edit if edit in answers and not internal(edit) else course.next()
        if edit.startswith(ASK) and edit in answers:
            question = None
        files = len(self._keeping.attachments(held))
        said = worded(answers, item.removeprefix(ASK), language) if item.startswith(ASK) else ""
        dangers = self._unseen(answers)
        return View(held, answers, item, question, said, dangers, files, course.done)

    def answer(
        self,
        held: Held,
        item: str,
        given: Mapping[str, str],
        chosen: Sequence[str],
        language: str,
    ) -> None:
        """Keeps one answer, then looks for dangers in all of them, by rules first.

        Only then a language model may read the complaint, and word the next question. Raises
        UnfitAnswer.
        """
        self._still_signed(held)
        before = newest((one.item, one.value) for one in self._keeping.entries(held))
        if item == "alarm":
            seen = _names(before, "alerted")
            self._keeping.put(held, "alarm", {"flags": seen})
            return
        value = answer(item, given, chosen, self._allowed(item, before, language))
        value = {**value, "language": language}
        self._keeping.put(held, item, value)
        self._watch(held, {**before, item: value}, item, language)
        if item == "complaint":
            self._understand(held, str(value["text"]), language)
        self._word(held, language)

    def dangers(self, given: Mapping[str, str], chosen: Sequence[str]) -> tuple[RedFlag, ...]:
        """Those in one answer that could not be kept, by rules alone: for what to say at once."""
        spoken = flags().found(given.get("text", ""))
        ticked = (flags().one(one) for one in chosen)
        found = [*(one for one in ticked if one is not None), *spoken]
        return tuple({one.id: one for one in found}.values())

    def send(self, held: Held, language: str) -> None:
        """Closes it, with the proposal for the desk. Raises InterviewClosed, UnfitAnswer."""
        view = self.view(held, language)
        if view.item != "review":
            raise UnfitAnswer("choose")
        self._keeping.put(held, "leaning", self.leaning(view.answers))
        self._keeping.send(held)

    def attach(self, held: Held, content: bytes) -> None:
        """A picture, made anew so that nothing else travels in it, or a PDF. Raises UnfitFile."""
        self._still_signed(held)
        if not content or len(content) > LARGEST:
            raise UnfitFile(megabytes=LARGEST // 1024 // 1024)
        if content.startswith(b"%PDF-"):
            self._keeping.attach(held, "application/pdf", content)
            return
        self._keeping.attach(held, "image/jpeg", redrawn(content))

    def leaning(self, answers: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
        """Department and urgency for the desk, as a draft."""
        text = _text(answers, "complaint")
        found = served(self._floor.records).lean(text, _about(answers).marks())
        alerted, suspected = _names(answers, "alerted"), _names(answers, "suspected")
        urgency = "emergency" if alerted else "soon" if suspected else "routine"
        return {
            "department": found.code,
            "sure": found.sure and bool(found.code),
            "others": list(found.others),
            "by": found.by,
            "urgency": urgency,
            "dangers": alerted,
        }

    def _still_signed(self, held: Held) -> None:
        """Patients are asked and told only what is signed, and by these very files."""
        protocol = self._floor.interviews.protocols.one(held.protocol)
        if protocol.state != "signed" or protocol.content.get("digest") != DIGEST:
            raise LinkUnusable

    def _allowed(
        self, item: str, answers: Mapping[str, Mapping[str, object]], language: str
    ) -> list[str]:
        if item == "dangers":
            return [one.id for one in flags().flags]
        asked = [one.removeprefix(ASK) for one in answers if one.startswith(ASK)]
        question = self._question(answers, language)
        return [*asked, *(question.terms if question else ())]

    def _question(
        self, answers: Mapping[str, Mapping[str, object]], language: str
    ) -> Question | None:
        if "complaint" not in answers or "dangers" not in answers:
            return None
        about = _about(answers)
        age = None if about.days is None else about.days // 365
        sex = answers.get("about", {}).get("sex")
        person = Person(age, sex if sex in ("male", "female") else None)  # pyright: ignore[reportArgumentType]
        asked = {one.removeprefix(ASK) for one in answers if one.startswith(ASK)}
        known = speeches()[language].questions
        found = self._floor.reasoning.next_questions(self.findings(answers), person, OFFERED)
        return next(
            (
                one
                for one in found
                if one.kind == "ask"
                and len(one.terms) == 1
                and not {*one.terms} & (asked | ELSEWHERE)
                and (language in READ or one.terms[0] in known)
            ),
            None,
        )

    def findings(self, answers: Mapping[str, Mapping[str, object]]) -> list[Finding]:
        """What was read in the patient's own words, and what was answered."""
        text = _text(answers, "complaint")
        found = list(self._floor.reasoning.read(text)) if text else []
        for item, value in answers.items():
            if item.startswith(ASK):
                status = STATUS[str(value["answer"])]
                found.append(Finding(item.removeprefix(ASK), status))
        known = {one.term for one in found}
        return [*found, *(one for one, _ in understood(answers).findings if one.term not in known)]

    def _understand(self, held: Held, words: str, language: str) -> None:
        """A model reads the complaint too: it may add findings and dangers, and removes none."""
        read = self._words.understand(held, words)
        if read is None:
            return
        self._keeping.put(held, UNDERSTOOD, read)
        answers = newest((one.item, one.value) for one in self._keeping.entries(held))
        self._watch(held, answers, UNDERSTOOD, language)
        known = {*_names(answers, "alerted"), *_names(answers, "suspected")}
        new = [one["flag"] for one in read["dangers"] if one["flag"] not in known]
        if new:
            self._keeping.alert(held, list(dict.fromkeys(new)), urgent=False)
            both = [*_names(answers, "suspected"), *new]
            self._keeping.put(held, "suspected", {"flags": list(dict.fromkeys(both))})

    def _word(self, held: Held, language: str) -> None:
        """Has the question that comes next worded, once in each language."""
        view = self.view(held, language)
        question = view.question
        if question is None or view.item != ASK + question.terms[0]:
            return
        kept = view.answers.get(WORDED + question.terms[0], {})
        if kept.get("language") == language:
            return
        term = question.terms[0]
        signed = asks(question, term, language, self._floor.reasoning.label(term))
        told = [
            self._floor.reasoning.label(one.term).into("zh" if language == "zh" else "en")
            for one in self.findings(view.answers)
            if one.status is Status.PRESENT and one.holder is Holder.PATIENT and language in READ
        ]
        made = self._words.word(held, question, signed, list(dict.fromkeys(told)), language)
        if made is not None:
            self._keeping.put(held, WORDED + term, made)

    def _watch(
        self, held: Held, answers: Mapping[str, Mapping[str, object]], item: str, language: str
    ) -> None:
        """Tells the desk at once of every danger that is new; only then the page goes on."""
        now = {
            one.term
            for one in self.findings(answers)
            if one.status is Status.PRESENT and one.holder is Holder.PATIENT and not one.past
        }
        words = "\n".join(_text(answers, name) for name in answers if not internal(name))
        spoken = [one.id for one in flags().found(words, _about(answers), now)]
        ticked = _names(answers, "dangers")
        known = _names(answers, "alerted")
        new = [one for one in dict.fromkeys([*ticked, *spoken]) if one not in known]
        if new:
            self._keeping.alert(held, new, urgent=True)
            self._keeping.put(held, "alerted", {"flags": [*known, *new]})
        elif item == "complaint" and not known and "suspected" not in answers:
            self._suspect(held, words, language)

    def _suspect(self, held: Held, words: str, language: str) -> None:
        """Nothing interrupts the patient; a nurse looks."""
        why = "unread" if language not in READ else "suspected"
        if why == "unread" or suspicion().suspects(words):
            self._keeping.alert(held, [why], urgent=False)
            self._keeping.put(held, "suspected", {"flags": [why]})

    def _unseen(self, answers: Mapping[str, Mapping[str, object]]) -> tuple[RedFlag, ...]:
        seen = _names(answers, "alarm")
        found = [flags().one(name) for name in _names(answers, "alerted") if name not in seen]
        return tuple(one for one in found if one is not None)


INTERNAL = frozenset({"about", "alerted", "suspected", "alarm", "leaning", UNDERSTOOD})
"""Entries that the house makes, not the patient."""


def internal(item: str) -> bool:
    """Whether the house made this entry."""
    return item in INTERNAL or item.startswith((WORDED, HEARD))


def _text(answers: Mapping[str, Mapping[str, object]], item: str) -> str:
    return str(answers.get(item, {}).get("text", ""))


def _names(answers: Mapping[str, Mapping[str, object]], item: str) -> list[str]:
    found = answers.get(item, {}).get("flags", [])
    return [str(one) for one in found] if isinstance(found, list) else []  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]


def _about(answers: Mapping[str, Mapping[str, object]]) -> About:
    days = answers.get("about", {}).get("days")
    return About(
        days if isinstance(days, int) else None, answers.get("about", {}).get("pregnant") is True
    )


def asks(question: Question | None, term: str, language: str, label: Words) -> str:
    """A question in the patient's language; only words of the signed protocol."""
    if language not in READ:
        return speeches()[language].questions.get(term, label.into("en"))
    text = question.text if question is not None and term in question.terms else label
    return text.into("zh" if language == "zh" else "en")
