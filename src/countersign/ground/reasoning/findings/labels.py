"""Takes further names of terms: a hospital's own file, or an ontology's terms."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from countersign.kit.errors import CountersignError

from .vocabulary import Extra

_TERM = re.compile(r"HP:\d{7}|local:[\w-]{1,80}")
_LONGEST = 120
_PLACEHOLDER = {"HP:0000001", "HP:0000118", "HP:0000005"}
"""The roots of the ontology are no findings."""


class BadLabels(CountersignError):
    """The file of labels cannot be read."""

    code = "findings.labels"
    status = 422
    message = (
        "This file of labels cannot be read. Give a CSV file in UTF-8, plain or .gz, with the"
        " columns hpo_id and zh, en or both."
    )


def labels_from(file: Path) -> list[Extra]:
    """Labels of a CSV file with ``hpo_id`` and ``zh``, ``en`` or both; several after ``;``.

    Rows without a valid term or with a label of more than 120 signs are passed over.
    """
    try:
        content = file.read_bytes()
        text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as why:
        raise BadLabels from why
    if not rows or "hpo_id" not in rows[0] or not {"zh", "en"} & set(rows[0]):
        raise BadLabels
    return list(labels_of(_pairs(rows)))


def _pairs(rows: Iterable[dict[str, str]]) -> Iterator[tuple[str, str]]:
    for row in rows:
        for column in ("zh", "en"):
            for one in re.split("[;；]", row.get(column) or ""):
                yield row.get("hpo_id") or "", one


def labels_of(pairs: Iterable[tuple[str, str]]) -> Iterator[Extra]:
    """Extra labels from (term, label), as of an ontology; what is no finding is left out."""
    for term, label in pairs:
        named = label.strip()
        if (
            _TERM.fullmatch(term)
            and term not in _PLACEHOLDER
            and 1 < len(named) <= _LONGEST
            and named.replace("~", "") == named
        ):
            yield Extra(term, named)
