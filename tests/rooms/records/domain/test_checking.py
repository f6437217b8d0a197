"""Sentences against facts, records against themselves, versions against each other, and shares."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.records.domain.checking import judged
from countersign.rooms.records.domain.contradictions import Known, contradictions
from countersign.rooms.records.domain.fact import KEY, Fact, Kind, Link, Status
from countersign.rooms.records.domain.merging import merged
from countersign.rooms.records.domain.phrases import completed, phrases
from countersign.rooms.records.domain.quality import remarks
from countersign.rooms.records.domain.share import kept, total
from countersign.rooms.records.inference import plain_reader
from countersign.rooms.records.store import Kinds

LEXICON = plain_reader().symptoms
TODAY = date(2026, 11, 26)


def fact(value: str, status: Status = Status.PRESENT, kind: Kind = Kind.SYMPTOM) -> Fact:
    return Fact(kind, value, (Link(KEY, 0, 1),), status, value)


FACTS = (fact("咳嗽"), fact("3天", kind=Kind.ONSET), fact("左膝疼痛", kind=Kind.NOTE))
DENIED = (fact("呕吐", Status.ABSENT),)
DRUGS = (fact("布洛芬 10 mg", kind=Kind.PRESCRIPTION),)


@pytest.mark.parametrize(
    ("sentence", "facts", "fault"),
    [
        ("3天来咳嗽，左膝疼痛", FACTS, ""),
        ("三天来咳嗽，左膝疼痛", FACTS, ""),
        ("5天来咳嗽", FACTS, "number"),
        ("五天来咳嗽", FACTS, "number"),
        ("3天来咳嗽，右膝疼痛", FACTS, "side"),
        ("3天来咳嗽伴发热", FACTS, "symptom"),
        ("3天来无咳嗽", FACTS, "denial"),
        ("无呕吐", DENIED, ""),
        ("有呕吐", DENIED, "denial"),
        ("给予布洛芬10 mg", DRUGS, ""),
        ("给予布洛芬10 g", DRUGS, "number"),
        ("给予阿莫西林", DRUGS, "drug"),
        ("", FACTS, "empty-handed"),
        ("咳嗽", (), "empty-handed"),
    ],
)
def test_a_models_sentence_says_no_more_than_its_facts(
    sentence: str, facts: tuple[Fact, ...], fault: str
) -> None:
    assert judged(sentence, facts, LEXICON).fault == fault


@pytest.mark.parametrize(
    ("texts", "known", "codes"),
    [
        ({"present": "左侧膝关节疼痛", "plan": "右侧膝关节置换"}, Known(TODAY), ["side"]),
        ({"present": "双侧膝关节疼痛", "plan": "右侧膝关节置换"}, Known(TODAY), []),
        (
            {"present": "pain in the left knee", "plan": "x-ray of the right knee"},
            Known(TODAY),
            ["side"],
        ),
        ({"past": "子宫肌瘤"}, Known(TODAY, "male"), ["sex"]),
        ({"family": "母亲有子宫肌瘤"}, Known(TODAY, "male"), []),
        ({"past": "前列腺增生"}, Known(TODAY, "female"), ["sex"]),
        ({"present": "2026-02-30 起咳嗽"}, Known(TODAY), ["date"]),
        ({"present": "1999年1月1日手术"}, Known(TODAY, "", date(2020, 1, 1)), ["date"]),
        ({"present": "2026-11-20 起咳嗽"}, Known(TODAY, "", date(2020, 1, 1)), []),
        ({"plan": "给予阿莫西林口服"}, Known(TODAY, allergies=("青霉素",)), ["allergy"]),
        ({"past": "对头孢过敏。", "plan": "给予头孢克肟"}, Known(TODAY), ["allergy"]),
        ({"plan": "给予布洛芬口服"}, Known(TODAY, allergies=("青霉素",)), []),
    ],
)
def test_what_cannot_be_true_together(
    texts: dict[str, str], known: Known, codes: list[str]
) -> None:
    assert [one.code for one in contradictions(texts, known)] == codes


def test_a_passage_copied_from_an_earlier_record() -> None:
    earlier = (
        "患者三天前受凉后出现咳嗽，咳少量白色粘痰，无发热，无胸痛，无咯血，"
        "在当地诊所服用药物后稍有好转，今日来院就诊，精神可，二便正常。"
    )
    known = Known(TODAY, earlier=(earlier,))
    assert [one.code for one in contradictions({"present": earlier}, known)] == ["copied"]
    assert contradictions({"present": earlier[:30]}, known) == ()


signs = st.text(st.sampled_from("咳嗽发热三天无 \n"), max_size=40)


@given(
    st.dictionaries(st.sampled_from("abc"), signs), st.dictionaries(st.sampled_from("abc"), signs)
)
def test_what_was_kept_is_between_nothing_and_all(
    drafted: dict[str, str], signed: dict[str, str]
) -> None:
    found = kept(drafted, signed)
    assert all(0 <= left <= size for size, left in found.values())
    assert kept(signed, signed) == {name: (size, size) for name, (size, _) in found.items()}
    assert total(kept({}, signed))[1] == 0


def test_the_share_of_one_changed_word() -> None:
    assert kept({"a": "咳嗽三天"}, {"a": "咳嗽 五天"}) == {"a": (4, 3)}


parts = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["", "x", "y", "z"]))


@given(parts, parts, parts)
def test_two_versions_lose_nothing(
    base: dict[str, str], theirs: dict[str, str], mine: dict[str, str]
) -> None:
    found = merged(base, theirs, mine)
    for name in {*base, *theirs, *mine}:
        was, one, other = (side.get(name, "") for side in (base, theirs, mine))
        shown = {found.parts[name], *found.clashes.get(name, ())}
        if one != was:
            assert one in shown
        if other != was:
            assert other in shown
    assert merged(base, base, mine).clashes == {} == merged(base, theirs, base).clashes


def test_quality_control_says_what_the_standard_asks() -> None:
    kind = Kinds(None).one("outpatient")
    found = remarks(kind, {"chief": "宝宝咳嗽", "present": "____"}, "zh")
    said = {(one.section, one.grave) for one in found}
    assert ("plan", True) in said and ("present", True) in said and ("chief", False) in said
    assert ("aux", True) not in said, "not required"
    full = {one.id: "咳嗽3天" for one in kind.sections}
    assert remarks(kind, full, "zh") == ()


def test_phrases_begin_as_typed() -> None:
    own = phrases(["双肺呼吸音清，未闻及干湿啰音。", "双肺呼吸音清。", "双足水肿"])
    assert completed("双", own, ["双眼痛"])[0] == "双肺呼吸音清"
    assert "双眼痛" in completed("双", own, ["双眼痛"])
    assert completed("", own, []) == []
