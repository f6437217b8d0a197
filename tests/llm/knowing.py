"""A real OpenAI-compatible server whose models know a given share of the answers, at a given pace.

``knows-90-200`` answers 90 of 100 known questions rightly and streams 200 tokens a second. Which
questions it knows is decided by the question alone, so that a model that knows more knows all that
one knows that knows less. ``mumbles-…`` answers in sentences without a letter.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.request import urlopen

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from llm.starting import started


@dataclass(frozen=True)
class KnowingServer:
    """A running one; ``address`` is what a plan names."""

    root: str
    process: subprocess.Popen[str] = field(repr=False)

    @property
    def address(self) -> str:
        return f"{self.root}/v1"

    def asked(self) -> dict[str, int]:
        """How many answers each model gave at once and whole (not streamed)."""
        with urlopen(f"{self.root}/_asked", timeout=10) as answer:  # noqa: S310 - our own server
            return json.loads(answer.read())

    def tokens(self) -> list[str]:
        """Every token that was shown so far, once each."""
        with urlopen(f"{self.root}/_tokens", timeout=10) as answer:  # noqa: S310 - our own server
            return json.loads(answer.read())


@contextmanager
def knowing_server(answers: dict[str, str], folder: Path) -> Iterator[KnowingServer]:
    """Runs one until the block ends; ``answers`` are the right ones by a part of the question."""
    file = folder / "answers.json"
    file.write_text(json.dumps(answers), encoding="utf-8")
    command = [sys.executable, str(Path(__file__).resolve()), "--answers", str(file)]
    with started(command) as (address, process):
        yield KnowingServer(address, process)


def knows(question: str, share: int) -> bool:
    """Whether a model that knows ``share`` of a hundred knows this question."""
    digest = hashlib.sha256(question.encode()).digest()
    return int.from_bytes(digest[:4], "big") % 1000 < share * 10


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    known: dict[str, str] = {}
    asked: dict[str, int] = {}
    tokens: dict[str, None] = {}
    lock = Lock()

    def do_GET(self) -> None:
        kept = {"/_asked": self.asked, "/_tokens": list(self.tokens)}
        self._whole(kept.get(self.path, {"data": []}))

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        asked: dict[str, Any] = json.loads(self.rfile.read(length))
        if token := self.headers.get("authorization"):
            self.tokens[token] = None
        kind, share, pace = str(asked["model"]).split("-")
        if asked.get("stream"):
            self._stream(asked, float(pace))
            return
        with self.lock:
            self.asked[asked["model"]] = self.asked.get(asked["model"], 0) + 1
        text = self._answer(asked["messages"][-1]["content"], int(share), kind)
        self._whole(
            {
                "choices": [{"message": {"role": "assistant", "content": text}}],
                "usage": {"prompt_tokens": 40, "completion_tokens": 4},
            }
        )

    def _answer(self, told: str, share: int, kind: str) -> str:
        for question, right in self.known.items():
            if question in told:
                if kind == "mumbles":
                    return "That depends on many things."
                return right if knows(question, share) else _wrong(right)
        return "I do not know."

    def _stream(self, asked: dict[str, Any], pace: float) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        count = int(asked.get("max_tokens") or 8)
        for _ in range(count):
            time.sleep(1 / pace)
            self._event({"choices": [{"index": 0, "delta": {"content": "咳嗽 "}}]})
        usage = {"prompt_tokens": 40, "completion_tokens": count, "total_tokens": 40 + count}
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]})
        self._event({"choices": [], "usage": usage})
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def _event(self, said: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(said).encode() + b"\n\n")
        self.wfile.flush()

    def _whole(self, said: object) -> None:
        content = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _wrong(right: str) -> str:
    if len(right) == 1 and right in "ABCD":
        return "ABCD"[("ABCD".index(right) + 1) % 4]
    return "无"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main() -> None:
    """Serves until it is ended; prints its address first."""
    options = argparse.ArgumentParser()
    options.add_argument("--answers", type=Path, required=True)
    _Answers.known = json.loads(options.parse_args().answers.read_text(encoding="utf-8"))
    server = _Server(("127.0.0.1", 0), _Answers)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
