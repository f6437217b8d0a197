"""Date searches mean what FHIR says, on plain columns and on hashed days of birth alike."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.chart import BadParameter
from countersign.ground.chart.dates import birth_words, date_test
from countersign.ground.chart.indexing import index
from countersign.kit.dates import interval

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PREFIXES = ["", "eq", "ne", "lt", "gt", "ge", "le", "sa", "eb", "ap"]

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = st.dates(date(1900, 1, 1), date(2026, 12, 31))
PARTIAL = st.tuples(DAYS, st.sampled_from([4, 7, 10])).map(lambda t: t[0].isoformat()[: t[1]])


@pytest.mark.parametrize(
    ("asked", "dated", "holds"),
    [
        ("2026-11-22", "2026-11-22T08:00:00Z", True),
        ("2026-11-22T08:00:00Z", "2026-11-22", False),
        ("ge2026-11", "2026-11-05", True),
        ("gt2026-11", "2026-11-30", False),
        ("gt2026-11", "2026-12-01", True),
        ("lt2026-11", "2026-10-31", True),
        ("le2026-11-22", "2026-11-22", True),
        ("sa2026-11-22", "2026-11-22", False),
        ("sa2026-11-22", "2026-11-23", True),
        ("eb2026-11-22", "2026-11-21", True),
        ("ne2026", "2026-05", False),
        ("ne2026-05-01", "2026-05", True),
        ("ap2026-11-20", "2026-11-20", True),
        ("ap1990", "1992", True),
        ("ap1990", "2000", False),
        ("2026-11-22T16:00:00+08:00", "2026-11-22T08:00:00Z", True),
    ],
)
def test_the_prefixes(asked: str, dated: str, holds: bool) -> None:
    span = interval(dated)
    assert date_test("date", asked, NOW).holds(span.low, span.high) is holds


@pytest.mark.parametrize(
    "text", ["", "yesterday", "ge", "gx2026", "2026-13", "2026-11-22T08", "20"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadParameter, match="date"):
        date_test("date", text, NOW)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PREFIXES), PARTIAL, PARTIAL)
def test_hashed_days_of_birth_match_exactly_what_a_comparison_would(
    prefix: str, asked: str, born: str
) -> None:
    test = date_test("birthdate", prefix + asked, NOW)
    words = {f"birthdate={word}" for word in birth_words(test, NOW)}
    indexed = set(index({"resourceType": "Patient", "birthDate": born}).words)
    span = interval(born)
    assert bool(words & indexed) is test.holds(span.low, span.high)


@settings(deadline=None)
@given(st.sampled_from(PREFIXES), PARTIAL)
def test_few_words_stand_for_many_days(prefix: str, asked: str) -> None:
    assert len(birth_words(date_test("birthdate", prefix + asked, NOW), NOW)) < 400


def test_open_periods_and_missing_dates() -> None:
    found = index({"resourceType": "Encounter", "period": {"start": "2026-11-20"}})
    assert found.low == datetime(2026, 11, 20, tzinfo=UTC)
    assert found.high is not None and found.high.year == 9999
    assert index({"resourceType": "Encounter", "period": {"id": "x"}}).low is None
    assert index({"resourceType": "Observation", "effectiveDateTime": "soon"}).low is None
    slot = {"resourceType": "Slot", "start": "2026-11-20T08:00:00Z", "end": "2026-11-20T08:15:00Z"}
    low, high = index(slot).low, index(slot).high
    assert low is not None and high is not None and high - low == timedelta(minutes=15, seconds=1)


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+14:00", "9999-12-30T23:59:59-14:00"])
def test_the_ends_of_the_calendar_are_kept_within_it(edge: str) -> None:
    found = index({"resourceType": "Observation", "effectiveDateTime": edge})
    assert found.low is not None and found.high is not None
    assert 1 <= found.low.astimezone(UTC).year <= found.high.astimezone(UTC).year <= 9999


def test_a_day_is_one_of_the_hospitals_calendar() -> None:
    """What happened before eight in the morning in Shanghai is of that day."""
    asked = date_test("date", "2026-11-22", NOW.astimezone(SHANGHAI))
    early = interval("2026-11-21T23:30:00Z")
    assert asked.holds(early.low, early.high)
    dated = {"resourceType": "Observation", "effectiveDateTime": "2026-11-22"}
    indexed = index(dated, SHANGHAI)
    assert indexed.low is not None and indexed.high is not None
    assert indexed.low == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert asked.holds(indexed.low, indexed.high)
    named = date_test("date", "2026-11-22T00:00:00Z", NOW.astimezone(SHANGHAI))
    assert named.low == datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0001", "0001-01-01", "9999-12-31", "ap0001"])
def test_a_date_at_the_end_of_the_calendar_is_taken_or_refused(text: str) -> None:
    with suppress(BadParameter):
        assert date_test("date", text, NOW.astimezone(SHANGHAI)).low.tzinfo is UTC
