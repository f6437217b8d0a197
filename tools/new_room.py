"""Makes a room that already passes ``make check``: ``python -m tools.new_room NAME``."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path
from string import Template

HERE = Path(__file__).parent / "room"
ROOT = Path(__file__).resolve().parents[1]
ROOMS = Path("src/countersign/rooms")
HOUSE = Path("src/countersign/app/rooms.py")
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
TAKEN = {"shell", "components", "static", "common", "helpers", "manager", "utils"}
MARKED = re.compile(
    r"# rooms: begin\n(?P<imports>(?:from .+\n)*)(?P<between>\n*ROOMS\b.+\(\n)"
    r"(?P<entries>(?:    \w+,\n)*)\)\n# rooms: end"
)
_IMPORT = "from countersign.rooms.{0}.room import manifest as {0}"


class Unmakable(Exception):
    """Why there is no new room, in a sentence that says what to do."""


def make(root: Path, name: str, chinese: str = "") -> list[Path]:
    """Writes the room and its tests below ``root``; returns the files, relative to it."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name) or name in TAKEN:
        raise Unmakable(
            f"A room cannot be called “{name}”. Take one short clinical noun in lower case,"
            " as in NAME=anticoagulation."
        )
    if (root / ROOMS / name).exists():
        raise Unmakable(f"There is a room called {name} already. Take another name.")
    title = name.replace("_", " ")
    words = {
        "name": name,
        "title": title.capitalize(),
        "title_zh": chinese or f"{title}诊室",
        "class_name": title.title().replace(" ", ""),
    }
    written: list[Path] = []
    for source in sorted(HERE.rglob("*.txt")):
        target = Path(str(source.relative_to(HERE)).removesuffix(".txt").replace("NAME", name))
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        text = Template(source.read_text(encoding="utf-8")).substitute(words)
        (root / target).write_text(text, encoding="utf-8")
        written.append(target)
    return written


def open_door(root: Path, name: str) -> bool:
    """Names the room between the marks of the house; False where they are missing."""
    house = root / HOUSE
    text = house.read_text(encoding="utf-8") if house.is_file() else ""
    marked = MARKED.search(text)
    if marked is None:
        return False
    imports = [*marked["imports"].splitlines(), _IMPORT.format(name)]
    entries = marked["entries"] + f"    {name},\n"
    opened = "\n".join(sorted(imports)) + "\n" + marked["between"] + entries
    house.write_text(
        text[: marked.start("imports")] + opened + text[marked.end("entries") :], encoding="utf-8"
    )
    return True


def main(arguments: list[str]) -> int:
    """Returns 0, or 2 where no room was made."""
    name, chinese = ([argument.strip() for argument in arguments] + ["", ""])[:2]
    if not name:
        print("Say what the room is called: make new-room NAME=anticoagulation", file=sys.stderr)
        return 2
    try:
        written = make(ROOT, name, chinese)
    except Unmakable as why:
        print(why, file=sys.stderr)
        return 2
    print("\n".join(str(path) for path in written))
    if open_door(ROOT, name):
        print(f"{HOUSE} names it. Begin with its README.md and its domain.")
    else:
        print(f"Name it in {HOUSE}: {_IMPORT.format(name)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
