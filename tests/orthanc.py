"""Orthanc, an archive nobody here wrote, on the loopback with a configuration of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

PROGRAM = "/usr/sbin/Orthanc"
PLUGIN = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"
TITLE = "ORTHANC"


@dataclass(frozen=True)
class Orthanc:
    """``base`` is where its REST listens, ``port`` where it takes C-STORE as ``TITLE``."""

    base: str
    port: int

    def get(self, path: str) -> Any:
        return self._said(httpx.get(f"{self.base}{path}", timeout=30))

    def post(self, path: str, body: Any) -> Any:
        given = {"content": body} if isinstance(body, bytes) else {"json": body}
        return self._said(httpx.post(f"{self.base}{path}", timeout=60, **given))

    def put(self, path: str, body: Any) -> None:
        self._said(httpx.put(f"{self.base}{path}", json=body, timeout=30))

    def delete(self, path: str) -> None:
        self._said(httpx.delete(f"{self.base}{path}", timeout=30))

    def file(self, instance: str) -> bytes:
        """An instance as Orthanc hands it out."""
        answer = httpx.get(f"{self.base}/instances/{instance}/file", timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.content

    def found(self, instance: str) -> str:
        """Orthanc's own name of the instance with that SOP instance UID."""
        (name,) = self.post("/tools/lookup", instance.encode())
        return name["ID"]

    @staticmethod
    def _said(answer: httpx.Response) -> Any:
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.text else None


@contextmanager
def orthanc(folder: Path, title: str = TITLE) -> Iterator[Orthanc]:
    """An empty Orthanc until the block ends; ``title`` is how it calls itself when it sends."""
    ports = free(), free()
    settings = {
        "Name": "Test",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "HttpPort": ports[0],
        "DicomPort": ports[1],
        "DicomAet": title,
        "DicomAlwaysAllowStore": True,
        "DicomCheckCalledAet": False,
        "Plugins": [PLUGIN],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "EnableWado": False},
    }
    (folder / "storage").mkdir(parents=True)
    path = folder / "orthanc.json"
    path.write_text(json.dumps(settings))
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, str(path)], stdout=log, stderr=log)
        try:
            yield _ready(Orthanc(f"http://127.0.0.1:{ports[0]}", ports[1]), process, log.name)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free() -> int:
    """A port of the loopback on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _ready(peer: Orthanc, process: subprocess.Popen[bytes], log: str) -> Orthanc:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(f"{peer.base}/system", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return peer
    raise AssertionError(Path(log).read_text()[-3000:])
