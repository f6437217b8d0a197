"""A small embedding and re-ranking server in a process of its own, which can be told to misbehave.

It understands three things in two languages. ``POST /mode`` says how it answers from then on.
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

THINGS = (("结石", "stone"), ("引流", "drain"), ("糖", "metformin"))
HANG = 20.0
state = {"mode": "good"}
asked: list[str] = []


def vector(text: str) -> list[float]:
    """How much a text speaks of each thing, and a little of nothing."""
    return [0.05, *(float(any(word in text.lower() for word in words)) for words in THINGS)]


def embeddings(texts: list[str]) -> Any:
    mode = state["mode"]
    rows: list[Any] = [{"index": at, "embedding": vector(one)} for at, one in enumerate(texts)]
    if mode == "fewer":
        rows = rows[1:]
    elif mode == "wider":
        rows = [{**one, "embedding": [*one["embedding"], 1.0]} for one in rows]
    elif mode == "uneven":
        rows[0]["embedding"] = [1.0]
    elif mode == "endless":
        rows[0]["index"] = float("inf")
    elif mode == "huge numbers":
        rows[0]["embedding"] = [3e38] * 4
    elif mode == "words":
        rows[0]["embedding"] = ["a", "b", "c", "d"]
    elif mode == "nothing":
        rows[0]["embedding"] = [0.0] * 4
    elif mode == "nan":
        rows[0]["embedding"] = [float("nan")] * 4
    elif mode == "twice":
        rows = [{**one, "index": 0} for one in rows]
    return {"data": rows[::-1]}


def rerank(question: str, texts: list[str]) -> Any:
    mode = state["mode"]
    rows = [
        {"index": at, "relevance_score": float("糖" in one or "Metformin" in one)}
        for at, one in enumerate(texts)
    ]
    if mode == "fewer":
        rows = rows[1:]
    elif mode == "twice":
        rows = [{**one, "index": 0} for one in rows]
    elif mode in ("endless", "huge numbers"):
        rows[0]["index"] = float("inf")
    elif mode in ("nan", "nothing"):
        rows[0]["relevance_score"] = float("nan")
    elif mode in ("wider", "uneven", "words"):
        return {"results": "none"}
    return {"results": rows[::-1]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        mode = state["mode"]
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/mode":
            state["mode"] = body["mode"]
            return self._say(200, {"asked": [asked.pop(0) for _ in list(asked)]})
        asked.append(f"{self.path} {body['model']} {self.headers.get('authorization')}")
        if mode == "hang":
            time.sleep(HANG)
        if mode == "broken":
            return self._say(500, {})
        if mode == "text":
            return self._write(200, b"<html>not for you</html>")
        if mode == "huge":
            return self._write(200, b" " * (40 * 1024 * 1024))
        if self.path.endswith("/embeddings"):
            return self._say(200, embeddings(body["input"]))
        return self._say(200, rerank(body["query"], body["documents"]))

    def _say(self, status: int, body: Any) -> None:
        self._write(status, json.dumps(body).encode())

    def _write(self, status: int, content: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Whoever was not waited for is not worth a line."""


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.close()
    server.serve_forever()
