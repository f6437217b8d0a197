"""Listens for messages: what is whole is stored, and only then acknowledged, in its order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from countersign.ground.egress import Tls, welcome
from countersign.ground.messages import Arrived, Kept
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError
from countersign.kit.ids import NewId

from .acknowledging import answers
from .framing import Frames, TooLong, framed
from .judging import Fault, Judged, judge
from .settings import Hl7v2Settings

logger = logging.getLogger(__name__)

BATCH = 256
"""The most messages of one transaction."""

AHEAD = 64
"""Messages of one connection that may wait for their answers; then it is not read further."""

CONNECTIONS = 200
UNSTORED = Fault(207, "", "hl7v2.not-stored")
TROUBLE = Fault(207, "", "hl7v2.unexpected")


class Keeping(Protocol):
    """Stores a batch durably, all or nothing."""

    def __call__(self, batch: Sequence[Arrived], /) -> list[Kept]: ...


@dataclass(slots=True)
class _Waiting:
    """A message on its way into the database, and the future of its answer."""

    raw: bytes = field(repr=False)
    answer: asyncio.Future[list[bytes]]


class Listener:
    """One listening socket and the thread that stores what comes by all its connections."""

    def __init__(
        self,
        keep: Keeping,
        settings: Hl7v2Settings,
        clock: Clock,
        new_id: NewId,
        *,
        tests: bool,
        tls: Tls | None = None,
    ) -> None:
        self._keep = keep
        self._settings = settings
        self._clock = clock
        self._new_id = new_id
        self._tests = tests
        self._tls = tls
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(BATCH * 4)
        self._connections: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event, ready: Callable[[int], None]) -> None:
        """Serves until ``stop``; ``ready`` gets the port. What was read is answered first."""
        server = await asyncio.start_server(
            self._connected,
            self._settings.host,
            self._settings.port,
            ssl=self._tls,
            reuse_port=True,
            limit=2**18,
        )
        storing = asyncio.create_task(self._store())
        ready(server.sockets[0].getsockname()[1])
        try:
            await stop.wait()
        finally:
            server.close()
            for one in list(self._connections):
                one.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)
            storing.cancel()
            with suppress(asyncio.CancelledError):
                await storing

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here = asyncio.current_task()
        address = writer.get_extra_info("peername")
        if (
            here is None
            or len(self._connections) >= CONNECTIONS
            or not welcome(self._settings.peers, str(address[0]) if address else "")
        ):
            logger.warning("a connection from %s was refused", address and address[0])
            writer.close()
            return
        self._connections.add(here)
        try:
            await self._converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the peer is gone; what was stored is stored
        finally:
            self._connections.discard(here)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reads, and answers in the order of the messages."""
        ahead: asyncio.Queue[asyncio.Future[list[bytes]] | None] = asyncio.Queue(AHEAD)
        answering = asyncio.create_task(_answer(ahead, writer))
        try:
            await self._read(reader, ahead, answering)
        finally:
            with suppress(asyncio.CancelledError, OSError):
                await asyncio.wait_for(ahead.put(None), 5)
                await asyncio.wait_for(answering, 30)
            answering.cancel()

    async def _read(
        self,
        reader: asyncio.StreamReader,
        ahead: asyncio.Queue[asyncio.Future[list[bytes]] | None],
        answering: asyncio.Task[None],
    ) -> None:
        frames = Frames(self._settings.largest)
        loop = asyncio.get_running_loop()
        while not answering.done():
            try:
                data = await asyncio.wait_for(reader.read(65536), self._settings.idle)
                if not data:
                    return
                for raw in frames.feed(data):
                    waiting = _Waiting(raw, loop.create_future())
                    await self._queue.put(waiting)
                    await ahead.put(waiting.answer)
            except TimeoutError:
                return
            except TooLong:
                logger.warning("a message is longer than %d bytes", self._settings.largest)
                return

    async def _store(self) -> None:
        """Group commit: everything that waits becomes one transaction."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            said = await asyncio.shield(asyncio.to_thread(self._stored, [one.raw for one in batch]))
            for waiting, answer in zip(batch, said, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(answer)

    def _stored(self, batch: Sequence[bytes]) -> list[list[bytes]]:
        """The answers to a batch. What cannot be stored is refused: the sender keeps it."""
        judged = [self._judged(raw) for raw in batch]
        arrived = [arrival(raw, one) for raw, one in zip(batch, judged, strict=True)]
        try:
            kept = self._keep(arrived)
        except CountersignError as problem:
            logger.error("%d messages were not stored: %s", len(batch), problem.code)
            return [self._refusal(one, UNSTORED) for one in judged]
        except Exception as problem:  # noqa: BLE001 - the sender is told, whatever it is
            # An error's own words may be clinical.
            logger.error("%d messages were not stored: %s", len(batch), type(problem).__name__)
            return [self._refusal(one, UNSTORED) for one in judged]
        return [self._said(one, there) for one, there in zip(judged, kept, strict=True)]

    def _judged(self, raw: bytes) -> Judged:
        try:
            return judge(raw, self._tests)
        except Exception as problem:  # noqa: BLE001
            # One message must not hold up the others of its batch; it is kept and shown.
            logger.error("a message could not be judged: %s", type(problem).__name__)
            return Judged("AR", None, (TROUBLE,))

    def _said(self, judged: Judged, kept: Kept) -> list[bytes]:
        faults = judged.faults
        if kept.verdict != judged.verdict:
            faults = (Fault(207, "", kept.reason or "hl7v2.unexpected"),)
        verdict = kept.verdict if kept.verdict in ("AA", "AE") else "AR"
        return answers(judged.message, verdict, faults, self._clock(), self._number())

    def _refusal(self, judged: Judged, fault: Fault) -> list[bytes]:
        return answers(judged.message, "AR", (fault,), self._clock(), self._number())

    def _number(self) -> str:
        return self._new_id().replace("-", "")[-19:]


async def _answer(
    ahead: asyncio.Queue[asyncio.Future[list[bytes]] | None], writer: asyncio.StreamWriter
) -> None:
    while (answer := await ahead.get()) is not None:
        for one in await answer:
            writer.write(framed(one))
        await writer.drain()


def arrival(raw: bytes, judged: Judged) -> Arrived:
    """The message as it is to be kept."""
    reason = judged.faults[0].code if judged.faults else ""
    message = judged.message
    if message is None:
        return Arrived(raw, "?", "", "?", "", judged.verdict, reason)
    return Arrived(
        raw,
        message.sender,
        message.control_id,
        f"{message.kind}^{message.event}",
        message.version,
        judged.verdict,
        reason,
        judged.people,
    )
