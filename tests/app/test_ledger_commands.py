"""The commands of the ledger on a furnished house, with a witness behind a real socket."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from countersign.app.cli import main
from countersign.ground.ledger import Cosigner, Verifier, Witness
from countersign.kit.clock import utc_now
from furnished import Furnished
from ground.ledger.witnessed import listening

Run = Callable[..., Result]
COSIGNER = Cosigner("w1.example", b"\7" * 32)


@pytest.fixture
def run(furnished: Furnished, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in furnished.environment(EGRESS="127.0.0.1").items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(main, [str(one) for one in arguments])


def test_a_ledger_is_witnessed_checked_and_exported(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = run("ledger", "checkpoint").output.splitlines()[-1]
    seeing = Witness(COSIGNER, tmp_path / "w", [Verifier.parse(key)], utc_now)
    with listening(seeing, COSIGNER) as place:
        monkeypatch.setenv("COUNTERSIGN_WITNESSES", f"{place.url} {place.key.text}")
        checked = run("ledger", "fsck")
        exported = run("ledger", "export", tmp_path / "log")
    assert checked.exit_code == 0 and "w1.example: " in checked.output, checked.output
    # The contact with the witness may itself have become an event by now.
    assert re.search(r"\+[01]\b", checked.output) and exported.exit_code == 0
    note = (tmp_path / "log" / "checkpoint").read_text()
    assert COSIGNER.verifier.find(note) is not None
    assert "w1.example: " in run("ledger", "verify").output
    tile = tmp_path / "log" / "tile" / "0" / "000"
    assert run("ledger", "fsck", "--offline", "--folder", tmp_path / "log").exit_code == 0
    tile.write_bytes(tile.read_bytes()[:-1])
    torn = run("ledger", "fsck", "--offline", "--folder", tmp_path / "log")
    assert torn.exit_code == 1 and "tile/0/000 is not as the ledger has it" in torn.output


def test_what_has_ended_is_said_and_the_audit_is_written(run: Run, tmp_path: Path) -> None:
    said = run("ledger", "prune", "--dry-run")
    assert said.exit_code == 0 and "record, 30 years: 0 events" in said.output
    out = tmp_path / "audit.ndjson"
    assert run("audit", "export", "--format", "fhir", "--out", out).exit_code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    lines = out.read_text().splitlines()
    assert len(lines) > 20 and all(
        json.loads(line)["resourceType"] == "AuditEvent" for line in lines
    )
