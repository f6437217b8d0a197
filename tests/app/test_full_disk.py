"""A disk that is really full: nothing that was acknowledged is lost, and every refusal is clear."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from countersign.app.cli import DiskFull, _House

TESTS = Path(__file__).resolve().parents[1]
UNSHARE = ("unshare", "--mount", "--propagation", "private")
REFUSED = {"ledger.unavailable", "database.unavailable"}


def _mounts() -> bool:
    """Whether this machine lets us mount a small file system where nobody else sees it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", folder]
        done = subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
        return os.geteuid() == 0 and done.returncode == 0


def test_nothing_acknowledged_is_lost_when_the_disk_is_full() -> None:
    how = "tmpfs" if _mounts() else "limit"
    with tempfile.TemporaryDirectory(prefix="countersign-test-") as folder:
        Path(folder).chmod(0o755)
        program = [sys.executable, "-m", "app.full_disk", folder, how]
        done = subprocess.run(
            [*(UNSHARE if how == "tmpfs" else ()), *program],
            check=False, cwd=TESTS, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["wrong"] == [] and said["lost"] == [] and said["findings"] == []
    refused = said["refused"]
    assert {"event", "checkpoint", "signature", "import", "draft"} <= set(refused), said
    assert {refused[one] for one in ("event", "signature", "import", "draft")} <= REFUSED
    assert {refused[one] for one in ("tiles", "stream", "witness")} <= {"ENOSPC", "EFBIG"}
    assert said["acknowledged"] >= 300 and said["tiles"] == [] and said["cosigned"] == 200


def test_a_command_says_that_the_disk_is_full() -> None:
    @click.group(cls=_House)
    def group() -> None:
        pass

    @group.command()
    def write() -> None:
        with Path("/dev/full").open("wb", buffering=0) as file:
            file.write(b"x")

    done = CliRunner().invoke(group, ["write"])
    assert done.exit_code == 1 and DiskFull.code in done.output and "make room" in done.output


def test_other_errors_of_files_stay_what_they_are() -> None:
    @click.group(cls=_House)
    def group() -> None:
        pass

    @group.command()
    def read() -> None:
        Path("/nowhere/file").read_bytes()

    with pytest.raises(FileNotFoundError):
        CliRunner().invoke(group, ["read"], catch_exceptions=False)
