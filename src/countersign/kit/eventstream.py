"""Takes apart the stream of events in which servers of language models answer piece by piece."""

from __future__ import annotations

import re

_LINE_END = re.compile(rb"\r\n|\n|\r")


class EventStream:
    """The data of server-sent events, as their bytes come in, however they are cut.

    WHATWG HTML, 9.2.6 "Interpreting an event stream": lines end with CRLF, LF or CR, an empty
    line ends an event, several ``data`` lines are joined by newlines, lines that begin with a
    colon say nothing. An event that the stream breaks off in is never given out.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []
        self._after_return = False

    def feed(self, part: bytes) -> list[str]:
        """The data of each event that ends in ``part``."""
        if self._after_return and part[:1] == b"\n":
            part = part[1:]
        if part:
            self._after_return = part.endswith(b"\r")
        *lines, self._rest = _LINE_END.split(self._rest + part) if part else [self._rest]
        return [event for line in lines if (event := self._take(line)) is not None]

    def _take(self, line: bytes) -> str | None:
        if not line:
            whole, self._data = self._data, []
            return "\n".join(whole) if whole else None
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" ").decode("utf-8", errors="replace"))
        return None
