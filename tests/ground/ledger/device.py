"""A device that signs with SM2: Debian's openssl, in a process of its own, by our protocol."""

from __future__ import annotations

import subprocess
from pathlib import Path

from countersign.ground.ledger import SM2, CommandEngine, Verifier
from ground.ledger.known import ORIGIN

SCRIPT = Path(__file__).resolve().parents[3] / "tools" / "signer" / "openssl.sh"


def new_key(folder: Path, name: str = "sm2.pem") -> tuple[str, ...]:
    """The command of a device with a fresh key."""
    made = subprocess.run(
        ["openssl", "ecparam", "-name", "SM2", "-genkey", "-noout"], capture_output=True, check=True
    )
    (folder / name).write_bytes(made.stdout)
    return (str(SCRIPT), str(folder / name))


def engine_of(command: tuple[str, ...]) -> CommandEngine:
    """Patient, because a busy machine starts processes slowly."""
    return CommandEngine(command, budget=60)


def key_of(command: tuple[str, ...], origin: str = ORIGIN) -> Verifier:
    return Verifier(origin, engine_of(command).public, SM2)
