"""Nuclei as Parquet, the same bytes for the same nuclei."""

from __future__ import annotations

from dataclasses import dataclass, fields
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow  # pyright: ignore[reportMissingTypeStubs]
import pyarrow.parquet  # pyright: ignore[reportMissingTypeStubs]

from countersign.rooms.pathology.domain.measured import Nuclei

pa: Any = pyarrow
"""Arrow has no types of its own."""

pq: Any = pyarrow.parquet
NAMES = tuple(one.name for one in fields(Nuclei))
ROW_GROUP = 65_536


@dataclass(frozen=True, slots=True)
class Part:
    """The nuclei of ``many`` tiles of a plan from tile ``first`` on."""

    first: int
    many: int
    nuclei: Nuclei


def nuclei_parquet(nuclei: Nuclei) -> bytes:
    """A Parquet file (format 2.6, zstd) whose columns are those of Nuclei."""
    return _written(nuclei, {})


def nuclei_from(raw: bytes) -> Nuclei:
    """What ``nuclei_parquet`` wrote."""
    return _read(raw)[0]


def part_parquet(part: Part) -> bytes:
    """The same with which tiles they are of."""
    return _written(part.nuclei, {"first": str(part.first), "many": str(part.many)})


def part_from(raw: bytes) -> Part:
    """What ``part_parquet`` wrote."""
    nuclei, said = _read(raw)
    return Part(int(said[b"first"]), int(said[b"many"]), nuclei)


def _written(nuclei: Nuclei, said: dict[str, str]) -> bytes:
    table: Any = pa.table({name: pa.array(getattr(nuclei, name)) for name in NAMES})
    target = BytesIO()
    pq.write_table(
        table.replace_schema_metadata(said),
        target,
        compression="zstd",
        row_group_size=ROW_GROUP,
        use_dictionary=False,
        write_statistics=False,
    )
    return target.getvalue()


def _read(raw: bytes) -> tuple[Nuclei, dict[bytes, bytes]]:
    table: Any = pq.read_table(BytesIO(raw), use_threads=False)
    columns: dict[str, Any] = {
        name: table.column(name)
        .to_numpy()
        .astype(np.uint8 if name == "type" else np.float32, copy=False)
        for name in NAMES
    }
    return Nuclei(**columns), dict(table.schema.metadata or {})
