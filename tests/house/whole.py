"""The rules that look at the whole tree: each yields a sentence for whatever it refuses."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from house.tree import File, at, base, dotted, imports, name_of

ERROR_CODE = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+")
PART = re.compile(r"src/countersign/(?:ground|rooms|doors)/\w+(?=/)")
ROOM_FILES = ("room.py", "README.md")
CATALOGUE = "locale/zh_CN/LC_MESSAGES/messages.po"

Rule = Callable[[Sequence[File]], Iterator[str]]


def complete_rooms(files: Sequence[File]) -> Iterator[str]:
    """Every room has its manifest and a page of prose; where it has pages, Chinese words."""
    paths = {file.path for file in files}
    for part in sorted(_parts(files)):
        if "/rooms/" in part:
            has_pages = any(path.startswith(f"{part}/templates/") for path in paths)
            wanted = (*ROOM_FILES, CATALOGUE) if has_pages else ROOM_FILES
            missing = [name for name in wanted if f"{part}/{name}" not in paths]
            yield from (f"{part}/{name}: this room needs one" for name in missing)


def mirrored(files: Sequence[File]) -> Iterator[str]:
    """Every part, room and door has tests of its own in the same place under tests/."""
    tests = {file.path.rpartition("/")[0] for file in files if file.name.startswith("test_")}
    for part in sorted(_parts(files)):
        place = part.replace("src/countersign", "tests", 1)
        if not any(folder == place or folder.startswith(place + "/") for folder in tests):
            yield f"{place}/: no test of {part}"


def front_doors(files: Sequence[File]) -> Iterator[str]:
    """A part is used through what its package exports, a room or door through its manifest."""
    sources = [file for file in files if file.is_source]
    modules = {file.module for file in sources}
    exports = {
        f"{file.module}.{name}"
        for file in sources
        if file.name == "__init__.py"
        for name in _exported(file)
    }
    for file in sources:
        home = ".".join(file.module.split(".")[:3])
        for node in ast.walk(file.tree):
            entered = set(imports(file, node)) & modules
            if isinstance(node, ast.ImportFrom):
                entered -= exports - {base(file, node)}
            for module in sorted(entered):
                part = ".".join(module.split(".")[:3])
                if _is_inside(module) and part != home and not _may_enter(file, module):
                    yield f"{at(file, node)}: {module} is inside a part; import from its package"


def _exported(file: File) -> list[str]:
    for node in file.tree.body:
        if isinstance(node, ast.Assign) and "__all__" in map(dotted, node.targets):
            return [str(name) for name in ast.literal_eval(node.value)]
    return []


def _is_inside(module: str) -> bool:
    return re.match(r"countersign\.(ground|rooms|doors)\.\w+\.\w", module) is not None


def _may_enter(file: File, module: str) -> bool:
    """The two ways inside: the app names the rooms and doors, release writes the chart."""
    if file.module.startswith("countersign.app."):
        return re.match(r"countersign\.(rooms|doors)\.\w+\.\w+$", module) is not None
    return (
        file.module.startswith("countersign.ground.release")
        and module == "countersign.ground.chart._write"
    )


def error_codes(files: Sequence[File]) -> Iterator[str]:
    """Every error has a dotted code of its own."""
    classes = [
        (file, node)
        for file in files
        if file.is_source
        for node in ast.walk(file.tree)
        if isinstance(node, ast.ClassDef)
    ]
    errors = _heirs("CountersignError", [node for _, node in classes])
    owners: dict[str, list[str]] = defaultdict(list)
    for file, node in classes:
        if node.name not in errors:
            continue
        code = _assigned(node, "code")
        if code is None:
            yield f"{at(file, node)}: {node.name} needs a code of its own"
        elif not ERROR_CODE.fullmatch(code):
            yield f"{at(file, node)}: the code “{code}” is not dotted, as in chart.not-found"
        else:
            owners[code].append(at(file, node))
    for code, places in sorted(owners.items()):
        if len(places) > 1:
            yield f"the code {code} stands more than once: {', '.join(places)}"


def _heirs(root: str, classes: Sequence[ast.ClassDef]) -> set[str]:
    """The names of the classes that descend from ``root``, and ``root`` itself."""
    found = {root}
    while True:
        more = {
            node.name
            for node in classes
            if found.intersection(name_of(base) for base in node.bases)
        }
        if more <= found:
            return found
        found |= more


def _assigned(node: ast.ClassDef, wanted: str) -> str | None:
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        if any(dotted(target) == wanted for target in targets) and isinstance(
            statement.value, ast.Constant
        ):
            return str(statement.value.value)
    return None


def _parts(files: Sequence[File]) -> set[str]:
    return {match.group() for file in files if (match := PART.match(file.path))}


RULES: tuple[Rule, ...] = (complete_rooms, mirrored, front_doors, error_codes)
