"""Recognises the text of pictured pages with the engine of the machine, if one is installed."""

from __future__ import annotations

import io
import shutil
import subprocess
from typing import Any, Protocol

LANGUAGES = "chi_sim+eng"
PATIENCE = 120.0
"""Seconds for one page."""


class Engine(Protocol):
    """A text recognition; ``name`` is told to the curator."""

    name: str

    def recognise(self, picture: Any) -> list[str]:
        """The paragraphs of a page, from a grey Pillow image; none when there is no text."""
        ...


class Tesseract:
    """The program of Debian's ``tesseract-ocr`` with ``chi_sim`` and ``eng``."""

    name = "tesseract"

    def __init__(self, program: str) -> None:
        self._program = program

    def recognise(self, picture: Any) -> list[str]:
        written = io.BytesIO()
        picture.save(written, "PNG", dpi=(200, 200))
        try:
            done = subprocess.run(  # noqa: S603 - no shell; the picture goes in by a pipe
                [self._program, "-", "-", "-l", LANGUAGES, "--psm", "3"],
                input=written.getvalue(),
                capture_output=True,
                timeout=PATIENCE,
                check=False,
                env={"OMP_THREAD_LIMIT": "1"},
            )
        except subprocess.TimeoutExpired:
            return []
        if done.returncode != 0:
            return []
        text = done.stdout.decode("utf-8", "replace").replace("\f", "\n")
        return [part.strip() for part in text.split("\n\n") if part.strip()]


def engine() -> Engine | None:
    """The engine that is here, if any; see decision 0033 for what it was measured to do."""
    program = shutil.which("tesseract")
    return Tesseract(program) if program and _speaks(program) else None


def _speaks(program: str) -> bool:
    """Whether both languages are installed."""
    try:
        done = subprocess.run(  # noqa: S603
            [program, "--list-langs"], capture_output=True, timeout=20, check=False, env={}
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return set(LANGUAGES.split("+")) <= set(done.stdout.decode("utf-8", "replace").split())
