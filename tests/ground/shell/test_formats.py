"""Times, ages, waits and quantities read on the ward as they must."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from countersign.ground.shell import Formats
from countersign.kit.words import Words

ZH = Formats("zh", ZoneInfo("Asia/Shanghai"))
EN = Formats("en", ZoneInfo("Asia/Shanghai"))
LATE = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)


def test_moments_are_told_in_the_hospitals_own_time() -> None:
    assert ZH.moment(LATE) == "2026-11-23 01:05"
    assert ZH.moment("2026-11-22T17:05:00Z") == "2026-11-23 01:05"
    assert ZH.day(LATE) == "2026-11-23"
    assert ZH.moment_exact(LATE) == "2026-11-23 01:05:00 +08:00"


@pytest.mark.parametrize("text", ["2026", "2026-11", "2026-11-22", "yesterday", ""])
def test_a_date_is_never_told_more_exactly_than_it_was_recorded(text: str) -> None:
    assert ZH.moment(text) == ZH.day(text) == text
    assert ZH.day(date(2026, 11, 22)) == "2026-11-22"


@pytest.mark.parametrize(
    ("wait", "english", "chinese"),
    [
        (timedelta(seconds=40), "under a minute", "不到 1 分钟"),
        (timedelta(minutes=59), "59 min", "59 分钟"),
        (timedelta(hours=3, minutes=20), "3 h 20 min", "3 小时 20 分钟"),
        (timedelta(hours=3), "3 h", "3 小时"),
        (timedelta(days=2, hours=3, minutes=5), "2 d 3 h", "2 天 3 小时"),
        (timedelta(seconds=-5), "under a minute", "不到 1 分钟"),
    ],
)
def test_waits(wait: timedelta, english: str, chinese: str) -> None:
    assert EN.waited(wait) == english
    assert ZH.waited(wait) == chinese


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        (date(2026, 11, 22), "0 d"),
        (date(2026, 10, 23), "30 d"),
        (date(2026, 10, 22), "1 mo"),
        (date(2024, 11, 23), "23 mo"),
        (date(2024, 11, 22), "2 y"),
        (date(1936, 2, 29), "90 y"),
    ],
)
def test_a_small_child_has_months_or_days(birth: date, age: str) -> None:
    assert EN.age(birth, date(2026, 11, 22)) == age


def test_a_result_keeps_every_digit_that_was_reported() -> None:
    assert EN.quantity(Decimal("6.30"), "mmol/L") == "6.30\u00a0mmol/L"
    assert EN.quantity(Decimal("1E+2"), "g/L") == "100\u00a0g/L"
    assert EN.quantity(1200, "mL") == "1200\u00a0mL"
    assert EN.number(1200) == "1,200"


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("umol/L", "μmol/L"),
        ("10*9/L", "×10⁹/L"),
        ("mm[Hg]", "mmHg"),
        ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
        ("{score}", ""),
        ("U/L", "U/L"),
        ("ug/L", "μg/L"),
        (None, ""),
    ],
)
def test_units_are_written_as_on_the_ward(code: str | None, written: str) -> None:
    assert ZH.unit(code) == written


def test_a_percentage_and_a_degree_stand_close() -> None:
    assert ZH.quantity(Decimal("7.1"), "%") == "7.1%"
    assert ZH.quantity(Decimal("38.4"), "Cel") == "38.4°C"


def test_words_are_said_in_the_readers_language() -> None:
    assert ZH.say(Words("Sign", "签署")) == "签署"
    assert EN.say(Words("Sign", "签署")) == "Sign"
    assert EN.say("as it is") == "as it is"
