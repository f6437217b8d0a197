"""Files, folders and archives come in as a whole, with progress, and refusals stop nobody else."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from countersign.doors.fhir.files import UnreadablePath
from countersign.doors.fhir.importer import Report, import_fhir
from countersign.ground.chart import PatientFilter
from countersign.ground.db import Database
from countersign.ground.jobs import LocalPool
from countersign.ground.ledger import EventKind
from countersign.kit.json import JSON, encode
from ground.chart.hospital import Hospital, encounter, observation, patient, physician, transaction

T = TypeVar("T")
R = TypeVar("R")
MIB = 1024 * 1024


class Here:
    """Computes in this process."""

    def map(self, function: Callable[[T], R], items: Iterable[T], chunk: int = 1) -> Iterator[R]:
        return map(function, items)

    def alone(self, function: Callable[[T], R], item: T) -> R:
        return function(item)


@pytest.fixture
def hospital(database: Database, tmp_path: Path) -> Iterator[Hospital]:
    one = Hospital(database, tmp_path / "keys")
    yield one
    one.ledger.close()


def run(hospital: Hospital, path: Path, **options: Any) -> Report:
    return import_fhir(path, hospital.chart, Here(), **options)


def bundles() -> dict[str, bytes]:
    """p1 and p2 with a result each; b.json needs what z.json brings; one is broken."""
    ward: JSON = {"resourceType": "Location", "id": "w", "name": "Ward"}
    p2 = encounter("e2", "Patient/p2", location=[{"location": {"reference": "Location/w"}}])
    return {
        "a.json": encode(transaction(patient("p1"), observation("o1", "Patient/p1"))),
        "b.json": encode(transaction(patient("p2"), p2)),
        "broken.json": b'{"resourceType": "Bundle"',
        "invalid.json": encode(transaction(patient("p3", gender=1))),
        "z.json": encode(ward),
        "notes.txt": b"not FHIR",
        "._a.json": b"left by another system",
    }


def as_folder(path: Path, files: dict[str, bytes]) -> Path:
    (path / "in" / "deep").mkdir(parents=True)
    for name, raw in files.items():
        (path / "in" / "deep" / name).write_bytes(raw)
    return path / "in"


def as_tar(path: Path, files: dict[str, bytes], mode: str = "w:gz") -> Path:
    name = path / f"in.tar.{mode.partition(':')[2]}"
    with tarfile.open(name, mode) as archive:  # pyright: ignore[reportArgumentType,reportCallIssue]
        for one, raw in files.items():
            info = tarfile.TarInfo(f"../deep/{one}")
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return name


def as_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path / "in.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for one, raw in files.items():
            archive.writestr(f"deep/{one}", raw)
    return path / "in.zip"


@pytest.mark.parametrize(
    "packed",
    [as_folder, as_tar, lambda path, files: as_tar(path, files, "w:xz"), as_zip],
    ids=["folder", "tar.gz", "tar.xz", "zip"],
)
def test_everything_right_comes_in_and_everything_wrong_is_named(
    hospital: Hospital, tmp_path: Path, packed: Callable[[Path, dict[str, bytes]], Path]
) -> None:
    heard: list[tuple[int, int | None, str]] = []
    path = packed(tmp_path, bundles())
    report = run(
        hospital, path, departments=("cardiology",), progress=lambda *said: heard.append(said)
    )
    assert (report.files, report.resources, report.unchanged) == (5, 5, 0)
    refused = {name.rpartition("/")[2]: refusal.code for name, refusal in report.refused}
    assert refused == {"broken.json": "json.malformed", "invalid.json": "chart.invalid"}
    assert [done for done, _, _ in heard] == [1, 2, 3, 4, 5] and {
        total for _, total, _ in heard
    } == {5}
    li = hospital.chart.reader(physician("li", "cardiology"))
    assert sorted(one.id for one in li.patients(PatientFilter()).patients) == ["p1", "p2"]
    assert len(hospital.events(EventKind.CHART_RECEIVED)) == 3
    again = run(hospital, path, departments=("cardiology",))
    assert (again.resources, again.unchanged, len(again.refused)) == (0, 5, 2)


def test_a_single_file_and_a_single_resource(hospital: Hospital, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_bytes(encode(patient()))
    assert run(hospital, tmp_path / "one.json").resources == 1


def test_what_never_arrives_is_refused_at_the_end(hospital: Hospital, tmp_path: Path) -> None:
    files = {
        "a.json": encode(transaction(patient("p1"))),
        "b.json": encode(transaction(observation("o1", "Patient/p9"))),
        "c.json": encode(transaction(observation("o2", "Patient/p1"))),
    }
    report = run(hospital, as_folder(tmp_path, files))
    assert report.resources == 2 and report.files == 3
    ((name, refusal),) = report.refused
    assert name.endswith("b.json") and refusal.code == "chart.missing_reference"
    assert "Patient/p9" in refusal.sentence


def test_conditions_are_looked_up(hospital: Hospital, tmp_path: Path) -> None:
    doctor = {
        "resourceType": "Practitioner",
        "id": "li",
        "identifier": [{"system": "urn:npi", "value": "7"}],
    }
    visit = encounter(
        participant=[{"individual": {"reference": "Practitioner?identifier=urn:npi|7"}}]
    )
    files = {
        "a.json": encode(transaction(patient(), visit)),
        "practitionerInformation1.json": encode(transaction(doctor)),
    }
    assert run(hospital, as_folder(tmp_path, files)).resources == 3
    written = hospital.reader.read("Encounter", "e1").resource
    assert written["participant"][0]["individual"]["reference"] == "Practitioner/li"


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("x.json.gz", b"x"),
        ("x.tar.gz", b"not an archive"),
        ("x.zip", b"not an archive"),
        ("x.ndjson", b"{}\n{}"),
        ("missing.json", None),
    ],
)
def test_what_is_no_archive_is_refused(
    hospital: Hospital, tmp_path: Path, name: str, raw: bytes | None
) -> None:
    if raw is not None:
        (tmp_path / name).write_bytes(raw)
    with pytest.raises(UnreadablePath, match="folder of such files"):
        run(hospital, tmp_path / name)


def test_an_archive_that_breaks_off_says_so(hospital: Hospital, tmp_path: Path) -> None:
    path = as_tar(tmp_path, {"a.json": encode(patient()), "b.json": bytes(range(256)) * 400})
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnreadablePath):
        run(hospital, path)


def test_the_workers_of_the_product_do_the_same(hospital: Hospital, tmp_path: Path) -> None:
    pool = LocalPool(1)
    try:
        report = import_fhir(as_tar(tmp_path, bundles()), hospital.chart, pool)
    finally:
        pool.close()
    assert (report.files, report.resources, len(report.refused)) == (5, 5, 2)


PEAK = """
import json, sys
from pathlib import Path
from countersign.doors.fhir import files
from countersign.doors.fhir.importer import _Task, prepared
from countersign.ground.chart import Limits

