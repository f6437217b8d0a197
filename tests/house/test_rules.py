"""Each rule of the house refuses a planted example and accepts its neighbour."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from house import rules, whole
from house.tree import File

SLASH = "/"
DOCUMENTED = '"""Why."""\n'
SOURCE = "src/countersign/ground/chart/read.py"
DOMAIN = "src/countersign/rooms/labs/domain/ranges.py"
ERROR = "class {}({}):\n    code = '{}'\n"

Rule = Callable[[File], Iterator[str]]


def source(text: str, path: str = SOURCE) -> File:
    return File(path, DOCUMENTED + text)


def function(lines: int) -> str:
    return "def long():\n" + "    pass\n" * (lines - 1)


REFUSED: list[tuple[Rule, File]] = [
    (rules.sizes, source("x = 1\n" * 400)),
    (rules.sizes, File("web/src/plot.ts", "let x = 1;\n" * 401)),
    (rules.sizes, File("tests/kit/test_ids.py", "x = 1\n" * 501)),
    (rules.function_sizes, source(function(61))),
    (rules.function_sizes, source("@decorated\nasync " + function(60))),
    (rules.docstrings, File(SOURCE, "x = 1\n")),
    (rules.docstrings, File(SOURCE, '"""A heading"""\n')),
    (rules.names, source("", "src/countersign/kit/utils.py")),
    (rules.names, source("", "tests/helpers/test_a.py")),
    (rules.environment, source("import os\nos.environ['HOME']\n")),
    (rules.environment, source("from os import environ\n")),
    (rules.environment, source("import os\nos.getenv('HOME')\n")),
    (rules.environment, source("import os\nos.putenv('HOME', '/')\n")),
    (rules.environment, source("import os\nos.getenv('HOME')\n", rules.GRAPHS)),
    (rules.hidden_imports, source("import importlib\n")),
    (rules.hidden_imports, source("from importlib import import_module\n")),
    (rules.hidden_imports, source("import runpy\n")),
    (rules.hidden_imports, source("__import__('torch')\n")),
    (rules.prints, source("print('x')\n")),
    (rules.sql_text, source("q = f'select * from chart.version where id = {x}'\n")),
    (rules.sql_text, source("q = f'''\n    delete from {table}'''\n")),
    (rules.sql_text, source("c.execute('select %s' % x)\n")),
    (rules.sql_text, source("pool.rows('select {}'.format(x))\n")),
    (rules.sql_text, source("c.execute('select ' + f'{x}')\n")),
    (rules.sql_text, source("c.execute(sql.SQL(f'{x}'))\n")),
    (rules.network, source("import http.client\n")),
    (rules.network, source("from urllib import request\n")),
    (rules.network, source("import asyncio\nasyncio.open_connection('a', 1)\n")),
    (rules.pure_domains, source("datetime.now(UTC)\n", DOMAIN)),
    (rules.pure_domains, source("open('x')\n", "src/countersign/rooms/labs/domain.py")),
    (rules.machine_paths, File("docs/a.md", f"Look in {SLASH}root{SLASH}x.\n")),
    (rules.machine_paths, File("a.toml", f'path = "{SLASH}home{SLASH}mei{SLASH}x"\n')),
    (rules.machine_paths, File("a.sh", f"cd {SLASH}work{SLASH}main\n")),
    (rules.registry_hosts, File("web/package-lock.json", '"resolved"' + ': "https://x/y.tgz"')),
    (rules.registry_hosts, File("constraints.txt", "--index" + "-url x\n")),
    (rules.registry_hosts, File("docs/a.md", "https://pypi" + ".org/simple\n")),
    (rules.product_only, File("docs/a.md", "Thanks to the AI" + " assistant.\n")),
    (rules.product_only, File("docs/a.md", "Co-authored" + "-by: x\n")),
    (rules.chinese_marks, source("x = Words('Sign, or reject', '签署" + ",或否决')\n")),
    (rules.translations, File("a.po", 'msgid "Sign"\nmsgstr ""\n')),
    (rules.translations, File("a.po", '#, fuzzy\nmsgid "Sign"\nmsgstr "签署"\n')),
    (rules.translations, File("a.po", 'msgid "a"\nmsgid_plural "b"\nmsgstr[0] ""\n')),
]
ACCEPTED: list[tuple[Rule, File]] = [
    (rules.sizes, source("x = 1\n" * 399)),
    (rules.sizes, File("docs/long.md", "x\n" * 900)),
    (rules.function_sizes, source(function(60))),
    (rules.docstrings, File(SOURCE, '"""Reads the chart,\nfor one person."""\n')),
    (rules.docstrings, File("tests/kit/test_ids.py", "x = 1\n")),
    (rules.names, source("", "src/countersign/kit/dates.py")),
    (rules.environment, source("import os\nos.environ['HOME']\n", rules.SETTINGS)),
    (rules.environment, source("import os\nos.putenv('A', '1')\n", rules.GRAPHS)),
    (rules.environment, source("import os\nos.cpu_count()\n")),
    (rules.hidden_imports, source("from importlib import resources\n")),
    (rules.prints, source("print('x')\n", "src/countersign/app/cli.py")),
    (rules.prints, source("report.print()\n")),
    (rules.sql_text, source("c.execute('select %s', [x])\n")),
    (rules.sql_text, source("c.execute(sql.SQL('set role {}').format(sql.Identifier(x)))\n")),
    (rules.sql_text, source("say(f'selected {x} rows with {y}')\n")),
    (rules.network, source("from urllib.parse import urlsplit\nfrom http import HTTPStatus\n")),
    (rules.pure_domains, source("datetime.now(UTC)\n")),
    (rules.pure_domains, source("age_on(birth, today)\n", DOMAIN)),
    (rules.machine_paths, File("a.html", "<a href='/worklist/1'>../root/x src/work/a</a>")),
    (rules.registry_hosts, File("bundle.json", '{"code": "resolved"}')),
    (rules.product_only, File("docs/a.md", "The session of a physician's assistant ends.\n")),
    (rules.chinese_marks, source("x = {'签署': '签署，或否决。', 'en': 'eGFR:'}\n")),
    (rules.translations, File("a.po", 'msgid ""\nmsgstr ""\n"Language: zh_CN\\n"\n')),
    (rules.translations, File("a.po", 'msgid "Sign"\nmsgstr "签署"\n\n#~ msgid "x"\n')),
]


@pytest.mark.parametrize(("rule", "file"), REFUSED)
def test_refused(rule: Rule, file: File) -> None:
    assert list(rule(file))


@pytest.mark.parametrize(("rule", "file"), ACCEPTED)
def test_accepted(rule: Rule, file: File) -> None:
    assert not list(rule(file))


def test_every_rule_is_tried_both_ways() -> None:
    assert {rule for rule, _ in REFUSED} == set(rules.RULES) == {rule for rule, _ in ACCEPTED}


def room(*names: str) -> list[File]:
    return [source("", f"src/countersign/rooms/labs/{name}") for name in names]


def test_a_room_has_its_files() -> None:
    assert not list(whole.complete_rooms(room(*whole.ROOM_FILES, "__init__.py")))
    found = list(whole.complete_rooms(room("room.py", "templates/labs/list.html")))
    assert len(found) == 2
    assert "README.md" in found[0]
    assert "messages.po" in found[1]


def test_a_part_has_tests() -> None:
    part = source("", "src/countersign/ground/chart/__init__.py")
    assert list(whole.mirrored([part, File("tests/ground/chart/conftest.py", "")]))
    assert not list(whole.mirrored([part, File("tests/ground/chart/test_read.py", "")]))


@pytest.mark.parametrize(
    ("path", "text", "refused"),
    [
        ("ground/signoff/gate.py", "from countersign.ground.chart.read import Reader", True),
        ("ground/signoff/gate.py", "from countersign.ground.chart import read", True),
        ("ground/signoff/gate.py", "from ..chart import read", True),
        ("ground/signoff/gate.py", "from countersign.ground.chart import Reader", False),
        ("ground/signoff/gate.py", "from countersign.ground.chart import find", False),
        ("ground/signoff/gate.py", "from countersign.ground.chart.find import find", True),
        ("ground/chart/search.py", "from .read import Reader", False),
        ("ground/release/way.py", "from countersign.ground.chart import _write", False),
        ("ground/release/way.py", "from countersign.ground.chart import read", True),
        ("app/house.py", "from countersign.rooms.labs import room", False),
        ("app/house.py", "from countersign.rooms.labs.domain import ranges", True),
        ("app/house.py", "from countersign.ground.chart import read", True),
    ],
)
def test_parts_are_entered_by_the_front_door(path: str, text: str, refused: bool) -> None:
    rest = [
        source("", f"src/countersign/{name}")
        for name in (
            "ground/chart/read.py",
            "ground/chart/find.py",
            "ground/chart/_write.py",
            "rooms/labs/room.py",
            "rooms/labs/domain/ranges.py",
        )
    ]
    front = source("__all__ = ['Reader', 'find']\n", "src/countersign/ground/chart/__init__.py")
    found = list(whole.front_doors([source(text, f"src/countersign/{path}"), front, *rest]))
    assert bool(found) is refused


def test_error_codes_are_dotted_and_unique() -> None:
    root = source(ERROR.format("CountersignError", "Exception", "countersign.error"))
    missing = source(ERROR.format("Missing", "CountersignError", "chart.not-found"))
    below = source(ERROR.format("Lost", "errors.Missing", "chart.lost"))
    assert not list(whole.error_codes([root, missing, below]))
    again = source(ERROR.format("Gone", "Missing", "chart.not-found"))
    assert "more than once" in next(whole.error_codes([root, missing, again]))
    flat = source(ERROR.format("Gone", "Missing", "gone"))
    assert "not dotted" in next(whole.error_codes([root, missing, flat]))
    bare = source("class Gone(Missing):\n    status = 404\n")
    assert "of its own" in next(whole.error_codes([root, missing, bare]))
