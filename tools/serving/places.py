"""Where what takes minutes to build is kept, so that a second checkout needs nothing."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def cache() -> Path:
    """The folder of this user's cache that is ours, outside every checkout."""
    base = os.environ.get("XDG_CACHE_HOME")
    return Path(base) if base else Path.home() / ".cache"


def kept(what: str, version: str) -> Path:
    """The folder of one version of one thing, for this kind of machine."""
    return cache() / "countersign" / what / f"{version}-{platform.machine()}"