said = [prepared(_Task(one, Limits())).result for one in files.found(Path(sys.argv[1]), Limits())]
# What getrusage gives would begin with the peak of the process that started this one.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
peak = int(status["VmHWM"].split()[0]) // 1024
print(json.dumps([[one.code for one in said], peak]))
"""


@pytest.mark.parametrize("packed", ["json", "tar.gz", "zip"])
def test_two_hundred_megabytes_are_refused_within_bounded_memory(
    tmp_path: Path, packed: str
) -> None:
    file = tmp_path / "big.json"
    with file.open("wb") as out:
        out.write(b'{"resourceType":"Bundle","type":"transaction","entry":[')
        for _ in range(200):
            out.write(b'{"x":"' + b"y" * (MIB - 9) + b'"},')
        out.write(b"{}]}")
    if packed == "tar.gz":
        with tarfile.open(tmp_path / "big.tar.gz", "w:gz", compresslevel=1) as archive:
            archive.add(file, "big.json")
        file = tmp_path / "big.tar.gz"
    elif packed == "zip":
        with zipfile.ZipFile(tmp_path / "big.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
            z.write(file, "big.json")
        file = tmp_path / "big.zip"
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(file)], capture_output=True, text=True, check=True
    )
    codes, peak = json.loads(done.stdout)
    assert codes == ["chart.too_large"] and peak < 300, f"{peak} MiB"


@pytest.mark.shared
def test_a_bundle_of_the_development_data(hospital: Hospital, shared: Path, tmp_path: Path) -> None:
    """One whole Synthea patient: every resource comes in, is found, and nothing is left open."""
    with tarfile.open(shared / "clinical" / "synthea_r4.tar.gz") as archive:
        member = min(archive.getmembers(), key=lambda one: one.size)
        raw = archive.extractfile(member)
        assert raw is not None
        (tmp_path / "one.json").write_bytes(raw.read())
    entries = json.loads((tmp_path / "one.json").read_bytes())["entry"]
    report = run(hospital, tmp_path / "one.json", departments=("cardiology",))
    assert (report.resources, report.refused) == (len(entries), [])
    person = next(
        one["resource"] for one in entries if one["resource"]["resourceType"] == "Patient"
    )
    chart = hospital.reader.open(person["id"])
    house = ("Organization", "Practitioner")
    mine = [one for one in entries if one["resource"]["resourceType"] not in house]
    assert len(chart.versions) == len(mine)
    assert not any(b"urn:uuid:" in one.raw for one in chart.versions)
    assert chart.summary.birth_date == person["birthDate"]
