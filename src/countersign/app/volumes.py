"""Whether a folder lies on an encrypted volume, as far as Linux tells."""

from __future__ import annotations

import os
from pathlib import Path

SYSTEM = Path("/sys/dev/block")
MOUNTS = Path("/proc/self/mountinfo")


def encrypted(folder: Path, system: Path = SYSTEM, mounts: Path = MOUNTS) -> bool | None:
    """True below dm-crypt (LUKS), False on a block device without it, None where it cannot be
    told: a share of the network, ZFS, a container's layers, a disk that encrypts by itself."""
    try:
        number = folder.stat().st_dev
    except OSError:
        return None
    device = system / f"{os.major(number)}:{os.minor(number)}"
    if not device.exists():
        source = _source(f"{os.major(number)}:{os.minor(number)}", mounts)
        if source is None:
            return None
        device = system / source
    return _below(device) if device.exists() else None


def _below(device: Path, depth: int = 8) -> bool:
    """A mapped device counts when it, or everything that it lies on, is encrypted."""
    try:
        if (device / "dm" / "uuid").read_text().startswith("CRYPT-"):
            return True
    except OSError:
        pass
    try:
        beneath = sorted((device / "slaves").iterdir())
    except OSError:
        return False
    return bool(beneath) and depth > 0 and all(_below(one, depth - 1) for one in beneath)


def _source(number: str, mounts: Path) -> str | None:
    """The device of a file system that has a number of its own, such as btrfs."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    for line in lines:
        before, _, after = line.partition(" - ")
        if before.split()[2:3] != [number] or len(words := after.split()) < 2:
            continue
        try:
            found = Path(words[1]).stat().st_rdev
        except OSError:
            return None
        return f"{os.major(found)}:{os.minor(found)}" if found else None
    return None
