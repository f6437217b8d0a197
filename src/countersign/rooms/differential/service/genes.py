"""Genes with a variant, typed or taken out of a VCF that is read once and kept nowhere."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable
from typing import BinaryIO, cast

from countersign.ground.reasoning import VariantsUnreadable, genes_in
from countersign.kit.errors import CountersignError

MOST = 200
LARGEST = 512 * 1024 * 1024
"""Bytes of a VCF, after it was unpacked."""


class TooManyGenes(CountersignError):
    code = "differential.too_many_genes"
    status = 422
    message = (
        "The file names {count} genes, which together decide nothing. Filter it to the variants "
        "that may matter, at most 200 genes, and give it again."
    )


def typed(text: str) -> tuple[str, ...]:
    """Gene symbols as written, without doubles."""
    found = re.findall(r"[A-Za-z][A-Za-z0-9-]{1,15}", text)
    return tuple(dict.fromkeys(one.upper() for one in found))[:MOST]


def of_file(file: BinaryIO) -> tuple[str, ...]:
    """The genes of a VCF, plain or packed by gzip. Raises VariantsUnreadable, TooManyGenes."""
    start = file.read(2)
    file.seek(0)
    if not start:
        raise VariantsUnreadable(problem="##fileformat=VCF")
    packed = start == b"\x1f\x8b"
    opened = cast("BinaryIO", gzip.GzipFile(fileobj=file, mode="rb")) if packed else file
    try:
        found = genes_in(cast("BinaryIO", _Bounded(opened)))
    except (OSError, EOFError, zlib.error):
        raise VariantsUnreadable(problem="gzip") from None
    if len(found) > MOST:
        raise TooManyGenes(count=len(found))
    return tuple(sorted(found))


def both(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """Each once, at most as many as are weighed."""
    return tuple(dict.fromkeys([*one, *other]))[:MOST]


class _Bounded:
    """A file that ends in an error where it unpacks to more than anybody reads."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = LARGEST

    def readline(self, size: int = -1) -> bytes:
        line = self._file.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise VariantsUnreadable(problem=f"> {LARGEST // 1024**2} MiB")
        return line
