"""A model's digest counts the files of the ground that it reads notes and asks questions by."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import countersign
from countersign.kit.json import decode

SOURCE = Path(str(countersign.__file__)).parent
ROOMS = ("differential", "preconsult", "records")
ASKED = "; ".join(
    [
        "import json",
        *(f"from countersign.rooms.{one}.inference import DIGEST as {one}" for one in ROOMS),
        f"print(json.dumps([{', '.join(ROOMS)}]))",
    ]
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package without its pages, to be altered."""
    made = tmp_path_factory.mktemp("source") / "countersign"
    shutil.copytree(SOURCE, made, ignore=shutil.ignore_patterns("static", "__pycache__"))
    return made


def digests(copy: Path) -> dict[str, str]:
    told = subprocess.run(
        [sys.executable, "-B", "-P", "-c", ASKED],
        env={"PYTHONPATH": str(copy.parent)},
        capture_output=True,
        check=True,
        timeout=120,
    )
    found = decode(told.stdout)
    assert isinstance(found, list)
    return dict(zip(ROOMS, map(str, found), strict=True))


def test_a_changed_vocabulary_or_question_is_another_model(copy: Path) -> None:
    before = digests(copy)
    for name, concerned in {
        "findings/vocabulary.tsv": {"differential", "preconsult", "records"},
        "conditions/knowledge/findings.json": {"differential", "preconsult"},
        "phenotypes/fusion.json": {"differential"},
    }.items():
        file = copy / "ground" / "reasoning" / name
        kept = file.read_bytes()
        file.write_bytes(kept + b"\n")
        now = digests(copy)
        assert {one for one in ROOMS if now[one] != before[one]} == concerned, name
        file.write_bytes(kept)
    assert digests(copy) == before
