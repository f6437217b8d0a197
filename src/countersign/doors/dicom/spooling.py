"""Lets a data set flow to the disk while it arrives, within bounds that a peer cannot move.

pynetdicom keeps a whole data set in memory, or in a file of its own for which it knows no limit,
and believes the length that a peer claims for a unit. Here both are bounded; the rest of the
protocol is pynetdicom's.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import UID
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dsutils import create_file_meta
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.transport import AssociationSocket

from countersign.ground.imaging import Spool
from countersign.kit.errors import CountersignError

logger = logging.getLogger(__name__)

LARGEST_UNIT = 256 * 1024
"""Bytes of a protocol data unit that are asked for (PS3.8 annex D)."""

LARGEST_REQUEST = 1024 * 1024
"""Bytes of any unit that are read; requests of archives with hundreds of contexts fit."""

LARGEST_COMMAND = 64 * 1024

Begin = Callable[[], Spool]


@dataclass(slots=True)
class Arrival:
    """A data set as it came: the file that it is in, or why it is in none."""

    spool: Spool | None = None
    problem: CountersignError | None = None


def bound(wire: AssociationSocket) -> None:
    """From now on it believes no length beyond what was agreed: the connection ends instead.

    And it is closed also when its peer has left, which pynetdicom 3.0 leaves to chance.
    """
    read = wire.recv
    inner: Any = wire

    def recv(nr_bytes: int) -> bytearray:
        if nr_bytes > LARGEST_REQUEST:
            raise OSError("a unit is longer than was agreed")
        return read(nr_bytes)

    def shut() -> None:
        if (ended := wire.socket) is not None:
            with suppress(OSError):
                ended.shutdown(2)
            ended.close()

    inner.recv, inner._shutdown_socket = recv, shut


class Spooling(DIMSEServiceProvider):
    """Takes data sets out of the messages before pynetdicom puts them together."""

    def __init__(self, assoc: Association, begin: Begin) -> None:
        super().__init__(assoc)
        self._begin = begin
        self._command = 0
        self._now: Arrival | None = None
        self._whole: deque[Arrival] = deque()

    def receive_primitive(self, primitive: P_DATA) -> None:
        """Keeps the bytes of data sets, hands on the rest; aborts at whatever is not DICOM."""
        try:
            # One by one: the last of a command and the first of its data set may come together.
            for context, data in primitive.presentation_data_value_list:
                one: Any = P_DATA()
                one.presentation_data_value_list = [[context, self._taken(data)]]
                super().receive_primitive(one)
        except Exception as problem:  # noqa: BLE001 - one peer's garbage must end its association
            # Only the kind is said: the words of an error may quote a header.
            logger.warning("an association is aborted: %s", type(problem).__name__)
            self.message = None
            self.dul.event_queue.put("Evt19")

    def arrived(self) -> Arrival:
        """The data set of the message that is being served."""
        return self._whole.popleft() if self._whole else Arrival()

    def close(self) -> None:
        """Takes away what came and is not kept."""
        now = [self._now] if self._now else []
        for arrival in (*now, *self._whole):
            if arrival.spool is not None:
                arrival.spool.discard()
        self._now = None
        self._whole.clear()

    def _taken(self, data: bytes) -> bytes:
        """What is left of a fragment for pynetdicom: of a data set nothing but its first byte.

        Its lowest bit is set for commands, the next for the last fragment (PS3.8 annex E.2).
        """
        if data[0] & 1:
            self._command += len(data)
            if self._command > LARGEST_COMMAND:
                raise ValueError("a command is too long")
            if data[0] & 2:
                self._command = 0
            return data
        arrival = self._now = self._now or self._begun()
        self._write(arrival, data[1:])
        if data[0] & 2:
            self._whole.append(arrival)
            self._now = None
        return data[:1]

    def _begun(self) -> Arrival:
        try:
            return Arrival(spool=self._headed())
        except CountersignError as problem:
            return Arrival(problem=problem)

    def _headed(self) -> Spool:
        """A file that begins with the meta information of Part 10."""
        message: Any = self.message
        association: Any = self.assoc
        command, context = message.command_set, association._accepted_cx[message.context_id]
        head = file_head(
            str(command.AffectedSOPClassUID),
            str(command.AffectedSOPInstanceUID),
            str(context.transfer_syntax[0]),
        )
        spool = self._begin()
        spool.write(head)
        return spool

    def _write(self, arrival: Arrival, data: bytes) -> None:
        if arrival.spool is None:
            return  # the rest is read and thrown away, so that the sender can be told why
        try:
            arrival.spool.write(data)
        except CountersignError as problem:
            arrival.spool.discard()
            arrival.spool, arrival.problem = None, problem


def file_head(sop_class: str, sop_instance: str, syntax: str) -> bytes:
    """Preamble and meta information of a Part 10 file (PS3.10 section 7.1)."""
    made = DicomBytesIO()
    made.write(bytes(128) + b"DICM")
    meta = create_file_meta(
        sop_class_uid=UID(sop_class),
        sop_instance_uid=UID(sop_instance),
        transfer_syntax=UID(syntax),
    )
    write_file_meta_info(made, meta)
    return made.getvalue()
