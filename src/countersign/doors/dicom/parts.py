"""Takes a request of many parts apart while it streams in, and writes each part down."""

from __future__ import annotations

from collections.abc import Callable
from email.message import Message
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from countersign.ground.imaging import ImageUnsupported, Spool
from countersign.kit.errors import CountersignError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

DICOM = "application/dicom"
MOST_PARTS = 1000
"""Instances of one request."""

Begin = Callable[[], Spool]
Done = Callable[["Part"], None]


class NotMultipart(CountersignError):
    code = "dicom.not_multipart"
    status = 415
    message = "Send multipart/related with type=“application/dicom” and a boundary."


class BrokenParts(CountersignError):
    code = "dicom.broken_parts"
    status = 400
    message = "The parts of the request do not follow their boundary. Nothing more of it was kept."


class TooManyParts(CountersignError):
    code = "dicom.too_many_parts"
    status = 413
    message = "Send at most {most} instances in one request."


class Part:
    """One instance of a request: the file that it is in, or why it is in none."""

    def __init__(self) -> None:
        self.kind = ""
        self.spool: Spool | None = None
        self.problem: CountersignError | None = None

    def discard(self) -> None:
        """Takes away what came of it."""
        if self.spool is not None:
            self.spool.discard()


def boundary_of(content_type: str) -> str:
    """The boundary of a request that holds instances. Raises NotMultipart."""
    told = Message()
    told["content-type"] = content_type
    kind, boundary = told.get_param("type"), told.get_boundary()
    if told.get_content_type() != "multipart/related" or kind != DICOM or not boundary:
        raise NotMultipart
    return boundary


class Parts:
    """Feed it the body; ``done`` is called with each whole part. Use it in one thread at a time."""

    def __init__(self, boundary: str, begin: Begin, done: Done) -> None:
        self._begin = begin
        self._done = done
        self._part: Part | None = None
        self._name = b""
        self._value = b""
        self._count = 0
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._start,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._end,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)
        except FormParserError:
            raise NotMultipart from None

    def feed(self, data: bytes) -> None:
        """Raises BrokenParts, TooManyParts, and whatever ``done`` raises."""
        try:
            self._parser.write(data)
        except FormParserError:
            raise BrokenParts from None

    def finish(self) -> None:
        """The body is over. Raises BrokenParts when its last boundary never came."""
        try:
            self._parser.finalize()
        except FormParserError:
            raise BrokenParts from None
        if self._part is not None or self._count == 0:
            raise BrokenParts

    def close(self) -> None:
        """Takes away what came of a part that never ended."""
        if self._part is not None:
            self._part.discard()
            self._part = None

    def _start(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS:
            raise TooManyParts(most=MOST_PARTS)
        self._part = Part()
        self._name = self._value = b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header(self) -> None:
        if self._part is not None and self._name.lower() == b"content-type":
            value = self._value.partition(b";")[0].strip().lower()
            self._part.kind = value.decode("ascii", "replace")
        self._name = self._value = b""

    def _open(self) -> None:
        if (part := self._part) is None:
            return
        if part.kind != DICOM:
            part.problem = ImageUnsupported()
            return
        try:
            part.spool = self._begin()
        except CountersignError as problem:
            part.problem = problem

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part is None or part.spool is None:
            return
        try:
            part.spool.write(memoryview(data)[start:end])
        except CountersignError as problem:
            part.spool.discard()
            part.spool, part.problem = None, problem

    def _end(self) -> None:
        part, self._part = self._part, None
        if part is not None:
            self._done(part)
