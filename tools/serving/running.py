"""Runs a real server of language models on the loopback and ends it by its id."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.serving import apart, llama_server
from tools.serving.tiny_model import GGUF, NAME, tiny_model

STARTING = 240.0
"""Seconds after which a server that does not answer is given up."""


class NotInstalled(Exception):
    """Which command brings the server."""


class DidNotStart(Exception):
    """The end of its log."""


@dataclass(frozen=True)
class Running:
    """A server that answers: its base address, the name of its model, its process."""

    url: str
    model: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1].partition("/")[0])


@contextmanager
def run_llama_server(folder: Path, *options: str, slots: int, size: str) -> Iterator[Running]:
    """llama.cpp's server; ``folder`` takes its log, ``slots`` streams go at once.

    One thread computes: two of them wait for each other by spinning, and on busy cores a token
    then takes seconds.
    """
    program = llama_server.built()
    if program is None:
        raise NotInstalled("make llama-server")
    fixed = ["--host", "127.0.0.1", "--alias", NAME, "--jinja", "--threads", "1"]
    # Its threads wait on idle connections too, so there must be more of them than callers.
    fixed += ["--threads-http", "160", "--model", str(tiny_model(size) / GGUF)]
    fixed += ["--parallel", str(slots), "--ctx-size", str(4096 * slots)]

    def command(port: int) -> list[str]:
        return [str(program), *fixed, "--port", str(port), *options]

    with started(command, folder / "llama-server.log", NAME) as running:
        yield running


@contextmanager
def run_transformers_server(folder: Path) -> Iterator[Running]:
    """The server that comes with transformers; its model's name is a folder."""
    program = apart.program("transformers")
    if program is None:
        raise NotInstalled("make transformers-server")
    model = str(tiny_model())

    def command(port: int) -> list[str]:
        fixed = [str(program), "serve", model, "--host", "127.0.0.1", "--port", str(port)]
        return [*fixed, "--device", "cpu"]

    with started(command, folder / "transformers.log", model, path="/health") as running:
        yield running


@contextmanager
def started(
    command: Callable[[int], list[str]], log: Path, model: str, *, path: str = "/v1/models"
) -> Iterator[Running]:
    """Starts a server on a free port, waits until ``path`` answers, and ends it after the block."""
    port = free_port()
    with log.open("wb") as written:
        process = subprocess.Popen(
            command(port),
            stdout=written,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}{path}", log)
        yield Running(f"http://127.0.0.1:{port}/v1", model, process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port of the loopback that nobody listens on at this moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + STARTING
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise DidNotStart(log.read_text(errors="replace")[-2000:])
