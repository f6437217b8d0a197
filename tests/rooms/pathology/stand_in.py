"""Stands in for the process that trains: learns how many pictures there are."""

import json
import sys
from pathlib import Path

what, kind, first, second, *more = sys.argv[1:]
if what == "train":
    folders = [Path(first), *map(Path, more[2:])]
    count = sum(len(list((one / "images").iterdir())) for one in folders)
    if count == 4:
        raise ValueError("four is a bad number")
    if count == 5:
        raise ModuleNotFoundError("No module named 'torch'")
    sys.stdout.write(f"{count} pictures\n")
    Path(second).write_text(str(count))
    sys.stdout.write("null\n")
else:
    frozen = sorted(one.stem for one in (Path(second) / "images").iterdir())
    model = 0 if first == "-" else int(Path(first).read_text())
    sys.stdout.write(json.dumps({"model": model, "frozen": len(frozen)}) + "\n")
