"""The device is tried before it is trusted, and what it is stands in the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from countersign.app.cli import main
from countersign.app.doctor import _device, _try
from countersign.app.settings import BadSetting, Settings, from_environment
from countersign.app.signing import second_signer
from countersign.ground.ledger import SM2, CommandEngine
from ground.ledger.device import new_key


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine starts processes slowly; what takes too long is another test's matter."""
    made = CommandEngine.__init__

    def init(self: CommandEngine, command: tuple[str, ...], *more: object) -> None:
        made(self, command, SM2, 60)

    monkeypatch.setattr(CommandEngine, "__init__", init)


def test_the_command_prints_the_setting_that_it_then_takes(tmp_path: Path) -> None:
    command = " ".join(new_key(tmp_path))
    home = {"COUNTERSIGN_HOME": str(tmp_path), "COUNTERSIGN_SIGNER_COMMAND": command}
    done = CliRunner().invoke(main, ["ledger", "signer"], env=home)
    assert done.exit_code == 0, done.output
    name, _, key = done.output.strip().partition("=")
    settings = from_environment({**home, name: key})
    second = second_signer(settings)
    assert second is not None and second.verifier.text == key
    assert _try("Device", lambda: _device(settings)).said.startswith("sm2-sm3, key ")
    other = from_environment(
        {**home, name: key, "COUNTERSIGN_SIGNER_COMMAND": " ".join(new_key(tmp_path, "other.pem"))}
    )
    check = _try("Device", lambda: _device(other))
    assert not check.good and "its key is another one" in check.said


def test_a_command_without_its_key_and_none_at_all_are_said(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="SIGNER_KEY"):
        second_signer(Settings(home=tmp_path, signer_command=("device",)))
    assert second_signer(Settings(home=tmp_path)) is None
    for command, code in (("", "settings.bad"), ("/nowhere/device", "ledger.device")):
        variables = {"COUNTERSIGN_HOME": str(tmp_path), "COUNTERSIGN_SIGNER_COMMAND": command}
        done = CliRunner().invoke(main, ["ledger", "signer"], env=variables)
        assert done.exit_code == 1 and f"[{code}]" in done.output, done.output
