"""Turns sealed rows into versions and summaries."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from countersign.ground.vault import HOUSE, Sealed, Unreadable, Vault

from . import summary
from .summary import PatientSummary
from .version import Version, context


def opened(vault: Vault, rows: Sequence[dict[str, Any]]) -> list[Version]:
    """The versions of rows of chart.version; raises Unreadable for one that was tampered with."""
    vault.prefetch({row["patient"] or HOUSE for row in rows})
    return [_version(vault, row) for row in rows]


def summaries(vault: Vault, rows: Sequence[dict[str, Any]]) -> list[PatientSummary]:
    """The summaries of rows of chart.patient that have one."""
    vault.prefetch({row["patient"] for row in rows})
    return [
        summary.summary(row, vault.open(row["patient"], _sealed(row), _place(row)))
        for row in rows
        if row["box"] is not None
    ]


def _version(vault: Vault, row: dict[str, Any]) -> Version:
    kind, identifier, number = row["type"], row["id"], row["version"]
    raw = vault.open(row["patient"] or HOUSE, _sealed(row), context(kind, identifier, number))
    digest: bytes = row["sha256"]
    if sha256(raw).digest() != digest:
        raise Unreadable
    return Version(
        kind,
        identifier,
        number,
        row["patient"],
        row["at"],
        row["origin"],
        raw,
        digest.hex(),
        row["author"],
        row["release_id"],
        row["deleted"],
    )


def _sealed(row: dict[str, Any]) -> Sealed:
    return Sealed(row["suite"], row["key_id"], row["box"])


def _place(row: dict[str, Any]) -> str:
    return summary.context(row["patient"])
