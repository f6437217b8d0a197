"""Learns the gland network that is shipped, from slides that the project draws itself.

``python -m tools.train_glands`` draws 90 fields, learns for some minutes with the train extra and
writes the graph that the room ships.
"""

from __future__ import annotations

import subprocess
import sys

from tools.training_environment import ROOT, beside, install

if __name__ == "__main__":
    if install() is None:
        sys.exit("The train extra could not be installed apart; pip says why above.")
    command = [sys.executable, "-m", "tools.train_glands_run"]
    sys.exit(subprocess.run(command, cwd=ROOT, env=beside(), check=False).returncode)
