"""Tries a bundle as a hospital would: install, start, open the first page, sign in.

``python -m tools.offline -- python -m tools.bundle.trial BUNDLE FOLDER`` does so where there
is no network; the last line is a JSON object with what it took.
"""

from __future__ import annotations

import http.cookiejar
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

PATIENCE = 170.0
PASSWORD = "a password of the trial"  # noqa: S105


def main() -> int:
    """Raises when something does not work, and says so on the way."""
    bundle, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    began = time.monotonic()
    _run([sys.executable, str(bundle), str(folder)], folder)
    installed = time.monotonic()
    command, port = str(folder / "countersign"), _free_port()
    ask = ["add", "person", "trial", "--name", "Trial", "--role", "administrator"]
    _run([command, *ask, "--password", PASSWORD], folder)
    starting = time.monotonic()
    running = subprocess.Popen([command, "run"], cwd=folder, env=_environment(port))
    try:
        page = _first_page(port, running)
        ready = time.monotonic()
        title = _sign_in(port, page)
    finally:
        running.send_signal(signal.SIGINT)
        ended = running.wait(PATIENCE)
    took = {"install_s": round(installed - began, 1), "start_s": round(ready - starting, 1)}
    size = round(bundle.stat().st_size / 1024**2, 1)
    print(json.dumps({"size_mib": size, **took, "signed_in": title, "ended": ended}))
    return ended


def _environment(port: int = 8000) -> dict[str, str]:
    """Nothing of this checkout, and no demonstration to invent."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "COUNTERSIGN_DEMONSTRATION": "no", "COUNTERSIGN_PORT": str(port)}


def _run(command: list[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(command, check=True, cwd=folder, env=_environment())


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


_BROWSER = urllib.request.build_opener(
    urllib.request.ProxyHandler({}),
    urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
)
_BROWSER.addheaders = [("Accept", "text/html"), ("Accept-Language", "en")]


def _open(url: str, data: dict[str, str] | None = None) -> tuple[str, str]:
    """The address where it led, and the page."""
    sent = urllib.parse.urlencode(data).encode() if data else None
    with _BROWSER.open(url, sent, timeout=30) as answer:
        return answer.geturl(), answer.read().decode()


def _first_page(port: int, running: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and running.poll() is None:
        try:
            return _open(f"http://127.0.0.1:{port}/sign-in")[1]
        except OSError:
            time.sleep(0.2)
    raise SystemExit("no page came")


def _sign_in(port: int, page: str) -> str:
    token = page.partition('data-csrf="')[2].partition('"')[0]
    given = {"csrf": token, "username": "trial", "password": PASSWORD}
    where, inside = _open(f"http://127.0.0.1:{port}/sign-in", given)
    if "/sign-in" in where:
        raise SystemExit(f"nobody was signed in: {where}")
    return inside.partition("<title>")[2].partition("</title>")[0].strip()


if __name__ == "__main__":
    sys.exit(main())
