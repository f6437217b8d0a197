"""Networks are computed without a word to whoever made the runtime."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
