"""Huge, wide and deep input is refused in clear words before it takes the machine's memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
from pathlib import Path
from countersign.ground.chart import Limits, prepare
from countersign.kit.errors import CountersignError
from countersign.kit.ids import new_id

raw = {maker}
try:
    print(len(prepare(raw, Limits(), new_id).items))
except CountersignError as problem:
    print(problem.code)
# Not getrusage: what it says of a started program begins with the peak of whoever started it.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) // 1024)
"""
MIB = 1024 * 1024
ROW = b'{"url":"u","valueString":"x"},'
PATIENT = b'{"resourceType":"Patient","id":"p","extension":['
OBSERVATION = (
    b'{"resource":{"resourceType":"Observation","id":"o%d","status":"final","code":{"text":"x"},'
    b'"subject":{"reference":"Patient/p"}},"request":{"method":"PUT","url":"Observation/o%d"}}'
)


@pytest.mark.parametrize(
    ("maker", "outcome"),
    [
        (f"b'[' + b' ' * {200 * MIB} + b']'", "chart.too_large"),
        (f"b'[' * {60 * MIB}", "chart.too_large"),
        ("b'{\"a\":' * 1_400_000", "json.malformed"),
        (f"b'[' + b'{{}},' * {20 * MIB} + b'{{}}]'", "chart.too_large"),
        ("b'[' + b'{},' * 1_499_000 + b'{}]'", "chart.not_a_bundle"),
        (f"{PATIENT!r} + {ROW!r} * 60_000 + {ROW[:-1]!r} + b']}}'", "chart.invalid"),
        (f"{PATIENT!r} + {ROW!r} * 19_000 + {ROW[:-1]!r} + b']}}'", "1"),
        (
            'b\'{"resourceType":"Bundle","type":"transaction","entry":[\' + b\',\'.join('
            f"{OBSERVATION!r} % (i, i) for i in range(4000)) + b']}}'",
            "4000",
        ),
    ],
)
def test_memory_stays_bounded(maker: str, outcome: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(maker=maker)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    said, peak = done.stdout.split()
    assert said == outcome
    assert int(peak) < 700, f"{peak} MiB"
