"""Installs Countersign from this one file on a machine without any network.

It needs Python 3.11 or newer with venv, and nothing else.
"""

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

SUMS = "SHA256SUMS"
COMMAND = """#!/bin/sh
# Data and keys lie beside the program unless COUNTERSIGN_HOME says otherwise.
export COUNTERSIGN_HOME="${{COUNTERSIGN_HOME:-{folder}/data}}"
exec "{folder}/current/bin/countersign" "$@"
"""


def main():
    parser = argparse.ArgumentParser(prog=Path(sys.argv[0]).name, description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="such as /opt/countersign")
    parser.add_argument("--check", action="store_true", help="only verify the checksums")
    parser.add_argument("--back", metavar="VERSION", help="use a version that was kept there")
    asked = parser.parse_args()
    with zipfile.ZipFile(sys.argv[0]) as bundle:
        version = bundle.read("VERSION").decode().strip()
        if asked.back:
            return back(needed(parser, asked), asked.back)
        damaged = verify(bundle)
        if damaged:
            said = ", ".join(damaged)
            return stop(f"This file is damaged and nothing was installed: {said}. Copy it again.")
        print(f"All checksums agree: Countersign {version}.")
        if asked.check:
            return 0
        return install(bundle, version, needed(parser, asked))


def needed(parser, asked):
    if asked.folder is None:
        parser.error("say where to install, such as /opt/countersign")
    return asked.folder.resolve()


def verify(bundle):
    """The names of members that are missing, strange or not as their checksum says."""
    wrong = set(bundle.namelist()) - {SUMS}
    for line in bundle.read(SUMS).decode().splitlines():
        digest, name = line.split("  ", 1)
        if (
            name in wrong
            and intact(bundle, name)
            and hashlib.sha256(bundle.read(name)).hexdigest() == digest
        ):
            wrong.discard(name)
        else:
            wrong.add(name)
    return sorted(wrong)


def intact(bundle, name):
    try:
        with bundle.open(name) as member:
            while member.read(1 << 20):
                pass
        return True
    except zipfile.BadZipFile:
        return False


def install(bundle, version, folder):
    """A release beside those that are there; ``current`` turns to it when it is complete."""
    python = suitable(bundle)
    if python is None:
        return 1
    release = folder / "releases" / version
    previous = release.with_name(version + ".previous")
    print(f"Installing into {release} …", flush=True)
    with tempfile.TemporaryDirectory(prefix="countersign-") as unpacked:
        bundle.extractall(unpacked)
        shutil.rmtree(previous, ignore_errors=True)
        release.parent.mkdir(parents=True, exist_ok=True)
        if release.exists():
            release.rename(previous)
        try:
            fill(python, release, Path(unpacked))
        except (OSError, subprocess.CalledProcessError) as problem:
            shutil.rmtree(release, ignore_errors=True)
            if previous.exists():
                previous.rename(release)
            return stop(f"Nothing was changed: {problem}")
        shutil.rmtree(previous, ignore_errors=True)
    use(folder, version)
    print(f"Installed. Start it with: {folder / 'countersign'} run")
    print(f"Its data lies in {folder / 'data'} unless COUNTERSIGN_HOME names another folder.")
    return 0


def fill(python, release, unpacked):
    subprocess.run([python, "-m", "venv", str(release)], check=True)
    inner = str(release / "bin" / "python")
    pip = [inner, "-m", "pip", "--disable-pip-version-check", "--isolated", "install", "--quiet"]
    pip += ["--no-index", "--no-cache-dir", "-f", str(unpacked / "wheels"), "--no-deps"]
    listed = ["--require-hashes", "--requirement", str(unpacked / "requirements.txt")]
    # As root, pip warns of what does not concern an environment of its own.
    subprocess.run(pip + listed, check=True, env=dict(os.environ, PIP_ROOT_USER_ACTION="ignore"))
    subprocess.run([str(release / "bin" / "countersign"), "--version"], check=True)


def suitable(bundle):
    """A Python for which there are wheels here: this one, or another of this machine."""
    known = bundle.read("PYTHONS").decode().split()
    if ".".join(map(str, sys.version_info[:2])) in known:
        return sys.executable
    for one in known:
        found = shutil.which("python" + one)
        if found:
            return found
    ours, theirs = platform.python_version(), " or ".join(known)
    stop(f"This bundle is for Python {theirs}; this is {ours}. Install one of them, with venv.")
    return None


def back(folder, version):
    if not (folder / "releases" / version).is_dir():
        return stop(f"{folder} holds no version {version}.")
    use(folder, version)
    print(f"Countersign {version} is in use from its next start.")
    return 0


def use(folder, version):
    """Turns ``current`` to a version in one step, and writes the command."""
    turning = folder / "current.turning"
    if turning.is_symlink():
        turning.unlink()
    turning.symlink_to(Path("releases") / version)
    turning.replace(folder / "current")
    command = folder / "countersign"
    command.write_text(COMMAND.format(folder=folder))
    command.chmod(0o755)


def stop(sentence):
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit(stop("Countersign needs Python 3.11 or newer, with venv."))
    sys.exit(main())
