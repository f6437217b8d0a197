"""Slides are kept as they came: the doctor says whether their volume is encrypted."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from countersign.app import doctor
from countersign.app.settings import Settings
from countersign.app.volumes import encrypted


def device(system: Path, name: str, uuid: str | None = None, *below: str) -> Path:
    made = system / name
    made.mkdir(parents=True)
    if uuid is not None:
        (made / "dm").mkdir()
        (made / "dm" / "uuid").write_text(uuid)
    if below:
        (made / "slaves").mkdir()
        for one in below:
            (made / "slaves" / one).symlink_to(system / one)
    return made


@pytest.fixture
def number(tmp_path: Path) -> str:
    found = tmp_path.stat().st_dev
    return f"{os.major(found)}:{os.minor(found)}"


@pytest.mark.parametrize(
    ("uuid", "below", "said"),
    [
        (None, (), False),
        ("CRYPT-LUKS2-abc", (), True),
        ("LVM-abc", ("crypt",), True),
        ("LVM-abc", ("plain",), False),
        ("LVM-abc", ("crypt", "plain"), False),
        ("LVM-abc", ("raid",), True),
        ("LVM-abc", (), False),
    ],
)
def test_what_lies_beneath_decides(
    tmp_path: Path, number: str, uuid: str | None, below: tuple[str, ...], said: bool
) -> None:
    system = tmp_path / "block"
    device(system, "plain")
    device(system, "crypt", "CRYPT-LUKS2-x")
    device(system, "raid", None, "crypt")
    device(system, number, uuid, *below)
    assert encrypted(tmp_path, system, tmp_path / "none") is said


def test_what_cannot_be_told_is_not_guessed(tmp_path: Path, number: str) -> None:
    system, mounts = tmp_path / "block", tmp_path / "mountinfo"
    assert encrypted(tmp_path, system, mounts) is None
    assert encrypted(tmp_path / "missing", system, mounts) is None
    mounts.write_text(f"36 35 {number} / /srv rw - btrfs /dev/null rw\n")
    null = Path("/dev/null").stat().st_rdev
    device(system, f"{os.major(null)}:{os.minor(null)}", "CRYPT-LUKS2-abc")
    assert encrypted(tmp_path, system, mounts) is True


def test_real_slides_on_a_plain_volume_are_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path, demonstration=False)
    for said, words in ((True, "encrypted"), (None, "cannot be told"), (False, "encrypted volume")):
        monkeypatch.setattr(doctor, "encrypted", lambda folder, said=said: said)
        assert words in doctor.slides_volume(settings)
    (settings.slides / "files" / "ab").mkdir(parents=True)
    with pytest.raises(doctor.Bad, match="encrypted volume"):
        doctor.slides_volume(settings)
    assert "encrypted volume" in doctor.slides_volume(replace(settings, demonstration=True))
