"""Genes come out of annotated variants; anything else is refused and nothing is held."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.reasoning.phenotypes import VariantsUnreadable, genes_in, variants

HEAD = (
    "##fileformat=VCFv4.2\n"
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="x. Format: Allele|IMPACT|SYMBOL">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP1\n"
)


def read(*records: str) -> frozenset[str]:
    return genes_in(io.BytesIO((HEAD + "\n".join(records) + "\n").encode()))


def record(info: str, genotype: str = "0/1", passed: str = "PASS") -> str:
    return f"1\t10\t.\tA\tT\t50\t{passed}\t{info}\tGT:DP\t{genotype}:20"


def test_genes_of_three_ways_of_annotating() -> None:
    assert read(record("ANN=T|missense_variant|MODERATE|FBN1|ENSG1,T|x|MODIFIER|OTHER|E")) == {
        "FBN1"
    }
    assert read(record("DP=3;CSQ=T|HIGH|stxbp1,T|LOW|NEAR")) == {"STXBP1"}
    assert read(record("GENEINFO=COL1A1:1277|TP53:7157")) == {"COL1A1", "TP53"}


def test_what_nobody_carries_or_was_filtered_out_does_not_count() -> None:
    assert read(record("GENEINFO=A1:1", genotype="0/0")) == frozenset()
    assert read(record("GENEINFO=A1:1", genotype="./.")) == frozenset()
    assert read(record("GENEINFO=A1:1", passed="q10")) == frozenset()
    assert read(record("GENEINFO=A1:1", genotype="0|1")) == {"A1"}
    assert read("1\t10\t.\tA\tT\t50\t.\tGENEINFO=A1:1") == {"A1"}


def test_what_is_no_vcf_or_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(VariantsUnreadable):
        genes_in(io.BytesIO(b"gene\nFBN1\n"))
    monkeypatch.setattr(variants, "MOST_GENES", 1)
    with pytest.raises(VariantsUnreadable, match="> 1 genes"):
        read(record("GENEINFO=A1:1|B2:2"))
    monkeypatch.setattr(variants, "LONGEST_LINE", 40)
    with pytest.raises(VariantsUnreadable, match="in one line"):
        read(record("GENEINFO=" + "A" * 99))
    monkeypatch.setattr(variants, "LONGEST_LINE", 400)
    monkeypatch.setattr(variants, "MOST_LINES", 3)
    with pytest.raises(VariantsUnreadable, match="3 lines"):
        read(record("A=1"), record("A=1"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_whatever_comes_gives_symbols_or_a_refusal(raw: bytes, headed: bool) -> None:
    try:
        found = genes_in(io.BytesIO(HEAD.encode() + raw if headed else raw))
    except VariantsUnreadable:
        return
    assert all(one == one.upper() and 0 < len(one) <= 30 for one in found)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ANCSQGEIFO=|,:;\t.T1/0", max_size=120))
def test_broken_annotations_name_nobody_wrong(info: str) -> None:
    found = read(record(info))
    assert all("|" not in one and ":" not in one for one in found)
