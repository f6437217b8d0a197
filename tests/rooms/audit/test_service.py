"""What an auditor finds, proves and takes away."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from building import PATIENT, Building
from countersign.ground.db import Database
from countersign.ground.identity import Principal, Purpose, Role
from countersign.ground.ledger import EventQuery, NothingKept, NotInLedger
from countersign.rooms.audit.service import Audit

AUDITOR = Principal("auditor", "A", "person", frozenset({Role.AUDITOR}), purpose=Purpose.OVERSIGHT)


@pytest.fixture
def building(database: Database, tmp_path: Path) -> Iterator[Building]:
    made = Building(database, tmp_path / "home")
    yield made
    made.close()


def desk(building: Building) -> Audit:
    return Audit(building.ledger, building.floor.chart.returned, building.floor.witnesses)


def test_every_step_of_a_draft_is_found_and_so_is_the_look(building: Building) -> None:
    audit, draft = desk(building), building.released().draft
    page, receipt = audit.search(AUDITOR, EventQuery(subject=f"draft:{draft}"))
    kinds = [event.kind for event in reversed(page.events)]
    assert kinds == ["draft-proposed", "draft-viewed", "draft-signed", "released"]
    again, _ = audit.search(AUDITOR, EventQuery(kinds=("audit-viewed",)))
    assert again.events[-1].index == receipt.index


def test_one_event_comes_with_a_proof_that_holds(building: Building) -> None:
    building.drafted()
    proof = desk(building).prove(AUDITOR, 0)
    assert proof.event.index == 0
    assert proof.checkpoint.size > 1
    assert proof.path
    with pytest.raises(NotInLedger):
        desk(building).prove(AUDITOR, 10_000)


def test_a_bundle_verifies_elsewhere_and_a_changed_one_does_not(
    building: Building, tmp_path: Path
) -> None:
    building.released()
    content, exported = desk(building).export(AUDITOR, EventQuery(patient=PATIENT))
    assert exported.events > 3
    bundle, verifier = tmp_path / "case.zip", tmp_path / "verifier.py"
    bundle.write_bytes(content)
    with zipfile.ZipFile(bundle) as archive:
        verifier.write_bytes(archive.read("verifier.py"))
        parts = {name: archive.read(name) for name in archive.namelist()}
    key = building.ledger.verifier_key

    def check(file: Path) -> int:
        command = [sys.executable, "-I", str(verifier), str(file), "--key", key]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert check(bundle) == 0
    parts["events.jsonl"] = parts["events.jsonl"].replace(b"accepted", b"rejected", 1)
    parts["events.jsonl"] = parts["events.jsonl"][:-40] + b"\n"
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(changed, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    assert check(changed) == 1


def test_the_whole_ledger_can_be_recomputed(building: Building) -> None:
    assert desk(building).verify().sound


def test_a_list_tells_of_one_patient_and_of_nobody_else(building: Building) -> None:
    audit, wang = desk(building), building.who("wang")
    listed = building.floor.chart.reader(wang).patients()
    assert [one.id for one in listed.patients] == [PATIENT]
    (event,) = building.events(kinds=("patients-listed",))
    found = audit.within(AUDITOR, event.index, PATIENT)
    (opening,) = found.openings
    assert found.holds and (opening.entry.type, opening.entry.version) == ("Patient", 1)
    assert audit.within(AUDITOR, event.index, "p2").openings == ()
    other = building.events(kinds=("policy-changed", "sign-in"))[0]
    with pytest.raises(NothingKept):
        audit.within(AUDITOR, other.index, PATIENT)
    assert len(building.events(kinds=("audit-viewed",))) == 3, "each look is recorded"
