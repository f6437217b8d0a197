"""A real speech server in a process of its own, as OpenAI's interface asks for it.

``with speech_server() as server: server.address`` starts one. Its model ``pocketsphinx-en-us``
recognises English speech with the model that PocketSphinx ships; the others go wrong by name.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from llm.starting import started

REAL = "pocketsphinx-en-us"
ODD = "Thank  you\u200b for\nwatching"
WRONG: dict[str, tuple[int, str, bytes]] = {
    "hears-nothing": (200, "application/json", b'{"text": " "}'),
    "hears-odd": (200, "application/json", json.dumps({"text": ODD}).encode()),
    "hears-long": (200, "application/json", json.dumps({"text": "la " * 9000}).encode()),
    "fails": (500, "application/json", b'{"error": "cuda"}'),
    "busy": (429, "application/json", b'{"error": "later"}'),
    "html": (200, "text/html", b"<h1>welcome</h1>"),
    "no-text": (200, "application/json", b'{"words": []}'),
    "no-json": (200, "application/json", b'{"text": "half'),
    "refuses": (400, "application/json", b'{"error": "unknown format"}'),
    "sleeps": (200, "application/json", b'{"text": "too late"}'),
}
MODELS = (REAL, *WRONG)


@dataclass(frozen=True)
class SpeechServer:
    """A running one: ``address`` is what a client is given."""

    root: str

    @property
    def address(self) -> str:
        return f"{self.root}/v1"

    def seen(self) -> list[dict[str, Any]]:
        """Every transcription so far: its fields, the file's name, type and first bytes."""
        with urlopen(f"{self.root}/_seen", timeout=10) as answer:  # noqa: S310 - our own server
            return json.loads(answer.read())


@contextmanager
def speech_server() -> Iterator[SpeechServer]:
    """Runs one until the block ends."""
    with started([sys.executable, str(Path(__file__).resolve())]) as (address, _):
        yield SpeechServer(address)


def said_aloud(folder: Path, words: str) -> Path:
    """The words in a synthetic voice, as a WAV file; skips, saying so, where there is none."""
    if shutil.which("flite") is None:
        pytest.skip("there is no voice here: apt-get install flite")
    file = folder / "said.wav"
    command = ["flite", "-voice", "slt", "-t", words, "-o", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    return file


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[dict[str, Any]] = []  # noqa: RUF012 - one process, one server

    def do_GET(self) -> None:
        if self.path == "/_seen":
            self._give(200, "application/json", json.dumps(self.seen).encode())
            return
        listed = {"object": "list", "data": [{"id": one, "object": "model"} for one in MODELS]}
        self._give(200, "application/json", json.dumps(listed).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path != "/v1/audio/transcriptions":
            self._give(404, "application/json", b'{"error": "no chat here"}')
            return
        fields, name, media, sound = _form(self.headers["content-type"], body)
        begins = sound[:4].hex()
        self.seen.append(
            {**fields, "file": name, "media": media, "begins": begins, "size": len(sound)}
        )
        model = fields["model"]
        if model == "sleeps":
            time.sleep(3)
        if model in WRONG:
            self._give(*WRONG[model])
            return
        self._give(200, "application/json", json.dumps({"text": recognised(sound)}).encode())

    def _give(self, status: int, media: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", media)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


def _form(media: str, body: bytes) -> tuple[dict[str, str], str, str, bytes]:
    head = f"content-type: {media}\r\n\r\n".encode()
    fields, name, kind, sound = dict[str, str](), "", "", b""
    for part in BytesParser(policy=policy.HTTP).parsebytes(head + body).iter_parts():
        content = part.get_payload(decode=True)
        if part.get_filename():
            name, kind, sound = part.get_filename(), part.get_content_type(), content
        else:
            field = part.get_param("name", header="content-disposition")
            fields[str(field)] = content.decode()
    return fields, name, kind, sound


@lru_cache(maxsize=1)
def _decoder() -> Any:
    from pocketsphinx import Decoder

    return Decoder(samprate=16000, loglevel="FATAL")


_LOCK = threading.Lock()


def recognised(sound: bytes) -> str:
    """The words in a recording of any usual form."""
    import av

    mono = av.AudioResampler("s16", "mono", 16000)
    with av.open(BytesIO(sound)) as held:
        frames = [one for frame in held.decode(audio=0) for one in mono.resample(frame)]
    samples = b"".join(bytes(one.planes[0])[: one.samples * 2] for one in frames)
    with _LOCK:
        decoder = _decoder()
        decoder.start_utt()
        decoder.process_raw(samples, full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
    return found.hypstr if found else ""


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
