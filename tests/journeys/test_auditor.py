"""An auditor finds who did what, exports it, and an outsider verifies it without the house."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from furnished import Furnished
from journeys.conftest import Enter
from journeys.drafts import waiting
from journeys.person import Person

pytestmark = pytest.mark.browser

PHYSICIAN = "周演清"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_auditor_finds_steps_and_a_stranger_verifies_them(
    entering: Enter, furnished: Furnished, tmp_path: Path, language: str
) -> None:
    # Given a physician who has read a chart
    patient = waiting(furnished).patient
    with entering("physician", language) as doctor:
        doctor.open(f"/charts/{patient}")
    with entering("auditor", language) as auditor:
        # When steps are searched by patient, by person and by kind
        auditor.open("/audit")
        _search(auditor, "patient", patient)
        _search(auditor, "person", PHYSICIAN)
        _search(auditor, "kind", auditor.say("查看病历", "Chart viewed"))
        # Then only such steps are listed
        rows = auditor.main.locator("tbody tr")
        assert rows.count() >= 1
        for text in rows.all_inner_texts():
            assert PHYSICIAN in text and patient[:13] in text
            assert auditor.say("查看病历", "Chart viewed") in text
        # And each has its proof
        auditor.follow(rows.first.locator("a").first)
        auditor.reads("chart-viewed", "countersign.local/ledger")
        key = auditor.main.locator("pre").nth(1).inner_text()
        # When they are exported as a case bundle
        auditor.page.go_back()
        with auditor.page.expect_download() as download:
            auditor.button("将这些步骤导出为凭据包", "Export these steps as a case bundle").click()
        bundle = tmp_path / "case.zip"
        download.value.save_as(bundle)
        # And the whole ledger stands the check
        auditor.open("/audit/verify")
        assert auditor.main.locator(".notice-good").is_visible()
    # Then a stranger with the verifier of the bundle and the key finds it genuine
    with zipfile.ZipFile(bundle) as archive:
        verifier = archive.read("verifier.py")
        assert b"chart-viewed" in archive.read("events.jsonl")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "verifier.py").write_bytes(verifier)
    assert _verifies(tmp_path / "elsewhere", bundle, key)
    # And a copy in which another person is named, or one made under another key, is not
    assert not _verifies(tmp_path / "elsewhere", _tampered(bundle), key)
    assert not _verifies(tmp_path / "elsewhere", bundle, key[:-8] + "AAAAAAA=")


def _search(auditor: Person, name: str, value: str) -> None:
    field = auditor.page.locator(f"main form[method=get] [name={name}]")
    if name == "patient":
        field.fill(value)
    else:
        label = field.locator("option", has_text=value).first.inner_text()
        field.select_option(label=label)
    auditor.follow(auditor.button("检索", "Search"))


def _verifies(folder: Path, bundle: Path, key: str) -> bool:
    command = [sys.executable, "-I", "verifier.py", str(bundle), "--key", key.strip()]
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode == 0


def _tampered(bundle: Path) -> Path:
    copy = bundle.with_name("tampered.zip")
    with zipfile.ZipFile(bundle) as before, zipfile.ZipFile(copy, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "events.jsonl":
                content = content.replace(b"demo-physician", b"demo-somebody!")
                assert content != before.read(name)
            after.writestr(name, content)
    return copy
