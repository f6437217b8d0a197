"""A whole installation takes slides in; its listener is killed and loses nothing acknowledged."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import psycopg
import pydicom

from benchmarks.hl7v2 import await_port, furnish
from benchmarks.installation import Installation, free_port, running_house
from countersign.app.house import open_house
from countersign.app.settings import from_environment
from dicoms import ROOT, saved, slide

INSTANCES = 6


def send(port: int, path: Path) -> None:
    """As a scanner does: again and again, until it is acknowledged."""
    where = ("-aet", "SCANNER", "-aec", "COUNTERSIGN", "127.0.0.1", str(port), str(path))
    until = time.monotonic() + 120
    command = ["storescu", "-R", "-xy", *where]
    while subprocess.run(command, capture_output=True, check=False).returncode:
        assert time.monotonic() < until, "nobody takes it"
        time.sleep(0.3)


def kill(house: Installation) -> None:
    for one in house.process_info.children():
        if "receive-pictures" in one.cmdline():
            one.kill()
            return
    raise AssertionError("nobody listens for pictures")


def test_kill_nine_of_the_listener_loses_no_acknowledged_picture(tmp_path: Path) -> None:
    port = free_port()
    given = {"DICOM_PORT": str(port), "DICOM_CALLERS": "SCANNER", "DICOM_QUIET": "1"}
    with running_house(furnish, DEMONSTRATION="no", PORT=str(free_port()), **given) as house:
        await_port(port)
        for number in range(INSTANCES):
            send(port, saved(slide(1, number + 1), tmp_path))
            if number in (1, 3):
                kill(house)
        kept = Path(house.environment["COUNTERSIGN_HOME"]) / "received" / f"{ROOT}.1"
        found = {str(pydicom.dcmread(file).SOPInstanceUID) for file in kept.iterdir()}
        until = time.monotonic() + 60
        while time.monotonic() < until and _handed_on(house) < INSTANCES:
            time.sleep(0.5)
        assert _handed_on(house) >= INSTANCES
    assert found == {f"{ROOT}.1.{number + 1}" for number in range(INSTANCES)}


def _handed_on(house: Installation) -> int:
    """How many instances the newest handing on had."""
    with (
        open_house(from_environment(house.environment)) as opened,
        psycopg.connect(opened.database.owner_conninfo) as owner,
    ):
        row = owner.execute("select coalesce(max(instances), 0) from imaging.handed").fetchone()
    return int(row[0]) if row else 0
