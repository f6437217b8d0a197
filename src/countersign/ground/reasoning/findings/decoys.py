"""What holds the name of a finding and is none: remedies, germs, tests, turns of phrase."""

from __future__ import annotations

from .shelf import rows
from .vocabulary import expanded


def decoys() -> list[str]:
    """The phrases; one that is longer than a finding in it hides that finding."""
    found = [phrase.strip() for (row,) in rows("decoys") for phrase in expanded(row)]
    return list(dict.fromkeys(phrase for phrase in found if phrase))
