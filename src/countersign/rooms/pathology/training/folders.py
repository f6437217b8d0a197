"""A folder of labelled fields, told apart into what is learnt from and what versions are compared
on. Whatever a field is made of goes to one side; the fields of one patient stay together."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections.abc import Iterator, Mapping, Set
from hashlib import sha256
from pathlib import Path

from countersign.kit.errors import CountersignError

PICTURES = ("images", "labels", "masks")
TABLES = ("nuclei.csv", "nuclei.csv.gz", "fields.csv", "patients.csv")
SHARE = 5
"""One patient (or field, where patients are unknown) in so many is frozen."""

LEAST = 5


class BadLabels(CountersignError):
    code = "pathology.bad_labels"
    status = 422
    message = (
        "The folder holds {found} labelled fields of {patients} patients, and at least {least} "
        "fields are needed. docs/operate.md says how it is laid out."
    )


def fields_of(source: Path) -> dict[str, str]:
    """The SHA-256 (hex) over the files of each field, by the field's name. Raises BadLabels."""
    found = {
        name: sha256(b"".join(_hash(one) for one in _files(source, name))).hexdigest()
        for name in sorted(one.stem for one in (source / "images").glob("*") if one.is_file())
    }
    if len(found) < LEAST:
        patients = len(set(_patients(source).values()))
        raise BadLabels(found=len(found), patients=patients, least=LEAST)
    return found


def chosen(source: Path, fields: Mapping[str, str]) -> dict[str, str]:
    """Those to freeze: whole patients, by a hash of the patient's name and not by chance."""
    patients = _patients(source)
    of = {name: patients.get(name, name) for name in fields}
    every = sorted(set(of.values()), key=lambda one: sha256(one.encode()).digest())
    frozen = set(every[: max(1, len(every) // SHARE)])
    return {name: digest for name, digest in fields.items() if of[name] in frozen}


def learnable(source: Path, fields: Set[str], frozen: Set[str]) -> set[str]:
    """Those of ``fields`` that may be learnt from: of no patient of whom a field is frozen, be the
    field itself frozen or not."""
    patients = _patients(source)
    away = {patients.get(name, name) for name in frozen}
    return {name for name in fields - frozen if patients.get(name, name) not in away}


def part(source: Path, out: Path, names: Set[str]) -> None:
    """Writes a folder of the same layout with these fields alone: links, and shortened tables."""
    for kind in PICTURES:
        for file in sorted((source / kind).glob("*")):
            if _owner(kind, file) in names:
                (out / kind).mkdir(parents=True, exist_ok=True)
                (out / kind / file.name).symlink_to(file.resolve())
    for table in TABLES:
        if (source / table).is_file():
            _shortened(source / table, out / table, names)
    if (source / "set.json").is_file():
        shutil.copyfile(source / "set.json", out / "set.json")


def _shortened(table: Path, out: Path, names: Set[str]) -> None:
    opening = gzip.open if table.suffix == ".gz" else open
    with (
        opening(table, "rt", encoding="utf-8-sig", newline="") as source,
        opening(out, "wt", encoding="utf-8", newline="") as target,
    ):
        rows = csv.DictReader(source)
        writer = csv.DictWriter(target, rows.fieldnames or ["field"])
        writer.writeheader()
        writer.writerows(row for row in rows if row.get("field") in names)


def _patients(source: Path) -> dict[str, str]:
    """The patient of each field, of the first table that says it."""
    for table in ("patients.csv", "fields.csv"):
        if (source / table).is_file():
            with (source / table).open(encoding="utf-8-sig", newline="") as opened:
                rows = [row for row in csv.DictReader(opened) if row.get("patient")]
            if rows:
                return {row["field"]: row["patient"] for row in rows}
    return {}


def _files(source: Path, name: str) -> Iterator[Path]:
    for kind in PICTURES:
        for file in sorted((source / kind).glob("*")):
            if _owner(kind, file) == name:
                yield file


def _owner(kind: str, file: Path) -> str:
    """The field that a file belongs to: labels carry what they are behind its name."""
    if kind != "labels":
        return file.stem
    return file.stem.removesuffix("_instances").removesuffix("_foreground")


def _hash(file: Path) -> bytes:
    return sha256(file.read_bytes()).digest()
