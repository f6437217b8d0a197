"""A term of the glossary has the same Chinese name on every page and in every rule."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from house.tree import File, at, name_of, repository

ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \|([^|]*)\|$", re.MULTILINE)
ENTRY = re.compile(r'^msgid "(.+)"\nmsgstr "(.+)"$', re.MULTILINE)


@pytest.fixture(scope="module")
def files() -> list[File]:
    return repository()


def tables(files: list[File]) -> list[list[tuple[str, str, str]]]:
    """English, Chinese and meaning of the terms, for each table of the glossary."""
    text = next(file.text for file in files if file.path == "GLOSSARY.md")
    found = [ROW.findall(section) for section in text.split("\n## ")[1:]]
    return [[row for row in rows if row[0] not in ("English", "---")] for rows in found]


def named(file: File) -> Iterator[tuple[str, str, str]]:
    """Place, English and Chinese of every bilingual text of one file."""
    if file.path.endswith(".po"):
        for match in ENTRY.finditer(file.text):
            yield file.path, *match.groups()
    elif file.is_source:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Call) and name_of(node.func) == "Words":
                texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
                if len(texts) == 2:
                    yield at(file, node), str(texts[0]), str(texts[1])


def conflicts(terms: dict[str, str], file: File) -> list[str]:
    """Where a file calls a term of the glossary by another Chinese name."""
    return [
        f"{place}: “{en}” is {zh} here and {terms[en.lower()]} in GLOSSARY.md"
        for place, en, zh in named(file)
        if terms.get(en.lower(), zh) != zh
    ]


def test_every_term_stands_once_and_in_order(files: list[File]) -> None:
    found = tables(files)
    assert len(found) >= 5
    for rows in found:
        terms = [en.lower() for en, _, _ in rows]
        assert terms == sorted(set(terms))
        assert all(re.search(r"[\u4e00-\u9fff]", zh) for _, zh, _ in rows)
        assert not [en for en, _, meaning in rows if not meaning.strip()]
    every = [en.lower() for rows in found for en, _, _ in rows]
    assert len(every) == len(set(every))


def test_no_page_and_no_rule_uses_another_name(files: list[File]) -> None:
    terms = {en.lower(): zh for rows in tables(files) for en, zh, _ in rows}
    found = [conflict for file in files for conflict in conflicts(terms, file)]
    assert not found, "\n".join(found)


def test_another_name_is_noticed() -> None:
    terms = {"draft": "草稿"}
    assert conflicts(terms, File("a.po", 'msgid "Draft"\nmsgstr "初稿"\n'))
    assert conflicts(terms, File("src/a.py", 'x = Words("Draft", "初稿")\n'))
    assert not conflicts(terms, File("a.po", 'msgid "Draft"\nmsgstr "草稿"\n'))
    assert not conflicts(terms, File("src/a.py", 'x = Words("Drafts", "初稿")\n'))
