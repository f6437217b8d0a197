"""Recognises the writing on a picture of a label, with the machine's own program if it has one."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

LANGUAGES: Final = ("eng", "chi_sim")
PATIENCE: Final = 30.0
"""Seconds for one way round of a label."""

LONGEST: Final = 1600
"""Pixels of the longer side that is recognised: some 300 to the inch of a label."""

SURE: Final = 60.0
"""Per cent of certainty from which a word counts."""

ENOUGH: Final = 4
"""So many certain words mean that the label lies the right way round."""

_LIMITS: Final = ("--as=1073741824", "--cpu=30", "--core=0", "--fsize=0")
_TURNS: Final = (None, cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE)


def words_on(label: NDArray[np.uint8]) -> str:
    """The certain words, line by line, whichever way round the label lies; empty where none are.

    Also empty where Debian's ``tesseract-ocr`` is not installed: a person then reads the label.
    """
    program = shutil.which("tesseract")
    if program is None:
        return ""
    grey = _prepared(label)
    best: list[str] = []
    most = 0
    for turn in _TURNS:
        lines = _lines(program, grey if turn is None else cv2.rotate(grey, turn))
        count = sum(len(line.split()) for line in lines)
        if count > most:
            best, most = lines, count
        if most >= ENOUGH:
            break
    return "\n".join(best)


def _prepared(label: NDArray[np.uint8]) -> Any:
    grey = cv2.cvtColor(np.ascontiguousarray(label), cv2.COLOR_RGB2GRAY)
    scale = LONGEST / max(grey.shape)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way)


def _lines(program: str, grey: Any) -> list[str]:
    picture = cv2.imencode(".png", grey)[1].tobytes()
    limiting = shutil.which("prlimit")
    before = (limiting, *_LIMITS) if limiting else ()
    command = [*before, program, "-", "-", "-l", "+".join(LANGUAGES), "--psm", "11", "tsv"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the picture goes in by a pipe
            command,
            input=picture,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={"OMP_THREAD_LIMIT": "1"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    if done.returncode:
        return []
    return _certain(done.stdout.decode("utf-8", "replace"))


def _certain(table: str) -> list[str]:
    """Lines of words that are certain enough and have a letter or a digit."""
    found: dict[tuple[str, ...], list[str]] = {}
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = (row.get("text") or "").strip()
        try:
            sure = float(row.get("conf") or -1) >= SURE
        except ValueError:
            sure = False
        if sure and any(sign.isalnum() for sign in text):
            place = tuple(str(row.get(name)) for name in ("block_num", "par_num", "line_num"))
            found.setdefault(place, []).append(text)
    return [" ".join(words) for words in found.values()]
