"""A real ``countersign run`` whose wrapping keys lie in a token, which SoftHSM stands for."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import httpx

from benchmarks.installation import free_port, serving
from benchmarks.killed_load import bundle
from ground.vault.test_pkcs11 import LIBRARIES, PIN

PATIENT = "4b1f2a52-50b7-4f0e-9d6e-2f1f64b7a002"


def token(folder: Path) -> dict[str, str]:
    """The variables that lead to a fresh token."""
    library = next((one for one in LIBRARIES if Path(one).is_file()), None)
    assert library is not None, "install softhsm2"
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    (folder / "pin").write_text(PIN)
    (folder / "pin").chmod(0o600)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "countersign",
         "--so-pin", "12345678", "--pin", PIN],
        env={"PATH": os.defpath, "SOFTHSM2_CONF": str(configuration)},
        check=True, capture_output=True,
    )  # fmt: skip
    return {
        "SOFTHSM2_CONF": str(configuration),
        "COUNTERSIGN_KEY_PROVIDER": "pkcs11",
        "COUNTERSIGN_PKCS11_LIBRARY": library,
        "COUNTERSIGN_PKCS11_TOKEN": "countersign",
        "COUNTERSIGN_PKCS11_PIN_FILE": str(folder / "pin"),
    }


def test_charts_come_in_and_are_read_with_keys_of_a_token(tmp_path: Path) -> None:
    environment = {
        "PATH": os.defpath,
        **token(tmp_path),
        "COUNTERSIGN_HOME": str(tmp_path / "home"),
        "COUNTERSIGN_PORT": str(free_port()),
        "COUNTERSIGN_DEMONSTRATION": "no",
        "COUNTERSIGN_WEB_PROCESSES": "1",
    }
    with serving(environment) as house:
        scopes = ("--scope", "system/*.read", "--scope", "system/*.write")
        house.command("add", "department", "medicine", "--en", "Medicine", "--zh", "内科")
        issued = house.command("add", "client", "laboratory", *scopes, "--department", "medicine")
        bearer = {"authorization": f"Bearer {issued.split()[-1]}", "accept": "application/json"}
        with httpx.Client(base_url=f"http://127.0.0.1:{house.port}", timeout=60) as client:
            sent = client.post("/fhir/", json=bundle(PATIENT), headers=bearer)
            assert sent.status_code == 200, sent.text
            found = sent.json()["entry"][1]["response"]["location"].partition("/_history")[0]
            path = f"/fhir/{found.partition('/fhir/')[2] or found}"
            assert "Potassium" in client.get(path, headers=bearer).text
    names = {file.name for file in (tmp_path / "home" / "keys").iterdir()}
    assert not any(name.startswith("wrapping") or name == "index.key" for name in names), names
