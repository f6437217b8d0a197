"""What the documents name exists: pages, pictures, targets of make, settings, commands."""

from __future__ import annotations

import re

import click
import pytest

from countersign.app import cli
from house.tree import ROOT, File, repository

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
TARGET = re.compile(r"`?make ([a-z][a-z-]*)`?")
SETTING = re.compile(r"\bCOUNTERSIGN_[A-Z_]+\b")
COMMAND = re.compile(r"(?:\.venv/bin/countersign|`countersign)((?: [a-z][a-z-]+)+)")


@pytest.fixture(scope="module")
def pages() -> list[File]:
    return [file for file in repository() if file.path.endswith(".md")]


def test_every_link_leads_somewhere(pages: list[File]) -> None:
    broken = [
        f"{page.path}: {link}"
        for page in pages
        for link in LINK.findall(page.text)
        if not (ROOT / page.path).parent.joinpath(link).exists()
    ]
    assert not broken


def test_every_make_target_exists(pages: list[File]) -> None:
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        (page.path, target)
        for page in pages
        for code in re.findall(r"```\n(.*?)```|(`make [^`]+`)", page.text, re.DOTALL)
        for target in TARGET.findall("".join(code))
    }
    assert {"run", "test", "check"} <= {target for _, target in named}
    assert not {(path, target) for path, target in named if target not in known}


def test_every_setting_is_described_and_exists(pages: list[File]) -> None:
    app = ROOT / "src/countersign/app"
    source = "".join((app / name).read_text() for name in ("settings.py", "listeners.py"))
    read = {f"COUNTERSIGN_{name}" for name in re.findall(r'given\.\w+\("([A-Z_]+)"', source)}
    install = next(page for page in pages if page.path == "docs/install.md")
    assert read
    assert set(SETTING.findall(install.text)) == read
    assert {name for page in pages for name in SETTING.findall(page.text)} <= read


def test_every_command_exists(pages: list[File]) -> None:
    found = [(page.path, words) for page in pages for words in COMMAND.findall(page.text)]
    assert found
    unknown = [(path, words) for path, words in found if not _is_command(words.split())]
    assert not unknown


def _is_command(words: list[str]) -> bool:
    """Whether the words lead from the command line's root to a command; the rest is its own."""
    group: click.Command | None = cli.main
    for word in words:
        if not isinstance(group, click.Group):
            return True
        group = group.commands.get(word)
        if group is None:
            return False
    return not isinstance(group, click.Group)
