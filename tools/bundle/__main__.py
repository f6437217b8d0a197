"""``python -m tools.bundle``: gathers what is pinned, with checksums, into one file."""

from __future__ import annotations

import argparse
import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The same inputs give the same bytes: no time of day in the file."""

GLIBC = ("2_28", "2_27", "2_24", "2_17", "2_12", "2_5")
"""From the oldest system that is still of use: RHEL 8, Debian 10, openEuler 20.03, Kylin V10."""

NAMED = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl")


def main() -> int:
    """Writes ``dist/countersign-VERSION-linux_ARCH.run`` and says its size."""
    parser = argparse.ArgumentParser(prog="python -m tools.bundle", description=__doc__)
    here = ".".join(map(str, sys.version_info[:2]))
    parser.add_argument("--python", action="append", help=f"may be repeated; {here} if absent")
    parser.add_argument("--arch", default=platform.machine(), help="x86_64 or aarch64")
    parser.add_argument("--into", type=Path, default=ROOT / "dist")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="countersign-bundle-") as folder:
        wheels = Path(folder) / "wheels"
        own = _own_wheel(wheels)
        for python in asked.python or [here]:
            _gather(wheels, own, python, asked.arch)
        made = _write(asked.into, wheels, own, asked.python or [here], asked.arch)
    print(f"{made.relative_to(ROOT) if made.is_relative_to(ROOT) else made}: ", end="")
    print(f"{made.stat().st_size / 1024**2:.0f} MiB, SHA-256 {_digest(made.read_bytes())}")
    return 0


def sources() -> str:
    """One SHA-256 over everything that a bundle is made from, but the pinned wheels."""
    total = hashlib.sha256()
    folders = [ROOT / "src" / "countersign", HERE]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    for file in sorted([*files, ROOT / "pyproject.toml", ROOT / "constraints.txt"]):
        if "__pycache__" not in file.parts:
            total.update(f"{file.relative_to(ROOT)} {_digest(file.read_bytes())}\n".encode())
    return total.hexdigest()


def _own_wheel(wheels: Path) -> Path:
    if not (ROOT / "src/countersign/ground/shell/static/dist/manifest.json").is_file():
        raise SystemExit("The pages are not built. Run “make bundle”, which builds them first.")
    with tempfile.TemporaryDirectory(prefix="countersign-source-") as folder:
        # A copy: building in the checkout would take along what an older build left there.
        copy = Path(folder)
        forget = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / "src", copy / "src", ignore=forget)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, copy / name)
        _pip("wheel", "--no-deps", "--wheel-dir", str(wheels), folder)
    return next(wheels.glob("countersign-*.whl"))


def _gather(wheels: Path, own: Path, python: str, arch: str) -> None:
    """Everything that our wheel needs below it, as wheels alone, at the pinned versions."""
    tags = [f"manylinux_{one}_{arch}" for one in GLIBC] + [f"manylinux2014_{arch}"]
    tags += [f"manylinux2010_{arch}", f"manylinux1_{arch}"] if arch == "x86_64" else []
    where = [part for tag in tags for part in ("--platform", tag)]
    _pip(
        "download", "--only-binary", ":all:", "--implementation", "cp", "--python-version", python,
        *where, "--constraint", str(ROOT / "constraints.txt"), "--dest", str(wheels), str(own),
    )  # fmt: skip


def _pip(command: str, *arguments: str) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", command, "--quiet"]
    subprocess.run([*pip, *arguments], check=True)  # noqa: S603


def _write(into: Path, wheels: Path, own: Path, pythons: list[str], arch: str) -> Path:
    version = own.name.split("-")[1]
    members = {f"wheels/{file.name}": file.read_bytes() for file in sorted(wheels.iterdir())}
    members["__main__.py"] = (HERE / "installer.py").read_bytes()
    members["LICENSE"] = (ROOT / "LICENSE").read_bytes()
    members["VERSION"] = f"{version}\n".encode()
    members["PYTHONS"] = "\n".join(pythons).encode()
    members["SOURCES"] = sources().encode()
    members["requirements.txt"] = _requirements(wheels).encode()
    members["SHA256SUMS"] = "".join(
        f"{_digest(content)}  {name}\n" for name, content in sorted(members.items())
    ).encode()
    into.mkdir(exist_ok=True)
    made = into / f"countersign-{version}-linux_{arch}.run"
    aside = made.with_suffix(".making")
    with aside.open("wb") as file:
        file.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(file, "a") as bundle:
            for name, content in members.items():
                bundle.writestr(zipfile.ZipInfo(name, EPOCH), content)
    aside.chmod(0o755)
    aside.replace(made)
    made.with_suffix(".run.sha256").write_text(f"{_digest(made.read_bytes())}  {made.name}\n")
    return made


def _requirements(wheels: Path) -> str:
    """Each package at its version with the checksums of all its wheels, as pip demands them."""
    hashes: dict[str, list[str]] = {}
    for file in sorted(wheels.iterdir()):
        found = NAMED.fullmatch(file.name)
        if found is None:
            raise SystemExit(f"{file.name} is no wheel")
        line = f"{found['name']}=={found['version']}"
        hashes.setdefault(line, []).append(f"--hash=sha256:{_digest(file.read_bytes())}")
    return "".join(f"{line} {' '.join(given)}\n" for line, given in sorted(hashes.items()))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
