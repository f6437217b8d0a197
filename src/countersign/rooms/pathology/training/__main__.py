"""The process that trains: ``python -m countersign.rooms.pathology.training KIND …``.

Reads folders and writes a file; knows no database, no key and nobody's name.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .learners import LEARNERS, Wanted


def main(arguments: list[str]) -> None:
    """``train KIND SOURCE OUT STEPS|- LOOKS|- [ALSO …]`` or ``judge KIND MODEL|- FOLDER``; the last
    line is JSON."""
    what, kind, first, second, *more = arguments
    learner = LEARNERS[kind]
    if what == "train":
        steps, looks, *also = more
        wanted = Wanted(*(None if one == "-" else int(one) for one in (steps, looks)))
        learner.train(Path(first), Path(second), _say, wanted, [Path(one) for one in also])
        figures = None
    else:
        figures = learner.judge(None if first == "-" else Path(first), Path(second))
    sys.stdout.write(json.dumps(figures) + "\n")


def _say(said: str) -> None:
    sys.stdout.write(f"{said}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
