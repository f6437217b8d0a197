"""Reads one variable of the environment after the other and says which one is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from countersign.kit.errors import CountersignError


class BadSetting(CountersignError):
    code = "settings.bad"
    status = 500
    message = "The setting {name} is not usable: {problem}. Correct it and start again."


_Choice = TypeVar("_Choice")


class Given:
    """Reads one variable after the other and says which one is wrong."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str) -> str:
        return self._environment.get(f"COUNTERSIGN_{name}", default).strip()

    def file(self, name: str) -> Path | None:
        text = self.text(name, "")
        if text and not Path(text).is_file():
            raise BadSetting(name=f"COUNTERSIGN_{name}", problem="name a file that is there")
        return Path(text).resolve() if text else None

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if not text.isdecimal() or not low <= int(text) <= high:
            problem = f"write a whole number from {low} to {high}"
            raise BadSetting(name=f"COUNTERSIGN_{name}", problem=problem)
        return int(text)

    def choice(self, name: str, default: str, known: Mapping[str, _Choice]) -> _Choice:
        text = self.text(name, default).lower()
        if text not in known:
            problem = f"write {' or '.join(known)}"
            raise BadSetting(name=f"COUNTERSIGN_{name}", problem=problem)
        return known[text]

    def yes(self, name: str, default: bool) -> bool:
        text = self.text(name, "yes" if default else "no").lower()
        if text not in ("yes", "no"):
            raise BadSetting(name=f"COUNTERSIGN_{name}", problem="write yes or no")
        return text == "yes"
