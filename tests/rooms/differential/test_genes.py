"""Genes come typed or out of a VCF, which is bounded, read once and kept nowhere."""

from __future__ import annotations

import gzip
import io

import pytest

from countersign.ground.reasoning import VariantsUnreadable
from countersign.rooms.differential.service import genes
from countersign.rooms.differential.service.genes import MOST, TooManyGenes, both, of_file, typed

HEAD = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def vcf(*symbols: str) -> bytes:
    rows = [
        f"1\t{at}\t.\tA\tT\t.\tPASS\tANN=T|missense_variant|MODERATE|{symbol}|x|transcript\n"
        for at, symbol in enumerate(symbols, 1)
    ]
    return (HEAD + "".join(rows)).encode()


@pytest.mark.parametrize("pack", [lambda raw: raw, gzip.compress])
def test_the_genes_of_a_file_plain_or_packed(pack: object) -> None:
    assert callable(pack)
    assert of_file(io.BytesIO(pack(vcf("FBN1", "TGFBR2", "FBN1")))) == ("FBN1", "TGFBR2")


def test_typed_ones_and_those_of_a_file_each_once() -> None:
    assert typed("fbn1, TTN；fbn1") == ("FBN1", "TTN")
    assert both(("FBN1",), ("TTN", "FBN1")) == ("FBN1", "TTN")


@pytest.mark.parametrize("raw", [b"", b"hello", b"\x1f\x8bbroken", gzip.compress(vcf("A1"))[:-12]])
def test_what_is_no_vcf_is_said(raw: bytes) -> None:
    with pytest.raises(VariantsUnreadable):
        of_file(io.BytesIO(raw))


def test_an_exome_without_a_filter_decides_nothing() -> None:
    with pytest.raises(TooManyGenes) as problem:
        of_file(io.BytesIO(vcf(*(f"GENE{at}" for at in range(MOST + 1)))))
    assert str(MOST + 1) in str(problem.value)


def test_what_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(genes, "LARGEST", 10_000)
    with pytest.raises(VariantsUnreadable, match="MiB"):
        of_file(io.BytesIO(gzip.compress(vcf("FBN1") + b"1\t1\n" * 10_000)))
