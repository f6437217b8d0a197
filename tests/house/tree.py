"""The files of the repository as the rules of the house see them."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".git", ".venv", ".data", "node_modules", "__pycache__", "build", "dist"}


@dataclass(frozen=True)
class File:
    """One text file: its path from the root of the repository, and what stands in it."""

    path: str
    text: str

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py")

    @property
    def is_source(self) -> bool:
        return self.is_python and self.path.startswith("src/")

    @property
    def is_domain(self) -> bool:
        return self.is_source and re.search(r"/rooms/\w+/domain[/.]", self.path) is not None

    @property
    def module(self) -> str:
        """The dotted name under which Python imports this file."""
        inner = self.path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__")
        return inner.replace("/", ".")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)


def repository() -> list[File]:
    """Every text file that git tracks or would track; binary files are left out."""
    return [file for path in sorted(set(_paths())) if (file := _read(path)) is not None]


def _paths() -> Iterable[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        return listed.stdout.decode().rstrip("\0").split("\0")
    return [
        found.relative_to(ROOT).as_posix()
        for found in ROOT.rglob("*")
        if found.is_file() and not SKIPPED.intersection(found.relative_to(ROOT).parts)
    ]


def _read(path: str) -> File | None:
    file = ROOT / path
    if not file.is_file():
        return None
    try:
        return File(path, file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return None


def at(file: File, node: ast.AST) -> str:
    """Where a finding stands, as an editor understands it."""
    return f"{file.path}:{getattr(node, 'lineno', 0)}"


def dotted(node: ast.AST) -> str:
    """``os.environ`` for that expression; nothing where a part of it is not a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (left := dotted(node.value)):
        return f"{left}.{node.attr}"
    return ""


def name_of(node: ast.expr) -> str:
    """The last name of an expression: ``execute`` for ``pool.connection().execute``."""
    return node.attr if isinstance(node, ast.Attribute) else dotted(node)


def imports(file: File, node: ast.AST, members_only: bool = False) -> Iterator[str]:
    """The absolute names that an import statement brings: each module, and each member of it."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = base(file, node)
        if not members_only:
            yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)


def base(file: File, node: ast.ImportFrom) -> str:
    """The absolute name of the module that an import takes its members from."""
    if not node.level:
        return node.module or ""
    package = file.module.split(".")
    above = node.level - (file.name == "__init__.py")
    package = package[: len(package) - above]
    return ".".join([*package, *([node.module] if node.module else [])])
