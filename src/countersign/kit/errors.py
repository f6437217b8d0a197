"""The one root of every error that a person or another system may see."""

from __future__ import annotations

from typing import Any, ClassVar


class CountersignError(Exception):
    """An error with a stable code, an HTTP status and a sentence that says what to do.

    ``message`` is an English template whose ``{names}`` are filled from the keyword
    details; the pages translate the template before they fill it, and say a detail that is
    Words in the reader's language. Details must never hold clinical content, names or keys.
    """

    code: ClassVar[str] = "countersign.error"
    status: ClassVar[int] = 500
    message: ClassVar[str] = "Something went wrong. Try again, and tell IT the time it happened."

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.sentence())

    def __reduce__(self) -> tuple[Any, ...]:
        """Comes back whole from a process that computes."""
        return _again, (type(self), self.details)

    def sentence(self, template: str | None = None) -> str:
        """The message, or a translation of it, filled with the details."""
        return (template or self.message).format_map(_Gaps(self.details))


def _again(kind: type[CountersignError], details: dict[str, object]) -> CountersignError:
    return kind(**details)


class _Gaps(dict[str, object]):
    """Leaves a name that has no detail visible instead of failing inside an error."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
