"""A sentence stands with the words that it rests on, or it is named unsupported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.library.binding import SCHEMA, Claim, Span, bind, claims_of
from countersign.ground.library.support import Fault

FIRST = "首选α受体阻滞剂坦索罗辛 0.2 mg 每日一次"
GUIDE = f"前列腺增生：{FIRST}。残余尿量大于 300 ml 时应行尿流动力学检查。"
AGAIN = "Recheck creatinine within 7 days"
OTHER = "Do not use NSAIDs when eGFR is below 30 mL/min. Recheck creatinine within 7 days."
SOURCES = {"1": GUIDE, "2": OTHER}


def faults(text: str, *quotes: tuple[str, str]) -> list[Fault]:
    (bound,) = bind([Claim(text, quotes)], SOURCES)
    return [fault for fault, _ in bound.faults]


def test_a_sentence_that_says_what_its_quote_says_stands_at_its_place() -> None:
    said = "首选坦索罗辛 0.2 mg 每日一次。"
    (bound,) = bind([Claim(said, (("1", FIRST),))], SOURCES)
    assert bound.supported
    (span,) = bound.spans
    assert GUIDE[span.start : span.end] == FIRST


def test_the_marks_around_a_quote_and_a_name_count_for_nothing() -> None:
    quoted = ("[2]", "“Recheck creatinine within 7 days.”")
    (bound,) = bind([Claim(f"{AGAIN}.", (quoted,))], SOURCES)
    assert bound.supported
    assert bound.spans == (Span("2", OTHER.index("Recheck"), len(OTHER) - 1),)


@pytest.mark.parametrize(
    ("text", "quote", "fault"),
    [
        ("首选坦索罗辛 0.4 mg 每日一次。", ("1", FIRST), Fault.NUMBER),
        (
            "Use NSAIDs when eGFR is below 30 mL/min.",
            ("2", "Do not use NSAIDs when eGFR is below 30 mL/min"),
            Fault.DENIAL,
        ),
        ("首选非那雄胺 0.2 mg 每日一次。", ("1", FIRST), Fault.DRUG),
        (f"{AGAIN}.", ("1", AGAIN), Fault.INVENTED),
        (f"{AGAIN}.", ("2", "Recheck creatinine in 7 days"), Fault.INVENTED),
        (f"{AGAIN}.", ("9", AGAIN), Fault.INVENTED),
        (f"{AGAIN}.", ("2", "7"), Fault.INVENTED),
        ("All patients with stones need surgery.", ("2", AGAIN), Fault.WORDS),
    ],
)
def test_what_the_quote_does_not_say_is_named(
    text: str, quote: tuple[str, str], fault: Fault
) -> None:
    assert fault in faults(text, quote)


def test_a_sentence_without_a_quote_is_unsupported() -> None:
    assert Fault.NO_QUOTE in faults("首选坦索罗辛。")


def test_one_invented_quote_beside_a_good_one_is_enough() -> None:
    good = ("2", AGAIN)
    assert faults(f"{AGAIN}.", good) == []
    assert Fault.INVENTED in faults(f"{AGAIN}.", good, ("2", "and every week"))


_KEYS = st.sampled_from(["sentences", "text", "quotes", "source", "words"])
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["sentences", "x"]), _JSON))
def test_whatever_a_model_answers_is_read_without_a_fault(value: dict[str, Any]) -> None:
    for bound in bind(claims_of(value), SOURCES):
        assert all(0 <= one.start < one.end <= len(SOURCES[one.source]) for one in bound.spans)
        assert bound.supported <= bool(bound.spans)


def test_the_form_asked_for_is_what_is_read() -> None:
    item = {"text": "a", "quotes": [{"source": "1", "words": "首选"}]}
    assert claims_of({"sentences": [item]}) == (Claim("a", (("1", "首选"),)),)
    assert json.dumps(SCHEMA)
