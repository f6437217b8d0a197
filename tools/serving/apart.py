"""Installs programs that are too large for the checkout's environment into ones of their own.

``python -m tools.serving.apart NAME``. The CPU build of PyTorch goes in first, so that nothing
that follows brings one for a GPU.
"""

from __future__ import annotations

import argparse
import fcntl
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tools.serving.places import kept

ROOT = Path(__file__).resolve().parents[2]
TORCH = "torch==2.13.0"


@dataclass(frozen=True)
class Apart:
    """One environment: what is installed after PyTorch, and the program that must be there."""

    version: str
    requirement: str
    program: str
    constrained: bool
    """Whether it keeps to the checkout's own ``constraints.txt``; a peer has its own needs."""


KNOWN = {
    "transformers": Apart("5.24.0", "transformers[serving]==5.24.0", "transformers", True),
    "guidellm": Apart("0.8.1", "guidellm==0.8.1", "guidellm", False),
}


def program(name: str) -> Path | None:
    """The installed program, None where it is not installed."""
    folder = _folder(name)
    found = folder / "bin" / KNOWN[name].program
    return found if (folder / "complete").exists() and found.exists() else None


def _folder(name: str) -> Path:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return kept(name, f"{KNOWN[name].version}-python{python}")


def install(name: str) -> int:
    """Pip's status; 0 where it was there already."""
    folder = _folder(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if program(name):
            return 0
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install"]
        pip += ["--quiet"]
        if KNOWN[name].constrained:
            pip += ["--constraint", ROOT / "constraints.txt"]
        for requirement in (TORCH, KNOWN[name].requirement):
            status = subprocess.run([*pip, requirement], check=False).returncode
            if status:
                return status
        (folder / "complete").touch()
    return 0


def main(arguments: list[str]) -> int:
    """Returns 0 with the program installed."""
    parser = argparse.ArgumentParser(prog="python -m tools.serving.apart", description=__doc__)
    parser.add_argument("name", choices=sorted(KNOWN))
    name = parser.parse_args(arguments).name
    if found := program(name):
        print(f"── {name} {KNOWN[name].version} is here: {found}")
        return 0
    print(f"── installing {name} {KNOWN[name].version} (some minutes, once)", flush=True)
    began = time.monotonic()
    if status := install(name):
        print(f"{name} could not be installed; pip says why above.", file=sys.stderr)
        return status
    print(f"── installed in {time.monotonic() - began:.0f} s: {program(name)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
