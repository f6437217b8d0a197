"""A lean HTTP/1.1 load generator, so that the client takes little of the machine it measures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """Latencies in seconds of the answers with status 200, and how many had another one."""

    seconds: list[float] = field(default_factory=list[float])
    failures: int = 0
    wall: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.wall if self.wall else 0.0

    def percentile(self, share: float) -> float:
        """Seconds below which ``share`` of the answers came; 0 when there were none."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def request(path: str, headers: dict[str, str]) -> bytes:
    """The bytes of one GET."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: keep-alive"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, message: bytes
) -> int:
    writer.write(message)
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lowered = head.lower()
    if b"transfer-encoding: chunked" in lowered:
        while size := int((await reader.readline()).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        start = lowered.index(b"content-length:") + 15
        await reader.readexactly(int(lowered[start : lowered.index(b"\r\n", start)]))
    return status


async def _steady(
    port: int, requests: Sequence[bytes], start: int, step: int, until: float, outcome: Outcome
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    number = start
    while time.perf_counter() < until:
        begun = time.perf_counter()
        status = await _exchange(reader, writer, requests[number % len(requests)])
        if status == 200:
            outcome.seconds.append(time.perf_counter() - begun)
        else:
            outcome.failures += 1
        number += step
    writer.close()


def saturate(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Outcome:
    """As many requests as ``connections`` can push one after the other."""

    async def run() -> Outcome:
        outcome = Outcome()
        begun = time.perf_counter()
        await asyncio.gather(
            *(
                _steady(port, requests, number * 7, 1, begun + seconds, outcome)
                for number in range(connections)
            )
        )
        outcome.wall = time.perf_counter() - begun
        return outcome

    return asyncio.run(run())


def people(
    port: int, page: Callable[[int, int], bytes], count: int, every: float, seconds: float
) -> Outcome:
    """``count`` people who each open ``page(person, visit)`` once in ``every`` seconds."""

    async def person(number: int, begun: float, outcome: Outcome) -> None:
        visit = 0
        while True:
            due = begun + number * every / count + visit * every
            if due > begun + seconds:
                break
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
            status = await _exchange(reader, writer, page(number, visit))
            if status == 200:
                outcome.seconds.append(time.perf_counter() - due)
            else:
                outcome.failures += 1
            writer.close()
            visit += 1

    async def run() -> Outcome:
        outcome = Outcome()
        begun = time.perf_counter()
        await asyncio.gather(*(person(number, begun, outcome) for number in range(count)))
        outcome.wall = time.perf_counter() - begun
        return outcome

    return asyncio.run(run())
