"""Networks are computed without a word to whoever made the runtime."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from countersign.kit import graphs

OPEN = """
from countersign.kit import graphs
from countersign.rooms.pathology.inference.gland import GlandNetwork

session = graphs.opened(GlandNetwork.of().graph)
print(session.get_inputs()[0].name)
"""


def test_the_runtime_keeps_no_device_and_reports_nothing(tmp_path: Path) -> None:
    """It makes itself a lasting identifier and a list of what to send in its user's folders, unless
    it is told not to before it is loaded."""
    ours = [one for one in sys.path if one]
    done = subprocess.run(
        [sys.executable, "-B", "-c", OPEN],
        env={"HOME": str(tmp_path), "PYTHONPATH": ":".join(ours)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "pixels", done.stderr[-800:]
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    ("told", "exact"),
    [
        ("flags\t\t: fpu avx2 avx512_vnni bmi2\n", True),
        ("flags\t\t: fpu avx2 avx_vnni\n", True),
        ("Features\t: fp asimd asimddp\n", True),
        ("flags\t\t: fpu avx2 avx512f\n", False),
        ("model name\t: without_avx512_vnni\n", False),
    ],
    ids=["x86", "x86-small", "arm", "before", "word-in-a-name"],
)
def test_a_processor_says_whether_it_adds_up_eight_bits(
    tmp_path: Path, told: str, exact: bool
) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(told, "utf-8")
    assert graphs.exact_in_eight_bits(file) is exact


def test_a_processor_that_says_nothing_is_not_trusted_with_eight_bits(tmp_path: Path) -> None:
    assert not graphs.exact_in_eight_bits(tmp_path / "none")
