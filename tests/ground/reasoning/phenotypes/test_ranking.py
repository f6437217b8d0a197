"""A ranking follows from the findings alone, says what it rests on, and when it has no answer."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.reasoning import Finding, Holder, Status
from countersign.ground.reasoning.phenotypes import Person, RareDiseases, UnknownTerm
from countersign.ground.reasoning.phenotypes.fusion import shipped
from countersign.ground.reasoning.phenotypes.knowledge import assemble
from countersign.ground.reasoning.phenotypes.matching import Altered, Kind, Matching
from countersign.ground.reasoning.phenotypes.ontology import closures
from countersign.ground.reasoning.phenotypes.profile import profile, spread
from countersign.ground.reasoning.phenotypes.rare_diseases import Engine
from ground.reasoning.phenotypes import small

ARACHNODACTYLY, TALL, LENS = "HP:0001166", "HP:0000098", "HP:0001083"
SEIZURE, FOCAL, SPASM = "HP:0001250", "HP:0007359", "HP:0011097"
FINDINGS = (ARACHNODACTYLY, TALL, LENS, SEIZURE, FOCAL, SPASM)
NOBODY = Person()


@functools.cache
def engine() -> Engine:
    return Engine(small.knowledge(), shipped())


@pytest.fixture(scope="module")
def rare(tmp_path_factory: pytest.TempPathFactory) -> RareDiseases:
    data = tmp_path_factory.mktemp("hpo")
    (data / "hp.obo").write_text(small.obo(), encoding="utf-8")
    (data / "phenotype.hpoa").write_text(small.hpoa(), encoding="utf-8")
    (data / "genes_to_phenotype.txt").write_text("\n".join(small.GENES), encoding="utf-8")
    return RareDiseases.open(data=data)


def findings(*present: str, absent: tuple[str, ...] = ()) -> list[Finding]:
    return [*map(Finding, present), *(Finding(one, Status.ABSENT) for one in absent)]


def test_the_disease_that_has_it_all_comes_first_and_says_why(rare: RareDiseases) -> None:
    ranking = rare.rank(findings(ARACHNODACTYLY, TALL, LENS))
    first = ranking.candidates[0]
    assert (first.disease, first.name.en) == ("OMIM:1", "Long bones 1")
    why = {one.term: one for one in first.weights}
    assert why[ARACHNODACTYLY].why.en == "in 8 of 10 published patients"
    assert why[ARACHNODACTYLY].why.zh == "已发表的 10 例中 8 例有"
    assert all(one.ratio > 1 for one in first.weights)
    assert why[LENS].source == "HPO annotations 2020-03-03"
    second = next(one for one in ranking.candidates if one.disease == "OMIM:2")
    assert {one.term for one in second.weights if one.ratio < 1} >= {LENS}
    assert 0 < first.prior < 1


def test_without_a_chinese_name_that_is_said(rare: RareDiseases) -> None:
    first = rare.rank(findings(ARACHNODACTYLY, TALL)).candidates[0]
    assert first.name.zh == "Long bones 1（无中文名）"


def test_what_is_missing_is_what_nobody_has_looked_for(rare: RareDiseases) -> None:
    first = rare.rank(findings(ARACHNODACTYLY, TALL)).candidates[0]
    assert first.missing == (LENS,)
    asked = rare.rank(findings(ARACHNODACTYLY, TALL, absent=(LENS,))).candidates[0]
    assert asked.missing == ()


def test_a_form_and_a_relative_are_told_apart(rare: RareDiseases) -> None:
    ranked = {one.disease: one for one in rare.rank(findings(SPASM, TALL)).candidates}
    (why,) = [one.why.en for one in ranked["OMIM:4"].weights if one.term == SPASM]
    assert why.startswith("only akin: both are Seizure, which the disease shows in about 45 %")
    ranked = {one.disease: one for one in rare.rank(findings(SEIZURE, TALL)).candidates}
    (why,) = [one.why.en for one in ranked["OMIM:4"].weights if one.term == SEIZURE]
    assert why.startswith("the disease has Focal-onset seizure, which is a form of it")


def test_an_absent_finding_that_the_disease_shows_speaks_against_it(rare: RareDiseases) -> None:
    case = findings(TALL, SPASM, absent=(ARACHNODACTYLY,))
    ranked = {one.disease: one for one in rare.rank(case).candidates}
    (against,) = [one for one in ranked["OMIM:1"].weights if one.term == ARACHNODACTYLY]
    assert against.ratio < 1
    assert against.why.en == "absent, though the disease shows it in 8 of 10 published patients"


def test_an_entry_of_orphanet_speaks_for_its_twin_and_is_not_ranked_beside_it() -> None:
    known = engine().known
    ranked = {known.diseases[at] for at in np.flatnonzero(engine().related.ranked)}
    assert "ORPHA:9" not in ranked, "OMIM:3 has its name"
    assert "ORPHA:8" in ranked, "no OMIM disease has its name or gene"


@settings(max_examples=40, deadline=None)
@given(st.permutations([*FINDINGS]), st.integers(1, len(FINDINGS)), st.integers(0, 5))
def test_the_order_of_findings_does_not_matter(order: list[str], count: int, absent: int) -> None:
    chosen = [*findings(*order[:count]), *findings(absent=tuple(order[count:][:absent]))]
    one = engine().score(engine().case(chosen, NOBODY))
    other = engine().score(engine().case(reversed(chosen), NOBODY))
    assert one.diseases.tolist() == other.diseases.tolist()
    assert one.probabilities.tolist() == other.probabilities.tolist()
    assert 0 < one.probabilities.sum() <= 1 + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(FINDINGS)), st.sampled_from(FINDINGS))
def test_a_finding_that_a_disease_shows_never_lowers_its_likelihood(
    others: set[str], added: str
) -> None:
    matching, place = engine().matching, engine().place
    before = sum(matching.match(place[one]).plain for one in others - {added})
    after = before + matching.match(place[added]).plain
    match = matching.match(place[added])
    assert (np.asarray(after) >= np.asarray(before) - 1e-6).all()
    shown = (match.kind != Kind.ANCESTOR) & (match.share >= np.exp(-match.asked))
    assert (match.wide[shown] >= 0).all()


def test_a_former_identifier_counts_as_the_current_one() -> None:
    assert engine().case(findings("HP:0040168"), NOBODY) == engine().case(findings(SPASM), NOBODY)


def test_an_identifier_that_never_was_is_refused(rare: RareDiseases) -> None:
    with pytest.raises(UnknownTerm, match="HP:9999999 is not a term .* 2020-02-02"):
        rare.rank(findings("HP:9999999"))


def test_only_the_patients_own_findings_count() -> None:
    given_ = [
        Finding(TALL, past=True),
        Finding(SPASM, holder=Holder.FAMILY),
        Finding(LENS, Status.UNCERTAIN),
        Finding("local:cold hands"),
        Finding("HP:0001419"),
    ]
    case = engine().case(given_, NOBODY)
    assert [engine().known.terms[one] for one in case.present] == [TALL]
    assert case.absent == ()


def test_it_says_when_there_is_no_answer(rare: RareDiseases) -> None:
    for case, part in (
        (findings(), "no finding of the patient"),
        ([Finding("local:cold hands")], "no finding of the patient"),
        (findings(absent=(TALL,)), "only absent findings"),
        (findings("HP:0000118"), "so common among rare diseases"),
    ):
        ranking = rare.rank(case)
        assert ranking.candidates == ()
        assert ranking.unanswerable is not None
        assert part in ranking.unanswerable.en
        assert ranking.unanswerable.zh.startswith("这些数据不足以得出答案")


def test_a_gene_lifts_the_diseases_that_are_tied_to_it(rare: RareDiseases) -> None:
    def chance(genes: tuple[str, ...]) -> float:
        ranked = rare.rank(findings(TALL, LENS), genes).candidates
        return next(one.probability for one in ranked if one.disease == "OMIM:1")

    assert chance(("fbn",)) > chance(()) > chance(("SPM",))
    first = rare.rank(findings(TALL, LENS), ["FBN"]).candidates[0]
    assert first.weights[0].term == "gene:FBN"
    many = [f"G{number}" for number in range(4000)]
    assert chance(("FBN", *many)) < chance(("FBN",)), "a long list says little"


def test_no_more_than_asked_for(rare: RareDiseases) -> None:
    assert len(rare.rank(findings(TALL, LENS), limit=2).candidates) == 2
    assert rare.rank(findings(TALL, LENS), limit=0).candidates == ()


def test_leaving_out_a_publication_is_as_if_it_had_never_been_annotated() -> None:
    kept = tuple(row for row in small.ROWS if row[4] != "PMID:1")
    place = engine().place
    made = profile([one for one in small.annotations(kept).rows if one.disease == "OMIM:1"], place)
    closure = closures(small.ontology().parents)
    altered = {
        engine().known.diseases.index("OMIM:1"): Altered(made, spread(made, closure), (1, 1, 0))
    }
    other = Matching(assemble(small.ontology(), small.annotations(kept), {}))
    for term in FINDINGS:
        one = engine().matching.match(place[term], altered)
        two = other.match(place[term])
        at = engine().known.diseases.index("OMIM:1")
        assert one.share[at] == pytest.approx(two.share[at])
        assert one.kind[at] == two.kind[at]
