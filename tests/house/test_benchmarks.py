"""Every measurement is found by its name and prints a table and, last, one JSON object."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as runner
from benchmarks.measured import Measured, report

ROOT = Path(__file__).resolve().parents[2]


def test_the_last_line_is_the_json_object() -> None:
    out = io.StringIO()
    measured = Measured(
        columns=("路", "per second"),
        rows=(("一次导入", 1234.5), ("parsing alone", 3)),
        figures={"resources_per_s": 1234.5, "ok": True},
        notes=("what it leaves out",),
    )
    report("fhir_import", measured, out)
    lines = out.getvalue().splitlines()
    assert json.loads(lines[-1]) == {"name": "fhir_import", "resources_per_s": 1234.5, "ok": True}
    assert lines[2] == "一次导入            1,234"
    assert "· what it leaves out" in lines


def test_every_measurement_says_what_it_measures() -> None:
    assert all(sentence.endswith(".") for sentence in runner.known().values())


@pytest.mark.parametrize("arguments", [["no_such"], ["no_such", "--data", "nowhere"]])
def test_an_unknown_name_lists_the_others(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert runner.main(arguments) == 2
    assert "no_such" in capsys.readouterr().err


def test_it_runs_as_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
