"""The rules that look at one file: each yields a sentence for whatever it refuses."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence

from house.tree import File, at, dotted, imports, name_of

SOURCE_LINES = 400
FUNCTION_LINES = 60
TEST_LINES = 500
SCRIPTS = (".ts", ".js", ".mjs", ".css")
BANNED_NAMES = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
SETTINGS = "src/countersign/app/settings.py"
GRAPHS = "src/countersign/kit/graphs.py"
"""Tells a library, before it is loaded, not to report, and may do no more."""
READERS = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv"}
HIDERS = {"__import__", "eval", "exec", "pkgutil.resolve_name"}
SQL = re.compile(
    r"\s*(select\s|insert into\s|update \S+ set\s|delete from\s|truncate\s|with \S+ as \("
    r"|(create|alter|drop) (or replace )?(table|schema|role|function|view|index|database|policy)\s"
    r"|(grant|revoke) [\w, ]+ on\s)",
)
SQL_CALLS = {"execute", "executemany", "rows", "copy", "SQL"}
NETWORK = ("http.client", "http.server", "urllib.request", "xmlrpc.client")
DIALS = {"open_connection", "open_unix_connection", "create_connection"}
CLOCKS = {"now", "utcnow", "today", "utc_now", "new_id", "time_ns", "uuid4", "open", "input"}
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:work|root|farm|home/\w+|tmp/bash_jobs[.\d]*)/")
REGISTRY = re.compile(
    r"registry\.(?:npmjs|yarnpkg|npmmirror)|pythonhosted\.|pypi\.(?:org|python|tuna)"
    r"|(?:deb|security)\.debian\.org|\"resolved\":\s*\"|\b(?:extra-)?index[-]url\b|find[-]links",
    re.IGNORECASE,
)
MAKING = re.compile(
    r"\b(?:co-authored[-]by|ai[ ]assistant|coding[ ](?:agent|assistant)|sub-?agents?"
    r"|(?:built|coded|developed) (?:by|with) an? (?:ai|llm|language model)"
    r"|part \d of \d|house\.m[d]|shared/desig[n])\b",
    re.IGNORECASE,
)

NARROW_MARK = re.compile(r"[\u4e00-\u9fff]+[,:;?!]")

Rule = Callable[[File], Iterator[str]]


def sizes(file: File) -> Iterator[str]:
    """A source file stops at 400 lines, a test file at 500."""
    if file.path.startswith("tests/") and file.is_python:
        limit = TEST_LINES
    elif file.is_python or file.path.endswith(SCRIPTS):
        limit = SOURCE_LINES
    else:
        return
    if file.lines > limit:
        yield f"{file.path}: {file.lines} lines; a file stops at {limit}"


def function_sizes(file: File) -> Iterator[str]:
    """A function stops at 60 lines, decorators and docstring included."""
    if not file.is_python:
        return
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        length = (node.end_lineno or first) - first + 1
        if length > FUNCTION_LINES:
            yield f"{at(file, node)}: {node.name} has {length} lines; it stops at {FUNCTION_LINES}"


def docstrings(file: File) -> Iterator[str]:
    """Every module opens with one sentence that says why it exists."""
    if not file.is_source:
        return
    sentence = (ast.get_docstring(file.tree) or "").partition("\n\n")[0]
    if not sentence.endswith("."):
        yield f"{file.path}: it must open with one sentence that says why it exists"


def names(file: File) -> Iterator[str]:
    """No module or folder is named for being left over."""
    parts = {part.partition(".")[0] for part in file.path.split("/")}
    for name in sorted(parts & BANNED_NAMES):
        yield f"{file.path}: “{name}” says nothing; name what it holds"


def environment(file: File) -> Iterator[str]:
    """Only app/settings.py reads the environment."""
    if not file.is_source or file.path == SETTINGS:
        return
    readers = READERS - {"os.putenv"} if file.path == GRAPHS else READERS
    for node in ast.walk(file.tree):
        if dotted(node) in readers or readers.intersection(imports(file, node)):
            yield f"{at(file, node)}: only app/settings.py reads the environment"


def hidden_imports(file: File) -> Iterator[str]:
    """No import, and no code, that the contracts cannot see."""
    if not file.is_source:
        return
    for node in ast.walk(file.tree):
        for module in imports(file, node, members_only=True):
            seen = module.startswith(("importlib.resources", "importlib.metadata"))
            if module.split(".")[0] in {"importlib", "runpy"} and not seen:
                yield f"{at(file, node)}: the contracts cannot see through {module}"
        if isinstance(node, ast.Call) and dotted(node.func) in HIDERS:
            yield f"{at(file, node)}: {dotted(node.func)} hides what it imports or runs"


def prints(file: File) -> Iterator[str]:
    """Nothing prints but the command line."""
    if not file.is_source or file.path.startswith("src/countersign/app/cli"):
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and dotted(node.func) == "print":
            yield f"{at(file, node)}: only the command line prints"


def sql_text(file: File) -> Iterator[str]:
    """No value becomes SQL: no query is put together from text at run time."""
    if not file.is_source:
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.JoinedStr):
            first = node.values[0] if node.values else None
            if isinstance(first, ast.Constant) and SQL.match(str(first.value).lower()):
                yield f"{at(file, node)}: an f-string becomes SQL; pass parameters"
        elif isinstance(node, ast.Call) and _runs_sql(node) and _put_together(node.args[0]):
            yield f"{at(file, node)}: a query put together from text; pass parameters"


def _runs_sql(call: ast.Call) -> bool:
    return bool(call.args) and name_of(call.func) in SQL_CALLS


def _put_together(query: ast.expr) -> bool:
    if isinstance(query, ast.BinOp):
        return isinstance(query.op, ast.Mod) or any(map(_put_together, (query.left, query.right)))
    if isinstance(query, ast.Call) and isinstance(query.func, ast.Attribute):
        return query.func.attr in {"format", "format_map", "join", "replace"} and isinstance(
            query.func.value, ast.Constant
        )
    return isinstance(query, ast.JoinedStr)


def network(file: File) -> Iterator[str]:
    """Only egress reaches the network; the contracts see whole libraries, this sees the rest."""
    if not file.is_source or file.path.startswith("src/countersign/ground/egress"):
        return
    for node in ast.walk(file.tree):
        clients = [name for name in imports(file, node) if name.startswith(NETWORK)]
        if clients or (isinstance(node, ast.Attribute) and node.attr in DIALS):
            yield f"{at(file, node)}: only ground/egress may open a connection"


def pure_domains(file: File) -> Iterator[str]:
    """A domain asks no clock, makes no identifier and opens no file."""
    if not file.is_domain:
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and name_of(node.func) in CLOCKS:
            yield f"{at(file, node)}: {name_of(node.func)} belongs outside the domain; pass it in"


def machine_paths(file: File) -> Iterator[str]:
    """No path of one person's machine."""
    yield from _found(file, MACHINE_PATH, "a path of one machine")


