"""Reads the tables that ship with the reading of findings."""

from __future__ import annotations

from importlib.resources import files

PACKAGE = "countersign.ground.reasoning.findings"


def rows(name: str) -> list[list[str]]:
    """The cells of each line of ``name.tsv`` below its heading."""
    text = files(PACKAGE).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:] if line]
