"""What is read in a patient's words: dangers, what is denied, and departments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.preconsult.domain import About, calibrated, learn
from countersign.rooms.preconsult.domain.department import learnt
from countersign.rooms.preconsult.domain.red_flag import BadRedFlag, read_flags
from countersign.rooms.preconsult.inference import departments, flags, suspicion


def found(text: str, about: About | None = None, *present: str) -> set[str]:
    return {one.id for one in flags().found(text, about, present)}


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("胸口像压了石头一样疼，出冷汗", "chest-pain"),
        ("no fever, but crushing chest pain since noon", "chest-pain"),
        ("我不想活了", "suicide"),
        ("32 weeks pregnant and bleeding", "pregnancy"),
        ("突然说话含糊不清", "stroke"),
        ("ate peanuts, hives all over and my throat is closing", "anaphylaxis"),
    ],
)
def test_a_danger_is_found(text: str, danger: str) -> None:
    assert danger in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "没有胸痛，没有头晕，来开药",
        "no chest pain and no dizziness, a check-up",
        "去年得过心梗，现在一切都好",
        "A friend of mine killed himself last year; I am here for my eyes",
        "从来没想过伤害自己，只是睡得少",
    ],
)
def test_what_is_denied_past_or_of_others_is_no_danger(text: str) -> None:
    assert found(text) == set()


def test_age_and_findings_count_beside_the_words() -> None:
    assert "child-danger" not in found("一直抽搐了一下手")
    assert "child-danger" in found("一直抽搐了一下手", About(days=400))
    assert found("", None, "HP:0002249") == {"bleeding"}


@pytest.mark.parametrize(
    ("zh", "en", "danger"),
    [
        ("左边胳膊忽然抬不起来", "all of a sudden my left arm is useless", "stroke"),
        ("宝宝不肯吃，软绵绵的", "our toddler is lifeless and won't drink", "child-danger"),
        ("伤口化脓，打寒战", "the wound is infected and I have chills", "sepsis"),
    ],
)
def test_a_class_of_words_stands_for_each_of_them(zh: str, en: str, danger: str) -> None:
    assert danger in found(zh) and danger in found(en)


def test_a_class_that_is_not_there_is_a_broken_rule() -> None:
    content = {
        "version": "1",
        "sources": {"own": {"cite": "x", "published": "2026"}},
        "flag": [
            {"id": "a", "source": "own", "when": [{"both": ["{nobody}"]}]}
            | {name: {"en": "x", "zh": "x"} for name in ("title", "ask", "now")}
        ],
    }
    with pytest.raises(BadRedFlag, match="nobody"):
        read_flags(content)
    content["classes"] = {"nobody": "one|two"}
    assert read_flags(content).found("two")


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert found(text) <= {one.id for one in flags().flags}
    assert 0 <= suspicion().chance(text) <= 1
    leaning = departments().lean(text)
    assert leaning.code or not leaning.sure


def test_every_rule_has_both_languages_and_a_source() -> None:
    for one in flags().flags:
        for said in (one.title, one.ask, one.now):
            assert said.en.strip() and said.zh.strip()
        assert one.source.cite and one.source.published


def test_the_table_says_when_it_is_unsure() -> None:
    assert departments().lean("咳嗽有痰").code == "respiratory"
    assert departments().lean("咳嗽有痰").sure
    assert not departments().lean("咳嗽，皮肤痒").sure
    assert departments().lean("xyz").code == ""


def test_a_trained_model_is_calibrated_on_what_it_has_not_seen() -> None:
    texts = ["咳嗽有痰", "咳嗽发烧", "皮肤很痒", "皮疹发痒"] * 5
    labels = ["lungs", "lungs", "skin", "skin"] * 5
    model = calibrated(learn(texts, labels, np.random.default_rng(1)), texts, labels)
    leaning = learnt(model, "咳嗽")
    assert leaning.code == "lungs" and leaning.probability is not None
    assert model.probabilities("皮肤").sum() == pytest.approx(1, abs=1e-5)
