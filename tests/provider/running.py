"""A real OpenID provider beside the tests: npm's oidc-provider, a process of its own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from countersign.ground.identity import ProviderSettings

HERE = Path(__file__).resolve().parent
LIBRARY = HERE.parents[1] / "web" / "node_modules" / "oidc-provider" / "lib" / "index.js"
SECRET = "a secret of the tests, long enough for them"
CLIENT = "countersign"


@dataclass(frozen=True)
class Running:
    """Where it answers and how we are registered with it."""

    issuer: str
    port: int

    @property
    def settings(self) -> ProviderSettings:
        return ProviderSettings(self.issuer, CLIENT, SECRET)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def provider(
    ours: str,
    *,
    port: int | None = None,
    kid: str = "first",
    alg: str = "RS256",
    ended: str = "",
    sid: bool = True,
) -> Generator[Running]:
    """The provider until the block ends; ``ours`` is the address of the house that it serves.

    At ``ended`` it tells of sign-outs, with the name of its session where ``sid`` says so.
    It bears another host name than the house, so that a browser takes it for another site.
    """
    node = shutil.which("node")
    assert node is not None, "the tests need Node, as the pages do"
    port = port or free_port()
    issuer = f"http://localhost:{port}"
    given = {
        "library": str(LIBRARY),
        "port": port,
        "issuer": issuer,
        "redirect": f"{ours}/sign-in/callback",
        "home": f"{ours}/sign-in",
        "kid": kid,
        "alg": alg,
        "client": CLIENT,
        "ended": ended,
        "sid": sid,
    }
    command = [node, str(HERE / "provider.mjs"), json.dumps(given)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline(), "the provider did not start"
        yield Running(issuer, port)
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
