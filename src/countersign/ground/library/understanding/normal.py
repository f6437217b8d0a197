"""Makes text the same whatever it came from: once, so that every offset holds for ever."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_BETWEEN = re.compile(rf"(?<=[{_WIDE}\u3000-\u303f“”‘’]) (?=[{_WIDE}\u3000-\u303f“”‘’])")
_FOLDED = re.compile("[\u2f00-\u2fdf\uf900-\ufaff\ufb00-\ufb06]")
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}
_KEPT = "\n\t\r\u200d"


def line(text: str) -> str:
    """One block's text: composed characters, single spaces, nothing invisible.

    Composition is NFC, so that digits, units and full-width marks stay as they were written;
    only the radicals, compatibility ideographs and ligatures that some PDF writers put in
    place of letters become those letters. Spaces between Chinese characters, which come from
    line breaks, go.
    """
    clean = "".join(
        character
        for character in unicodedata.normalize("NFC", text.replace("\x02", ""))
        if character in _KEPT or unicodedata.category(character) not in _DROPPED
    ).replace("\u200d", "")
    clean = _FOLDED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), clean)
    return _BETWEEN.sub("", _SPACES.sub(" ", clean)).strip()


def row(cells: list[str]) -> str:
    """The cells of a table's row, parted by tabs; empty when every cell is."""
    known = [line(cell) for cell in cells]
    while known and not known[-1]:
        known.pop()
    return "\t".join(known) if any(known) else ""


def language(text: str) -> str:
    """``zh`` where a fifth of the letters or more are Chinese, else ``en``."""
    letters = chinese = 0
    for character in text:
        if character.isalpha():
            letters += 1
            chinese += "\u3400" <= character <= "\u9fff"
    return "zh" if chinese and chinese * 5 >= letters else "en"


def joined(before: str, after: str) -> str:
    """Two lines of one paragraph as one; a hyphen that the writer put in for the break goes."""
    if not before or not after:
        return before + after
    if before.endswith("\x02"):
        return before[:-1] + after
    wide = "\u2e80" <= before[-1] <= "\uffef" and "\u2e80" <= after[0] <= "\uffef"
    return before + after if wide else f"{before} {after}"
