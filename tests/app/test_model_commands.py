"""The command that distils: a plan's file in, what the frozen set decided out."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from countersign.app.cli import main

PLAN = """
title = "Why people write"
work = "complaint"
teacher = "labelled-file"
labelled = "labels.tsv"
rungs = ["rule", "linear"]
answer = 0.5
source = "Invented complaints"
licence = "CC0-1.0"
"""
WORDS = {"infection": "咳嗽", "injury": "骨折", "recheck": "血糖"}


def test_a_plan_is_distilled_and_its_verdict_printed(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    lines = [
        f"{name}\t医生您好，我{word}了{day}天" for day in range(500) for name, word in WORDS.items()
    ]
    (tmp_path / "labels.tsv").write_text("\n".join(lines), "utf-8")
    home = {"COUNTERSIGN_HOME": str(tmp_path / "home")}
    told = CliRunner().invoke(main, ["models", "distil", str(tmp_path / "plan.toml")], env=home)
    assert told.exit_code == 0, told.output
    assert "distilled-complaint@1.1.0" in told.output
    assert "The frozen set lets it go live." in told.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = 1", "does not say"),
        ("not toml", "cannot be read"),
        (PLAN.replace("labelled-file", "signed-decisions"), "teacher is one of"),
        (PLAN.replace("labels.tsv", "nowhere.tsv"), "cannot be read"),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused_in_words(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "plan.toml").write_text(text, "utf-8")
    home = {"COUNTERSIGN_HOME": str(tmp_path / "home")}
    told = CliRunner().invoke(main, ["models", "distil", str(tmp_path / "plan.toml")], env=home)
    assert told.exit_code == 1
    assert said in told.output
    assert "app.bad_plan" in told.output
