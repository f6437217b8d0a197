"""Reads the versioned prompt files of the medical sets."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent.parent / "prompts"


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt with its version and the SHA-256 (hexadecimal) of its file."""

    name: str
    version: str
    system: str
    user: str
    sha256: str

    def filled(self, values: Mapping[str, str]) -> str:
        """The user's message; what is put in is never read as a place itself."""
        return Template(self.user).substitute(values)


@cache
def prompt_file(name: str) -> PromptFile:
    """The prompt called ``name``, which is one that a set of ours names."""
    raw = (FOLDER / f"{name}.toml").read_bytes()
    said = tomllib.loads(raw.decode())
    return PromptFile(name, said["version"], said["system"], said["user"], sha256(raw).hexdigest())
