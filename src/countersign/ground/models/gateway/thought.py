"""Keeps what a model thinks aloud apart from what it answers, wherever a stream is cut."""

from __future__ import annotations

OPEN, CLOSE = "<think>", "</think>"


class Apart:
    """Fed the pieces of an answer's content, it says of each what is answer and what is thought.

    Signs that may begin a tag are held back until the next piece. ``unopened`` tells that a
    thought ended which never began: what was given as answer until then was thought as well, as
    some chat templates open the tag in the prompt.
    """

    def __init__(self) -> None:
        self._held = ""
        self._inside = False
        self._began = False
        self.unopened = False

    def feed(self, piece: str) -> tuple[str, str]:
        """(answer, thought)."""
        text, self._held = self._held + piece, ""
        answer: list[str] = []
        thought: list[str] = []
        while text:
            tags = (CLOSE,) if self._inside else (OPEN, CLOSE)
            at, tag = min((text.find(tag) % (len(text) + 1), tag) for tag in tags)
            if text.startswith(tag, at):
                (thought if self._inside else answer).append(text[:at])
                if tag == CLOSE and not self._inside:
                    self.unopened = True
                    thought, answer = [*thought, *answer], []
                    self._began = False
                self._inside = tag == OPEN
                text = text[at + len(tag) :]
                continue
            kept = _beginning(text, tags)
            whole = text[: len(text) - kept]
            (thought if self._inside else answer).append(whole)
            self._held, text = text[len(text) - kept :], ""
        return self._answered("".join(answer)), "".join(thought)

    def end(self) -> tuple[str, str]:
        """What was held back; a thought that never ended is no answer."""
        rest, self._held = self._held, ""
        return ("", rest) if self._inside else (self._answered(rest), "")

    def _answered(self, text: str) -> str:
        """The blank lines between a thought and its answer belong to neither."""
        if not self._began:
            text = text.lstrip()
            self._began = bool(text)
        return text


def _beginning(text: str, tags: tuple[str, ...]) -> int:
    """How many signs at the end may be the beginning of a tag."""
    longest = max(map(len, tags)) - 1
    for size in range(min(longest, len(text)), 0, -1):
        if any(tag.startswith(text[-size:]) for tag in tags):
            return size
    return 0
