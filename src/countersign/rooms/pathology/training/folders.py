"""A folder of labelled fields, told apart into what is learnt from and what versions are compared
on. Whatever a field is made of goes to one side; the fields of one patient stay together."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from collections.abc import Iterator, Mapping, Set
from hashlib import sha256
from pathlib import Path
from typing import Literal, TextIO, cast

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


class TooFewPatients(BadLabels):
    code = "pathology.too_few_patients"
    message = (
        "Labelled fields of {found} patients can be learnt from, beside those of the frozen set, "
        "and at least {least} are needed. Label fields of more patients; docs/operate.md says how "
        "many each kind needs."
    )


class OneClass(BadLabels):
    code = "pathology.one_class"
    message = (
        "Nuclei of the tumour and others are both needed to learn from, and both in the frozen "
        "set: there are {learnt_tumour} and {learnt_other} to learn from, {frozen_tumour} and "
        "{frozen_other} in the frozen set. Label both in fields of more patients."
    )


def fields_of(source: Path) -> dict[str, str]:
    """What each field is, by its name, parted by colons: the SHA-256 (hex) over its files, that
    over what tables say of it, and that of whose it is. See ``unchanged``. Raises BadLabels."""
    said, patients = _said(source), _patients(source)
    found = {
        name: f"{sha256(b''.join(_hash(one) for one in _files(source, name))).hexdigest()}:"
        f"{sha256(json.dumps(sorted(said.get(name, []))).encode()).hexdigest()}:"
        f"{_owner_hash(patients.get(name, name))}"
        for name in sorted(one.stem for one in (source / "images").glob("*") if one.is_file())
    }
    if len(found) < LEAST:
        patients = len(set(_patients(source).values()))
        raise BadLabels(found=len(found), patients=patients, least=LEAST)
    return found


def unchanged(frozen: str, now: str) -> bool:
    """Whether a field is what was frozen, as ``fields_of`` says it of both. Sets that were frozen
    before tables counted hold the first hash alone, and then that decides."""
    parts = now.split(":")
    return frozen in (now, ":".join(parts[:2]), parts[0])


def files_hash(said: str) -> str:
    """The hash over a field's files alone, of what ``fields_of`` says of it."""
    return said.partition(":")[0]


def chosen(source: Path, fields: Mapping[str, str]) -> dict[str, str]:
    """Those to freeze: whole patients, by a hash of the patient's name and not by chance."""
    patients = _patients(source)
    of = {name: patients.get(name, name) for name in fields}
    every = sorted(set(of.values()), key=lambda one: sha256(one.encode()).digest())
    frozen = set(every[: max(1, len(every) // SHARE)])
    return {name: digest for name, digest in fields.items() if of[name] in frozen}


def learnable(source: Path, fields: Set[str], frozen: Mapping[str, str]) -> set[str]:
    """Those of ``fields`` that may be learnt from: of no patient of whom a field is frozen, be the
    field itself frozen, or there, or not. ``frozen`` is what ``fields_of`` said when it was."""
    patients, away = _patients(source), patients_of(source, frozen.keys())
    hashes = {one.split(":")[2] for one in frozen.values() if one.count(":") == 2}
    owners = {name: patients.get(name, name) for name in fields - frozen.keys()}
    return {
        name
        for name, owner in owners.items()
        if owner not in away and _owner_hash(owner) not in hashes
    }


def patients_of(source: Path, names: Set[str]) -> set[str]:
    """Whose these fields are; where patients are unknown each field is its own."""
    patients = _patients(source)
    return {patients.get(name, name) for name in names}


def scales(source: Path) -> dict[str, float]:
    """µm a pixel of those fields of which ``fields.csv`` says it: a set of several scanners has
    pictures of several scales."""
    said = {
        name: row[-1]
        for name, rows in _said(source).items()
        for row in rows
        if row[0] == "fields.csv" and row[-1]
    }
    return {name: float(mpp) for name, mpp in said.items()}


def tumour_nuclei(source: Path, names: Set[str]) -> tuple[int, int]:
    """How many nuclei of these fields are labelled as a tumour's, and how many as others."""
    said = _said(source)
    rows = [row for name in names for row in said.get(name, []) if row[0] == "nuclei.csv"]
    kinds = [row[-1] for row in rows if row[-1] and row[-1] != "untyped"]
    return kinds.count("tumour"), len(kinds) - kinds.count("tumour")


def part(source: Path, out: Path, names: Set[str]) -> None:
    """Writes a folder of the same layout with these fields alone: links, and shortened tables."""
    (out / "images").mkdir(parents=True, exist_ok=True)
    for kind in PICTURES:
        for file in sorted((source / kind).glob("*")):
            if _owner(kind, file) in names:
                (out / kind).mkdir(exist_ok=True)
                (out / kind / file.name).symlink_to(file.resolve())
    for table in TABLES:
        if (source / table).is_file():
            _shortened(source / table, out / table, names)
    if (source / "set.json").is_file():
        shutil.copyfile(source / "set.json", out / "set.json")


def _owner_hash(patient: str) -> str:
    return sha256(f"patient {patient}".encode()).hexdigest()


def _shortened(table: Path, out: Path, names: Set[str]) -> None:
    with (
        _opened(table, "rt", "utf-8-sig") as source,
        _opened(out, "wt", "utf-8") as target,
    ):
        rows = csv.DictReader(source)
        writer = csv.DictWriter(target, rows.fieldnames or ["field"])
        writer.writeheader()
        writer.writerows(row for row in rows if row.get("field") in names)


def _opened(table: Path, mode: Literal["rt", "wt"], encoding: str) -> TextIO:
    opening = gzip.open if table.suffix == ".gz" else open
    return cast("TextIO", opening(table, mode, encoding=encoding, newline=""))


def _patients(source: Path) -> dict[str, str]:
    """The patient of each field, of the first table that says it."""
    for table in ("patients.csv", "fields.csv"):
        if (source / table).is_file():
            with (source / table).open(encoding="utf-8-sig", newline="") as opened:
                rows = [row for row in csv.DictReader(opened) if row.get("patient")]
            if rows:
                return {row["field"]: row["patient"] for row in rows}
    return {}


def _said(source: Path) -> dict[str, list[list[str]]]:
    """What is told of each field: its nuclei, in any order, its grade and the size of its pixels;
    for each a list of texts."""
    plain = (source / "nuclei.csv").is_file()
    tables = {
        "nuclei.csv" if plain else "nuclei.csv.gz": ("x", "y", "type"),
        "fields.csv": ("grade", "mpp"),
    }
    found: dict[str, list[list[str]]] = {}
    for table, columns in tables.items():
        if (source / table).is_file():
            with _opened(source / table, "rt", "utf-8-sig") as opened:
                for row in csv.DictReader(opened):
                    told = [table.removesuffix(".gz"), *(row.get(one) or "" for one in columns)]
                    found.setdefault(row.get("field") or "", []).append(told)
    return found


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
