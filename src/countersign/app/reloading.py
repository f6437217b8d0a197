"""``countersign reload``: asks the running installation to replace its processes."""

from __future__ import annotations

import os
import signal
import time

from countersign.kit.errors import CountersignError

from .settings import Settings
from .supervisor import RELOADED, SUPERVISOR

PATIENCE = 600.0


class NotRunning(CountersignError):
    code = "app.not_running"
    status = 409
    message = "Nothing runs with these settings (port {port}). Start it with “countersign run”."


class ReloadFailed(CountersignError):
    code = "app.reload_failed"
    status = 500
    message = (
        "The new processes did not start, so the old ones go on. Read what “countersign run” "
        "printed, mend it and reload again."
    )


def reload(settings: Settings) -> None:
    """Returns when every process was replaced. Raises NotRunning and ReloadFailed."""
    folder = settings.running
    before = _said(settings)
    try:
        os.kill(int((folder / SUPERVISOR).read_text()), signal.SIGHUP)
    except (OSError, ValueError):
        raise NotRunning(port=settings.port) from None
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and folder.is_dir():
        said = _said(settings)
        if said != before:
            if said.endswith("done"):
                return
            break
        time.sleep(0.1)
    raise ReloadFailed


def _said(settings: Settings) -> str:
    file = settings.running / RELOADED
    return file.read_text() if file.exists() else ""
