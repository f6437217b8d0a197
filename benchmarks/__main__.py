"""Runs one measurement by its name: ``python -m benchmarks NAME [--data FOLDER]``."""

from __future__ import annotations

import argparse
import ast
import pkgutil
import sys
from pathlib import Path

from benchmarks.measured import Measured, Unmeasurable, report

HERE = Path(__file__).parent


def known() -> dict[str, str]:
    """Each measurement's name and the sentence its module opens with.

    A measurement is a module of this folder with ``measure(data: Path | None) -> Measured``.
    """
    return {
        file.stem: (ast.get_docstring(tree) or "").partition("\n")[0]
        for file in sorted(HERE.glob("[a-z]*.py"))
        if _measures(tree := ast.parse(file.read_text(encoding="utf-8")))
    }


def _measures(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.FunctionDef) and node.name == "measure" for node in tree.body)


def main(arguments: list[str]) -> int:
    """Returns 0, or 2 where nothing could be measured."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("name", nargs="?", help="without it, the measurements are listed")
    parser.add_argument("--data", type=Path, help="the folder of data that it measures on")
    given = parser.parse_args(arguments)
    benchmarks = known()
    if given.name not in benchmarks:
        if given.name:
            print(f"There is no measurement “{given.name}”. There are:", file=sys.stderr)
        for name, sentence in benchmarks.items():
            print(f"{name:<16}{sentence}")
        return 2 if given.name else 0
    if given.data is not None and not given.data.is_dir():
        print(f"{given.data} is not a folder. Give DATA= the folder of data.", file=sys.stderr)
        return 2
    measure = pkgutil.resolve_name(f"benchmarks.{given.name}:measure")
    try:
        measured: Measured = measure(given.data)
    except Unmeasurable as why:
        print(why, file=sys.stderr)
        return 2
    report(given.name, measured, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
