"""A real OpenAI-compatible server in a process of its own that goes wrong by the model's name.

``with fault_server() as server: server.address`` starts one. See ``scripts.py`` for the names.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from llm.scripts import Piece, known, pieces
from llm.starting import started

TOKEN = "a-token-of-the-fault-server"


@dataclass(frozen=True)
class FaultServer:
    """A running one: ``address`` is what a client is given; ``root`` is without ``/v1``."""

    root: str
    process: subprocess.Popen[str] = field(repr=False)

    @property
    def address(self) -> str:
        return f"{self.root}/v1"

    def seen(self) -> list[dict[str, Any]]:
        """Every request for completions so far: path, headers (lower case), body, and the most
        that were in work at once when it came."""
        with urlopen(f"{self.root}/_seen", timeout=10) as answer:  # noqa: S310 - our own server
            return json.loads(answer.read())

    def kill(self) -> None:
        """As by kill -9."""
        self.process.kill()
        self.process.wait(10)


@contextmanager
def fault_server(
    *, port: int = 0, token: str | None = None, models: Sequence[str] = ()
) -> Iterator[FaultServer]:
    """Runs one until the block ends. With ``token`` every request must bear it; with ``models``
    it lists these alone."""
    command = [sys.executable, str(Path(__file__).resolve()), "--port", str(port)]
    command += ["--models", *models] if models else []
    command += ["--token", token] if token else []
    with started(command) as (address, process):
        yield FaultServer(address, process)


class _Hospital:
    """The server's own state and its answers."""

    def __init__(self, token: str | None, models: Sequence[str]) -> None:
        self._token = token
        self._models = models
        self._seen: list[dict[str, Any]] = []
        self._working = 0
        self._times: dict[str, int] = {}
        self._left: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        body = await _body(reader, headers)
        if path == "/_seen":
            return _whole(writer, 200, self._seen)
        if self._token and headers.get("authorization") != f"Bearer {self._token}":
            return _whole(writer, 401, {"error": {"message": "no such token"}})
        if method == "GET" and path == "/v1/models":
            return _whole(writer, 200, _models(self._models))
        if method == "POST" and path == "/v1/chat/completions":
            return await self._complete(writer, path, headers, json.loads(body))
        return _whole(writer, 404, {"error": {"message": "no such page"}})

    async def _complete(
        self, writer: asyncio.StreamWriter, path: str, headers: dict[str, str], asked: Any
    ) -> bool:
        model = str(asked.get("model"))
        self._working += 1
        if not model.startswith(("pace", "flat")):
            self._seen.append(
                {"path": path, "headers": headers, "body": asked, "working": self._working}
            )
        self._times[model] = times = self._times.get(model, 0) + 1
        try:
            if model == "drop-once" and times == 1:
                writer.transport.abort()
                return False
            if model == "leaves" and writer in self._left:
                writer.transport.abort()
                return False
            self._left.add(writer)
            if (refusal := _refusal(model, times)) is not None:
                return _whole(writer, *refusal)
            if asked.get("stream"):
                return await _streamed(writer, model, asked)
            return await _at_once(writer, model, asked)
        finally:
            self._working -= 1


def _refusal(model: str, times: int) -> tuple[int, Any, dict[str, str]] | None:
    name, _, tail = model.partition("-")
    once = tail == "once"
    if once and times > 1:
        return None
    if name == "busy":
        wait = "0" if once else tail or "1"
        return 429, {"error": {"message": "too many requests"}}, {"retry-after": wait}
    if name == "fail":
        return 500, {"error": {"message": "the patient Wang was too much"}}, {}
    if model == "too-long":
        return 400, {"error": {"message": "This model's maximum context length is 16"}}, {}
    if name == "unauthorized":
        return 401, {"error": {"message": "no such token"}}, {}
    if name == "html":
        return 200, "<html>sign in first</html>", {"content-type": "text/html"}
    return None


async def _streamed(writer: asyncio.StreamWriter, model: str, asked: dict[str, Any]) -> bool:
    tokens, begun = 0, False
    async for piece in pieces(model, asked):
        if piece.wait or tokens % 64 == 63:
            await asyncio.sleep(piece.wait)
        if not begun:
            begun = True
            _head(
                writer, 200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"}
            )
        if piece.cut:
            writer.transport.abort()
            return False
        tokens += bool(piece.text or piece.reasoning)
        _chunk(writer, piece.raw or _line(model, _delta(piece)))
        await writer.drain()
    if not begun:
        _head(writer, 200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})
    if (asked.get("stream_options") or {}).get("include_usage"):
        _chunk(writer, _line(model, {"choices": [], "usage": _usage(asked, tokens)}))
    _chunk(writer, b"data: [DONE]\n\n")
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


async def _at_once(writer: asyncio.StreamWriter, model: str, asked: dict[str, Any]) -> bool:
    text, reasoning, finish, tokens = "", "", None, 0
    async for piece in pieces(model, asked):
        await asyncio.sleep(piece.wait)
        if piece.cut:
            writer.transport.abort()
            return False
        text, reasoning = text + piece.text, reasoning + piece.reasoning
        finish, tokens = piece.finish or finish, tokens + 1
    message = {"role": "assistant", "content": text, "reasoning_content": reasoning or None}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return _whole(writer, 200, {**_frame(model), "object": "chat.completion",
                                "choices": [choice], "usage": _usage(asked, tokens)})  # fmt: skip


def _delta(piece: Piece) -> dict[str, Any]:
    delta: dict[str, Any] = {"content": piece.text} if piece.text else {}
    if piece.reasoning:
        delta["reasoning_content"] = piece.reasoning
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": piece.finish}]}


def _frame(model: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}


def _line(model: str, more: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps({**_frame(model), **more}).encode() + b"\n\n"


def _usage(asked: dict[str, Any], tokens: int) -> dict[str, int]:
    read = sum(len(str(message.get("content"))) for message in asked.get("messages", [])) // 4
    return {"prompt_tokens": read, "completion_tokens": tokens, "total_tokens": read + tokens}


def _models(names: Sequence[str]) -> dict[str, Any]:
    models = [
        {"id": name, "object": "model", "created": 1, "owned_by": "tests", "max_model_len": 8192}
        for name in names or known()
    ]
    return {"object": "list", "data": models}


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


def _head(writer: asyncio.StreamWriter, status: int, headers: dict[str, str]) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {status} so\r\n{lines}\r\n".encode())


def _chunk(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")


def _whole(
    writer: asyncio.StreamWriter, status: int, said: Any, more: dict[str, str] | None = None
) -> bool:
    content = said.encode() if isinstance(said, str) else json.dumps(said).encode()
    given = {"content-type": "application/json", "content-length": str(len(content))}
    _head(writer, status, {**given, **(more or {})})
    writer.write(content)
    return True


async def _run(port: int, token: str | None, models: Sequence[str]) -> None:
    serve = _Hospital(token, models).serve
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=512)
    number = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{number}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serves until it is ended; prints its address first."""
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--token", default=None)
    options.add_argument("--models", nargs="*", default=[])
    given = options.parse_args()
    with suppress(KeyboardInterrupt):
        try:
            import uvloop
        except ImportError:
            asyncio.run(_run(given.port, given.token, given.models))
        else:
            uvloop.run(_run(given.port, given.token, given.models))


def wait_until(true: Any, seconds: float = 10.0) -> None:
    """Waits until ``true()`` says yes; fails when it does not in time."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not become true in time"
        time.sleep(0.01)


if __name__ == "__main__":
    main()
