"""The administrator stops AI for the whole house, and later lets it run again."""

from __future__ import annotations

import json
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import httpx
import pytest
from playwright.sync_api import expect

from furnished import Furnished
from journeys.conftest import Enter
from journeys.drafts import waiting
from journeys.person import Person

pytestmark = pytest.mark.browser

REASON = "Doubtful potassium values since noon"
AGAIN = "The analyser was calibrated anew"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_stop_ai_holds_everywhere_until_somebody_says_why_it_may_run(
    entering: Enter, furnished: Furnished, base: str, tmp_path: Path, language: str
) -> None:
    draft = waiting(furnished)
    with entering("physician", language) as doctor, entering("administrator", language) as admin:
        # Given a physician with the inbox open
        doctor.open("/inbox")
        assert doctor.main.locator("tbody tr").count() > 0
        # When the administrator presses Stop AI
        admin.open("/administration/ai")
        admin.page.fill("[name=reason]", REASON)
        admin.follow(admin.button("立即停用 AI", "Stop AI now"))
        pressed = time.monotonic()
        try:
            _stopped_everywhere(base, pressed)
            _withheld(doctor, draft.id, draft.patient)
            newcomer = _imported(furnished, tmp_path, f"{language}-{draft.id[:8]}")
            assert _drafts(furnished, newcomer) == 0
        finally:
            _resumed(admin)
        # Then what came in meanwhile is reviewed
        until = time.monotonic() + 60
        while not _drafts(furnished, newcomer) and time.monotonic() < until:
            time.sleep(0.3)
        assert _drafts(furnished, newcomer) >= 1
        doctor.open("/inbox")
        assert doctor.main.locator(f"a[href='/charts/{newcomer}']").count() >= 1


def _stopped_everywhere(base: str, pressed: float) -> None:
    """Within two seconds every connection, and so each web process, says so."""
    time.sleep(max(0.0, pressed + 2 - time.monotonic()))
    for _ in range(20):
        assert httpx.get(f"{base}/ai-state").json() == {"stopped": True}


def _withheld(doctor: Person, draft: str, patient: str) -> None:
    # The page that is open says so by itself
    expect(doctor.page.locator("[data-ai-stopped]")).to_be_visible()
    # The inbox withholds every draft
    doctor.open("/inbox")
    doctor.look("stopped")
    assert doctor.main.locator("tbody tr").count() == 0
    assert REASON in doctor.page.locator("[data-ai-stopped]").inner_text()
    # A draft does not open by its address, but the chart goes on without drafts
    doctor.open(f"/inbox/{draft}")
    assert doctor.page.locator("[data-problem]").is_visible()
    assert doctor.main.locator(".explanation").count() == 0
    doctor.open(f"/charts/{patient}")
    assert doctor.main.locator("section[aria-labelledby=results] tbody tr").count() >= 1
    assert doctor.main.locator(".answer-draft").count() == 0


def _imported(furnished: Furnished, folder: Path, name: str) -> str:
    """Imports somebody with a dangerous potassium; gives the id of the new patient."""
    file = folder / "newcomer.json"
    file.write_text(json.dumps(_bundle(name)), encoding="utf-8")
    done = subprocess.run(
        furnished.command("import", "fhir", str(file), "--department", "cardiology"),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return str(uuid5(NAMESPACE_URL, f"{name} patient"))


def _bundle(name: str) -> dict[str, object]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    person, result = (uuid5(NAMESPACE_URL, f"{name} {what}").urn for what in ("patient", "result"))
    patient = {
        "resourceType": "Patient",
        "gender": "female",
        "birthDate": "1961-05-04",
        "name": [{"text": f"Newcomer {name}"}],
        "identifier": [{"system": "urn:journey", "value": name}],
    }
    potassium = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}], "text": "Potassium"},
        "subject": {"reference": person},
        "effectiveDateTime": now,
        "valueQuantity": {
            "value": 7.1,
            "unit": "mmol/L",
            "system": "http://unitsofmeasure.org",
            "code": "mmol/L",
        },
    }
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": person,
                "resource": patient,
                "request": {"method": "POST", "url": "Patient"},
            },
            {
                "fullUrl": result,
                "resource": potassium,
                "request": {"method": "POST", "url": "Observation"},
            },
        ],
    }


def _drafts(furnished: Furnished, patient: str) -> int:
    query = "select count(*) as n from signoff.draft where patient = %s"
    return furnished.rows(query, patient)[0]["n"]


def _resumed(admin: Person) -> None:
    # Resuming without a reason is refused
    admin.open("/administration/ai")
    admin.look("stopped")
    reason = admin.page.locator("[name=reason]")
    reason.fill("   ")
    admin.follow(admin.button("恢复 AI", "Resume AI"))
    assert admin.page.locator("[data-error-summary]").is_visible()
    admin.look("refused")
    # With one it runs again
    reason.fill(AGAIN)
    admin.follow(admin.button("恢复 AI", "Resume AI"))
    admin.reads(AGAIN)
    assert admin.main.locator(".notice-good").is_visible()