def registry_hosts(file: File) -> Iterator[str]:
    """No package registry is named: each hospital installs from its own."""
    yield from _found(file, REGISTRY, "the address of a package registry")


def product_only(file: File) -> Iterator[str]:
    """The repository speaks of the product, not of how it was made."""
    yield from _found(file, MAKING, "not about the product")


def _found(file: File, pattern: re.Pattern[str], what: str) -> Iterator[str]:
    for number, line in enumerate(file.text.splitlines(), 1):
        if match := pattern.search(line):
            yield f"{file.path}:{number}: {what}: {match.group()}"


def chinese_marks(file: File) -> Iterator[str]:
    """Chinese sentences carry Chinese punctuation."""
    yield from _found(file, NARROW_MARK, "a Latin mark after Chinese; write ，：；？！")


def translations(file: File) -> Iterator[str]:
    """No sentence of a catalogue is without its Chinese, none is only guessed."""
    if not file.path.endswith(".po"):
        return
    for entry in re.split(r"\n\s*\n", file.text):
        lines = [line for line in entry.splitlines() if not line.startswith("#~")]
        if any(line.startswith("#,") and "fuzzy" in line for line in lines):
            yield f"{file.path}: a guessed translation: {_field(lines, 'msgid')[:60]}"
        forms = {line.split(" ", 1)[0] for line in lines if line.startswith("msgstr")}
        if not all(_field(lines, form) for form in forms):
            yield f"{file.path}: no translation: {_field(lines, 'msgid')[:60]}"


def _field(lines: Sequence[str], field: str) -> str:
    """The text of one field of a catalogue's entry, its continued lines included."""
    text = ""
    inside = False
    for line in lines:
        if line.startswith(field + " "):
            inside, text = True, line[len(field) + 1 :].strip().strip('"')
        elif line.startswith('"') and inside:
            text += line.strip().strip('"')
        else:
            inside = False
    return text


RULES: tuple[Rule, ...] = (
    sizes,
    function_sizes,
    docstrings,
    names,
    environment,
    hidden_imports,
    prints,
    sql_text,
    network,
    pure_domains,
    machine_paths,
    registry_hosts,
    product_only,
    chinese_marks,
    translations,
)
