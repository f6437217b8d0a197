"""Finds the built scripts and styles; without a build the pages still work."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from countersign.kit.json import decode

STATIC = Path(__file__).parent / "static"
DIST = STATIC / "dist"
MAIN = "src/main.ts"
PLAIN = "/static/css/shell.css"


@dataclass(frozen=True, slots=True)
class Linked:
    """What a page links: style sheets and module scripts, as paths on this server."""

    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assets:
    """The entries of a build by their source; empty where nothing was built."""

    entries: dict[str, Linked] = field(default_factory=dict[str, Linked])

    @property
    def main(self) -> Linked:
        """What every page links."""
        return self.entries.get(MAIN, Linked(styles=(PLAIN,)))

    def island(self, name: str) -> Linked:
        """What a page with an island of its own links besides; nothing without a build."""
        return self.entries.get(f"src/islands/{name}.ts", Linked())


def built(dist: Path = DIST) -> Assets:
    """Reads the manifest that Vite left beside its output."""
    manifest = dist / "manifest.json"
    if not manifest.is_file():
        return Assets()
    chunks: dict[str, Any] = decode(manifest.read_bytes())
    return Assets(
        {
            source: Linked(_paths(_styles(chunks, source)), _paths([chunk["file"]]))
            for source, chunk in chunks.items()
            if chunk.get("isEntry")
        }
    )


def _styles(chunks: dict[str, Any], source: str) -> list[str]:
    found: dict[str, None] = {}
    waiting, seen = [source], {source}
    while waiting:
        chunk = chunks[waiting.pop()]
        found |= dict.fromkeys(chunk.get("css", ()))
        news = [name for name in chunk.get("imports", ()) if name not in seen]
        seen.update(news)
        waiting += news
    return list(found)


def _paths(files: list[str]) -> tuple[str, ...]:
    return tuple(f"/static/dist/{file}" for file in files)
