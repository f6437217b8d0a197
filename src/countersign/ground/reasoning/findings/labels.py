"""Takes further names of terms: a hospital's own file, or an ontology's terms."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from countersign.kit.errors import CountersignError

from .shelf import rows
from .vocabulary import Extra

_TERM = re.compile(r"HP:\d{7}|local:[\w-]{1,80}")
_LONGEST = 120


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
        found = list(csv.DictReader(io.StringIO(text)))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as why:
        raise BadLabels from why
    if not found or "hpo_id" not in found[0] or not {"zh", "en"} & set(found[0]):
        raise BadLabels
    return list(labels_of(_pairs(found)))


def _pairs(lines: Iterable[dict[str, str]]) -> Iterator[tuple[str, str]]:
    for row in lines:
        for column in ("zh", "en"):
            for one in re.split("[;；]", row.get(column) or ""):
                yield row.get("hpo_id") or "", one


def labels_of(pairs: Iterable[tuple[str, str]]) -> Iterator[Extra]:
    """Extra labels from (term, label), as of an ontology.

    What is no finding is left out: how severe, how often, since when, how inherited.
    """
    modifiers = {term for term, _ in rows("modifiers")}
    for term, label in pairs:
        named = label.strip()
        if (
            _TERM.fullmatch(term)
            and term not in modifiers
            and 1 < len(named) <= _LONGEST
            and named.replace("~", "") == named
        ):
            yield Extra(term, named)
