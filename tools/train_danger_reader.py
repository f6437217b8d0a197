"""Trains the reader that suspects a danger where no rule speaks, from stories and a portal.

``python -m tools.train_danger_reader`` writes the file that ships; the fourth and fifth stories
stay unseen.
"""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.red_flags import PROTOCOL, portal, read, train

SETS = (
    "red_flag_stories.tsv",
    "red_flag_stories_second.tsv",
    "red_flag_stories_third.tsv",
    "red_flag_phrases.tsv",
)
OUT = PROTOCOL / "suspicion.npz"


def main() -> None:
    """One column: the danger against the calm."""
    stories = [story for name in SETS for story in read(name)]
    trained = train(stories, portal(None)["train"])
    np.savez_compressed(OUT, weight=trained.weight, bias=np.float32(trained.bias))
    sys.stdout.write(f"{OUT}: {OUT.stat().st_size} bytes from {len(stories)} stories\n")


if __name__ == "__main__":
    main()
