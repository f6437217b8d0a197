"""How results are shown: grouped, flagged, in order, without what is void."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.charts.domain.results import Point, Series, asserted_by_ai, series


def observed(value: object, day: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"o{day}",
        "status": "final",
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "2823-3", "display": "Potassium"}],
            "text": "血钾",
        },
        "effectiveDateTime": f"2026-11-{day:02}T08:00:00+08:00",
        "valueQuantity": {"value": value, "unit": "mmol/L"},
        "referenceRange": [{"low": {"value": Decimal("3.5")}, "high": {"value": Decimal("5.3")}}],
        **changes,
    }


def only(*observations: dict[str, Any]) -> Series:
    [one] = series(observations, "en")
    return one


def test_the_latest_value_comes_first_and_the_trend_runs_forward() -> None:
    one = only(observed(Decimal("4.1"), 1), observed(Decimal("6.30"), 9), observed(5, 4))
    assert [point.shown for point in one.points] == ["6.30", "5", "4.1"]
    assert [point.value for point in one.trend] == [Decimal("4.1"), 5, Decimal("6.30")]
    assert one.latest.at == datetime(2026, 11, 9, tzinfo=UTC)


def test_names_follow_the_language_where_the_sender_gave_both() -> None:
    [chinese], [english] = series([observed(4)], "zh"), series([observed(4)], "en")
    assert (chinese.name, english.name) == ("血钾", "Potassium")


def test_the_senders_own_mark_outweighs_the_range() -> None:
    marked = observed(4, interpretation=[{"coding": [{"code": "HH"}]}])
    assert only(marked).latest.flag == "HH"


def test_the_range_marks_what_the_sender_did_not() -> None:
    flags = [only(observed(value)).latest.flag for value in (3, Decimal("3.5"), 5, 6)]
    assert flags == ["L", "", "", "H"]


def test_a_value_without_a_range_carries_no_mark() -> None:
    assert only(observed(99, referenceRange=[])).latest.flag == ""


def test_what_was_entered_in_error_or_cancelled_is_not_shown() -> None:
    void = [observed(1, status=status) for status in ("entered-in-error", "cancelled")]
    assert series(void, "en") == []


def test_one_value_makes_no_trend() -> None:
    assert only(observed(4)).trend == ()


def test_other_units_are_another_series() -> None:
    other = observed(16, valueQuantity={"value": 16, "unit": "mg/dL"})
    assert {one.unit for one in series([observed(4), other], "en")} == {"mmol/L", "mg/dL"}


def test_blood_pressure_shows_its_components() -> None:
    pressure = observed(
        None,
        component=[
            {"code": {"text": "Systolic"}, "valueQuantity": {"value": 150, "unit": "mmHg"}},
            {"code": {"text": "Diastolic"}, "valueQuantity": {"value": 95, "unit": "mmHg"}},
        ],
    )
    del pressure["valueQuantity"]
    assert {(one.name, one.latest.shown) for one in series([pressure], "en")} == {
        ("Systolic", "150"),
        ("Diastolic", "95"),
    }


def test_generated_digits_are_cut_and_written_ones_are_kept() -> None:
    assert only(observed(Decimal("78.731284213"))).latest.shown == "78.731"
    assert only(observed(Decimal("6.30"))).latest.shown == "6.30"


@pytest.mark.parametrize("small", ["0.00042", "0.000000123", "0", "0.0000"])
def test_rounding_makes_no_measured_value_nothing(small: str) -> None:
    assert only(observed(Decimal(small))).latest.shown == format(Decimal(small), "f")


def test_a_day_is_shown_as_a_day_and_not_as_a_time_of_it() -> None:
    assert only(observed(1, effectiveDateTime="2026-11-20")).latest.when == "2026-11-20"


def test_coded_text_and_absent_values_are_shown_as_words() -> None:
    coded = observed(None, valueCodeableConcept={"text": "positive"})
    absent = observed(None, dataAbsentReason={"text": "not performed"})
    for one, words in ((coded, "positive"), (absent, "not performed")):
        del one["valueQuantity"]
        assert only(one).latest.shown == words


def test_what_a_model_asserted_is_recognised_by_its_label() -> None:
    assert asserted_by_ai({"meta": {"security": [{"code": "AIAST"}]}})
    assert not asserted_by_ai({"meta": {"tag": [{"code": "invented"}]}})


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["code", "coding", "value", "valueQuantity", "component", "status", "category",
             "referenceRange", "low", "high", "interpretation", "effectiveDateTime", "unit"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from(list(observed(1))), JUNK), max_size=4))
def test_no_malformed_observation_breaks_a_chart(observations: list[dict[str, Any]]) -> None:
    for one in series(observations, "zh"):
        assert all(isinstance(point, Point) for point in one.points)
