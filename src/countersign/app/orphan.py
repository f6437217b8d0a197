"""Notices that whoever started this process is gone, so that nothing is left behind."""

from __future__ import annotations

import os
import threading


def leave_with_starter(stop: threading.Event) -> None:
    """Sets ``stop`` soon after the process that started this one has ended."""
    starter = os.getppid()

    def watch() -> None:
        while not stop.wait(0.5):
            if os.getppid() != starter:
                stop.set()

    threading.Thread(target=watch, name="orphan", daemon=True).start()
