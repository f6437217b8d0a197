"""The repository keeps the rules of the house, without exemptions."""

from __future__ import annotations

import pytest

from house import rules, whole
from house.tree import File, repository


@pytest.fixture(scope="module")
def files() -> list[File]:
    return repository()


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_every_file(files: list[File], rule: rules.Rule) -> None:
    found = [finding for file in files for finding in rule(file)]
    assert not found, f"{rule.__doc__}\n" + "\n".join(found)


@pytest.mark.parametrize("rule", whole.RULES, ids=lambda rule: rule.__name__)
def test_the_tree(files: list[File], rule: whole.Rule) -> None:
    found = list(rule(files))
    assert not found, f"{rule.__doc__}\n" + "\n".join(found)


def test_the_tree_is_seen(files: list[File]) -> None:
    paths = {file.path for file in files}
    assert "src/countersign/kit/errors.py" in paths
    assert "tests/house/test_shape.py" in paths
    assert not any(path.startswith((".venv/", "web/node_modules/")) for path in paths)
