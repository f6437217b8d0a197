"""What a file of another tool says, in our terms, and what may be wrong with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from countersign.kit.errors import CountersignError
from countersign.rooms.modelbench.domain.study.capacity import Step

LARGEST = 32 * 1024 * 1024
"""Bytes of one file."""
MOST_STEPS = 200
MOST_SCORES = 2000


class ImportTooLarge(CountersignError):
    code = "import.too_large"
    status = 413
    message = "The file is larger than {megabytes} MB. Give the summary that the tool wrote."


class UnknownFormat(CountersignError):
    code = "import.unknown_format"
    status = 422
    message = (
        "This is no result file that is known here. Known are vLLM and SGLang bench serve, "
        "guidellm, lm-evaluation-harness and llama-bench, as JSON, JSON Lines or CSV."
    )


class UnreadableImport(CountersignError):
    code = "import.unreadable"
    status = 422
    message = "The file looks like one of {tool}, but {field} is missing or no usable number."


@dataclass(frozen=True, slots=True)
class ImportedScore:
    """A score of another tool: a whole figure that no paired comparison can use.

    ``stderr`` and ``n`` are None where the tool did not say.
    """

    task: str
    metric: str
    value: float
    stderr: float | None
    n: int | None


@dataclass(frozen=True, slots=True)
class Imported:
    """One file. ``upper`` says that 99th percentiles stand in for 95th ones: never too good.

    ``prompt_tokens`` and ``output_tokens`` are means of a request, None where unknown;
    ``alone_*`` are seconds of one user on an idle server, where the tool measures that.
    """

    tool: str
    version: str
    model: str
    steps: tuple[Step, ...] = ()
    scores: tuple[ImportedScore, ...] = ()
    upper: bool = False
    prompt_tokens: float | None = None
    output_tokens: float | None = None
    alone_first_token: float | None = None
    alone_token: float | None = None


class Fields:
    """Reads named numbers of one table and names the one that is wrong."""

    def __init__(self, tool: str, given: object) -> None:
        self._tool = tool
        if not isinstance(given, Mapping):
            raise UnreadableImport(tool=tool, field="a table")
        self.given = cast("Mapping[str, Any]", given)

    def number(self, name: str) -> float:
        """A finite number of at least 0. Raises UnreadableImport."""
        found = self.maybe(name)
        if found is None:
            raise UnreadableImport(tool=self._tool, field=name)
        return found

    def maybe(self, name: str) -> float | None:
        """The same, None where it is absent or no number."""
        return number(self.given.get(name))

    def first(self, *names: str) -> float:
        """The first of several names that holds a number. Raises UnreadableImport."""
        for name in names:
            if (found := self.maybe(name)) is not None:
                return found
        raise UnreadableImport(tool=self._tool, field=names[0])

    def table(self, name: str) -> Fields:
        """A table within. Raises UnreadableImport."""
        if not isinstance(self.given.get(name), Mapping):
            raise UnreadableImport(tool=self._tool, field=name)
        return Fields(self._tool, self.given[name])

    def text(self, *names: str) -> str:
        """The first text of several names, printable and short, else empty."""
        for name in names:
            found = self.given.get(name)
            if isinstance(found, str) and found:
                return "".join(one for one in found if one.isprintable())[:200]
        return ""


def number(found: object) -> float | None:
    """A finite number from 0 to 10^15; text of one counts, as in CSV."""
    if isinstance(found, bool) or found is None:
        return None
    try:
        value = float(cast("float", found))
    except (TypeError, ValueError, OverflowError):
        return None
    return value if math.isfinite(value) and 0 <= value <= 1e15 else None
