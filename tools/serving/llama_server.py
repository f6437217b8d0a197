"""Builds llama.cpp's server once for this machine: ``make llama-server``.

The source is the pinned source package of llama-cpp-python, which carries llama.cpp, taken with
pip from wherever pip is told to look. Nothing of the package's own is built.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.serving.places import kept

PACKAGE, VERSION = "llama-cpp-python", "0.3.36"
SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
NEEDED = {"cmake": "cmake", "ninja": "ninja-build", "g++": "g++"}
"""Programs, and the Debian packages that bring them."""

OPTIONS = {
    "CMAKE_BUILD_TYPE": "Release",
    # -O1 instead of -O3: half the time to build, and the models of tests are tiny.
    "CMAKE_CXX_FLAGS_RELEASE": "-O1 -DNDEBUG",
    "BUILD_SHARED_LIBS": "OFF",
    "GGML_NATIVE": "OFF",
    "GGML_OPENMP": "OFF",
    "GGML_CCACHE": "OFF",
    "LLAMA_ALL_WARNINGS": "OFF",
    "LLAMA_BUILD_APP": "OFF",
    "LLAMA_BUILD_EXAMPLES": "OFF",
    "LLAMA_BUILD_TESTS": "OFF",
    "LLAMA_BUILD_UI": "OFF",
    "LLAMA_CURL": "OFF",
    "LLAMA_OPENSSL": "OFF",
    "LLAMA_USE_PREBUILT_UI": "OFF",
}


class CannotBuild(Exception):
    """Why there is no server, in a sentence that says what to do."""


def place() -> Path:
    """Where the program is or will be."""
    return kept("llama-server", VERSION) / "llama-server"


def built() -> Path | None:
    """The program, None where it was not built or does not run here."""
    program = place()
    return program if program.exists() and _runs(program) else None


def build() -> Path:
    """The program, built now where it is not there yet. Raises CannotBuild."""
    folder = place().parent
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        if program := built():
            return program
        missing = [package for program, package in NEEDED.items() if not shutil.which(program)]
        if missing:
            raise CannotBuild(f"llama-server cannot be built: install {' '.join(missing)}.")
        with tempfile.TemporaryDirectory(prefix="countersign-llama-") as made:
            work = Path(made)
            _unpack(_download(work), work)
            _compile(work, folder / "build.log")
            shutil.move(work / "build" / "bin" / "llama-server", folder / "new")
        (folder / "new").rename(place())
    if program := built():
        return program
    raise CannotBuild(f"llama-server was built but does not run. See {folder}/build.log.")


def _runs(program: Path) -> bool:
    try:
        asked = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Who comes second waits, and finds what the first built."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _download(work: Path) -> Path:
    asked = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    asked += ["--no-deps", "--no-binary", PACKAGE, "--dest", str(work), f"{PACKAGE}=={VERSION}"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    found = list(work.glob("*.tar.gz"))
    if told.returncode or len(found) != 1:
        said = told.stderr.strip().splitlines()[-1:] or ["pip said nothing"]
        raise CannotBuild(f"The source {PACKAGE} {VERSION} could not be downloaded: {said[0]}")
    with found[0].open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        raise CannotBuild(f"The source {PACKAGE} {VERSION} is not the one that was pinned.")
    return found[0]


def _unpack(package: Path, work: Path) -> None:
    """Only llama.cpp's own folder, without anything that points outside."""
    with tarfile.open(package) as source:
        for member in source:
            _, _, inside = member.name.partition("/")
            if inside.startswith("vendor/llama.cpp/"):
                source.extract(member.replace(name=inside), work, filter="data")


def _compile(work: Path, log: Path) -> None:
    options = [f"-D{name}={value}" for name, value in OPTIONS.items()]
    steps = (
        ["cmake", "-S", "vendor/llama.cpp", "-B", "build", "-G", "Ninja", *options],
        ["ninja", "-C", "build", f"-j{len(os.sched_getaffinity(0))}", "llama-server"],
    )
    with log.open("wb") as written:
        for step in steps:
            done = subprocess.run(
                step, cwd=work, stdout=written, stderr=subprocess.STDOUT, check=False
            )
            if done.returncode:
                tail = log.read_text(errors="replace").splitlines()[-20:]
                raise CannotBuild("\n".join(["llama-server could not be built:", *tail, str(log)]))


def main() -> int:
    """Returns 0 with a server, else 1."""
    began = time.monotonic()
    if program := built():
        print(f"── llama-server {VERSION} is here: {program}")
        return 0
    os.nice(10)
    print("── building llama-server (about ten minutes, once for this machine)", flush=True)
    try:
        program = build()
    except CannotBuild as why:
        print(why, file=sys.stderr)
        return 1
    print(f"── built in {time.monotonic() - began:.0f} s: {program}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
