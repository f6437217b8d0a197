"""Runs a script where PyTorch is, apart from the tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tools.training_environment import ROOT, beside, install


def ran_apart(script: str, *given: object) -> list[str]:
    """The lines that it printed. Skips where PyTorch cannot be installed."""
    if install() is None:
        pytest.skip("the train extra could not be installed apart (no registry to be reached)")
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, given)],
        cwd=ROOT,
        env=beside(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()
