"""The words with which people fill speech in English, once for all that takes them out.

Each is a part of a regular expression, alternatives joined by bars, to be matched at borders of
words and without regard to case.
"""

from __future__ import annotations

from typing import Final

HESITATIONS: Final = r"uh+|um+"
"""Sounds after which somebody begins again."""

FILLERS: Final = rf"{HESITATIONS}|hmm+|mm-hmm|you know|i mean|i guess"
"""What says nothing wherever it stands."""

VAGUE: Final = "kind of like"
"""What a doctor's statement says nothing by."""

ANSWERING: Final = "well|yeah|yes|yep|no|okay|ok|oh|so|like|actually|doctor|sure|right"
"""With what patients begin to answer."""

OPENING: Final = (
    "okay|ok|so|and|but|all right|alright|yeah|now|then|well|right|sure|great|good|also|"
    "again|like|in summary|at this point|first of all|i would say|it looks like|i think that|"
    "what i'd like to do is|what we're going to do is|the next thing is"
)
"""With what doctors begin to state."""

STRENGTHENING: Final = ("go ahead and", "just", "really", "actually", "basically")
"""What a doctor's statement is as true without, followed by a space."""

ASSENT: Final = "yeah|okay|ok|mm-hmm"
"""A statement that still holds one was none."""
