"""Compares our conversion of HL7 v2 messages with the expected ones, field by field."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.measured import Unmeasurable
from benchmarks.shared import FOLDER
from countersign.doors.hl7v2.judging import judge
from countersign.doors.hl7v2.mapping import Context, mapped

ARCHIVE = "clinical/hl7v2_to_fhir.tar.gz"
TYPES = (
    "Patient", "Encounter", "Observation", "DiagnosticReport", "ServiceRequest",
    "AllergyIntolerance", "Condition", "Coverage", "RelatedPerson", "DocumentReference",
    "MedicationRequest", "Appointment",
)  # fmt: skip
"""What the chart is given; of everything else the expected bundles hold, nothing is made."""

ZONE = ZoneInfo("UTC")
_BASES = re.compile(
    r"http://example\.com/v2-to-fhir-converter/[A-Za-z]+/|urn:countersign:hl7v2:(?:code:)?|urn:id:"
)
Leaf = tuple[str, str]


@dataclass
class Compared:
    """``reasons`` counts the fields that differ, by why; ``unexplained`` names the others."""

    conversions: int = 0
    refused: int = 0
    resources: int = 0
    fields: int = 0
    equal: int = 0
    reasons: Counter[str] = field(default_factory=Counter[str])
    unexplained: Counter[str] = field(default_factory=Counter[str])
    other_types: int = 0


def compare(data: Path | None) -> Compared:
    """Every message with an expected bundle. Raises Unmeasurable without the data."""
    file = (data or FOLDER) / ARCHIVE
    if not file.is_file():
        raise Unmeasurable(f"There is no {ARCHIVE}. Give DATA= the folder of development data.")
    messages, expected = _read(file)
    found = Compared()
    for name, bundle in sorted(expected.items()):
        if name in messages:
            _conversion(found, messages[name], bundle)
    return found


def _read(file: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    messages: dict[str, bytes] = {}
    expected: dict[str, Any] = {}
    with tarfile.open(fileobj=io.BytesIO(file.read_bytes())) as archive:
        for member in archive.getmembers():
            opened = archive.extractfile(member)
            if opened is None:
                continue
            path = Path(member.name)
            if path.suffix == ".hl7":
                messages[path.stem] = opened.read()
            elif path.suffix == ".json":
                expected[path.stem] = json.loads(opened.read(), parse_float=Decimal)
    return messages, expected


def ours(raw: bytes) -> dict[str, list[Any]] | None:
    """Our resources by type; None for a message that is refused."""
    judged = judge(raw, tests=True)
    if judged.message is None or judged.verdict != "AA":
        return None
    context = Context("patient", _name, ZONE)
    made = mapped(judged.message, context)
    patient = {"resourceType": "Patient", "id": "patient", **made.patient}
    resources = [patient, *([made.encounter] if made.encounter else []), *made.entries]
    found: dict[str, list[Any]] = {}
    for one in resources:
        found.setdefault(one["resourceType"], []).append(one)
    return found


def _name(kind: str, name: str) -> str:
    return hashlib.sha256(f"{kind}|{name}".encode()).hexdigest()[:32]


def _conversion(found: Compared, raw: bytes, bundle: Any) -> None:
    made = ours(raw)
    if made is None:
        found.refused += 1
        return
    found.conversions += 1
    wanted: dict[str, list[Any]] = {}
    for entry in bundle["entry"]:
        one = entry["resource"]
        if one["resourceType"] in TYPES:
            wanted.setdefault(one["resourceType"], []).append(one)
        else:
            found.other_types += 1
    for kind in TYPES:
        rest = [Counter(leaves(one)) for one in made.get(kind, [])]
        for one in wanted.get(kind, []):
            _resource(found, kind, one, rest)


def _resource(found: Compared, kind: str, one: Any, rest: list[Counter[Leaf]]) -> None:
    """Beside the one of ours that shares most with it; each of ours is used once."""
    found.resources += 1
    expected = list(leaves(one))
    here = max(rest, key=lambda other: sum((other & Counter(expected)).values()), default=None)
    if here is not None:
        rest.remove(here)
    left = Counter(here or {})
    missing: list[Leaf] = []
    for leaf in expected:
        found.fields += 1
        if left[leaf]:
            left[leaf] -= 1
            found.equal += 1
        else:
            missing.append(leaf)
    values = {(path, plain(value)) for path, value in left if left[path, value]}
    present = {path for path, value in left if left[path, value]}
    for path, value in missing:
        why = _why(kind, path, value, here is None, values, present)
        if why is None:
            found.unexplained[f"{kind}.{path}"] += 1
        else:
            found.reasons[why] += 1


def leaves(value: Any, path: str = "") -> Iterator[Leaf]:
    """Every value with the names that lead to it; no places in lists, no narrative, no ids."""
    if isinstance(value, dict):
        for name, item in value.items():
            if path or name not in ("id", "resourceType", "text"):
                yield from leaves(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, path)
    else:
        yield path, normal(path, value)


def normal(path: str, value: Any) -> str:
    """Moments as moments, numbers as numbers, references by their type alone."""
    text = str(value)
    if path.endswith(".reference"):
        return text.partition("/")[0]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(Decimal(value).normalize())
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", text):
        try:
            return datetime.fromisoformat(text).astimezone(ZONE).isoformat()
        except ValueError:
            return text
    try:
        return str(Decimal(text).normalize()) if re.fullmatch(r"\d+\.\d+", text) else text.strip()
    except InvalidOperation:
        return text


def plain(text: str) -> str:
    """Without the base of local systems, and letters alone."""
    return re.sub(r"[^a-z0-9\u4e00-\u9fff]", "", _BASES.sub("", text).lower())


NAMED = "persons, organisations, places and devices are named in the entry, not made resources"
RULES: tuple[tuple[str, str], ...] = (
    (r"\.extension(\.|$)|^\w+\.extension", "an extension of the converter or of a guide"),
    (r"\.reference$", NAMED),
    (r"\.display$", "a display text that the converter's own tables add"),
    (r"\.meta\.", "security and tags: labels are the hospital's own rules (decision 0044)"),
    (r"\.(assigner|managingOrganization|generalPractitioner|serviceProvider)\b", NAMED),
    (r"\.identifier\.(system|value|type\..*|period\..*|use)$",
     "further identifiers (SSN, accounts, licences, the guarantor's) are not the patient's here"),
)  # fmt: skip


def _why(
    kind: str,
    path: str,
    value: str,
    alone: bool,
    values: set[Leaf],
    present: set[str],
) -> str | None:
    from benchmarks.hl7v2_reasons import ELEMENTS, SPLIT

    full = f"{kind}.{path}"
    if alone:
        return SPLIT.get(kind)
    if (path, plain(value)) in values:
        return "the same with another base of local systems, letter case or punctuation"
    for pattern, why in RULES:
        if re.search(pattern, full):
            return why
    for pattern, why in ELEMENTS:
        if re.match(pattern, full):
            return why
    del present
    return None
