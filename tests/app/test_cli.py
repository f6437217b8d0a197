"""The command line as an administrator types it, in processes of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from furnished import Furnished


def _type(
    furnished: Furnished, *words: str, **settings: object
) -> subprocess.CompletedProcess[str]:
    command = furnished.command(*words, **settings)
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)


def test_doctor_finds_nothing_wrong(furnished: Furnished) -> None:
    done = _type(furnished, "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    for looked_at in ("Data folder", "Keys", "PostgreSQL", "pgvector", "Schema", "Database roles"):
        assert f"✓ {looked_at}" in done.stdout


def test_doctor_says_what_to_do(furnished: Furnished, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o755)
    done = _type(
        furnished, "doctor", HOME=tmp_path, HOST="0.0.0.0",  # noqa: S104 - what it warns of
        DATABASE=f"postgresql:///none?host={tmp_path}",
    )  # fmt: skip
    assert done.returncode == 1
    assert "✗ Keys" in done.stdout and "chmod 700" in done.stdout
    assert "✗ PostgreSQL" in done.stdout and "COUNTERSIGN_DATABASE" in done.stdout
    assert "✗ Sign-in over TLS" in done.stdout and "COUNTERSIGN_SECURE_COOKIES" in done.stdout
    assert "Traceback" not in done.stderr


def test_migrate_is_safe_to_repeat(furnished: Furnished) -> None:
    before = furnished.rows("select count(*) as n from chart.version")
    done = _type(furnished, "migrate")
    assert done.returncode == 0, done.stderr
    assert "up to date" in done.stdout
    assert furnished.rows("select count(*) as n from chart.version") == before


def test_the_ledger_is_verified_and_agrees_with_a_checkpoint_kept_elsewhere(
    furnished: Furnished, tmp_path: Path
) -> None:
    kept = _type(furnished, "ledger", "checkpoint")
    assert kept.returncode == 0, kept.stderr
    note, _, key = kept.stdout.rpartition("\n\n")
    assert key.startswith("countersign.local/ledger+")
    file = tmp_path / "checkpoint.txt"
    file.write_text(note + "\n", encoding="utf-8")
    done = _type(furnished, "ledger", "verify", "--checkpoint", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    origin, size, root, *rest = note.split("\n")
    file.write_text("\n".join([origin, str(int(size) - 1), root, *rest]) + "\n", encoding="utf-8")
    done = _type(furnished, "ledger", "verify", "--checkpoint", str(file))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_import_reads_a_bundle_and_reads_it_only_once(furnished: Furnished, tmp_path: Path) -> None:
    patient = str(uuid4())
    bundle = tmp_path / "one.json"
    bundle.write_text(json.dumps(_bundle(patient)), encoding="utf-8")
    done = _type(furnished, "import", "fhir", str(bundle), "--department", "urology")
    assert done.returncode == 0, done.stderr
    assert "1 files, 2 resources, 0 unchanged" in done.stdout
    known = furnished.rows("select departments from chart.patient where patient = %s", patient)
    assert known == [{"departments": ["urology"]}]
    again = _type(furnished, "import", "fhir", str(bundle), "--department", "urology")
    assert "2 unchanged" in again.stdout


@pytest.mark.parametrize(
    "content", ['{"resourceType": "Bundle", "type": "transaction", "entry": [{"resource"', "[[[["]
)
def test_import_refuses_a_broken_file_and_says_which(
    furnished: Furnished, tmp_path: Path, content: str
) -> None:
    (tmp_path / "broken.json").write_text(content, encoding="utf-8")
    done = _type(furnished, "import", "fhir", str(tmp_path))
    assert done.returncode == 1
    assert "refused broken.json" in done.stderr
    assert done.stderr.rstrip().endswith("]"), "no code"
    assert "Traceback" not in done.stderr


def test_an_app_is_registered_and_a_wrong_one_is_refused(furnished: Furnished) -> None:
    scope = ("--scope", "patient/*.rs launch/patient")
    given = ("add", "app", "Growth chart", "--kind", "public", *scope)
    done = _type(furnished, *given, "--redirect", "https://growth.example/app", "--id", "growth")
    assert (done.returncode, done.stdout) == (0, "growth\n"), done.stderr
    row = furnished.rows("select kind, redirect_uris from identity.app where id = 'growth'")[0]
    assert row == {"kind": "public", "redirect_uris": ["https://growth.example/app"]}
    wrong = _type(furnished, *given, "--redirect", "http://growth.example/app")
    assert wrong.returncode == 1 and "identity.bad_value" in wrong.stderr
    assert "redirect_uris" in wrong.stderr


@pytest.mark.parametrize(
    ("words", "settings", "code"),
    [
        (("run",), {"PORT": "none"}, "settings.bad"),
        (("migrate",), {"LANGUAGE": "fr"}, "settings.bad"),
        (
            ("ledger", "verify"),
            {"DATABASE": "postgresql:///x?host=/nowhere"},
            "database.unavailable",
        ),
        (("migrate",), {"DATABASE": "postgresql:///x?host=/nowhere"}, "database.unavailable"),
    ],
)
def test_every_error_is_a_sentence_with_a_code(
    furnished: Furnished, words: tuple[str, ...], settings: dict[str, str], code: str
) -> None:
    done = _type(furnished, *words, **settings)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"[{code}]" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr, done.stderr


def _bundle(patient: str) -> dict[str, object]:
    resources = [
        {"resourceType": "Patient", "id": patient, "name": [{"text": "From a file"}]},
        {
            "resourceType": "Condition",
            "id": str(uuid4()),
            "code": {"text": "Nephrolithiasis"},
            "subject": {"reference": f"urn:uuid:{patient}"},
        },
    ]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": f"urn:uuid:{one['id']}",
                "resource": one,
                "request": {"method": "POST", "url": one["resourceType"]},
            }
            for one in resources
        ],
    }
