"""What a department relies on: that a drift is seen, and that an ordinary day does not alarm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pytest

from countersign.rooms.pathology.domain.control import (
    BASELINE_DAYS,
    Alarm,
    Chart,
    Measure,
    charts,
    looked_into,
)
from countersign.rooms.pathology.domain.control_rules import (
    Rule,
    Severity,
    broken,
    centre_and_sigma,
    smoothed,
    smoothed_limits,
)
from rooms.pathology.quality_days import Seen, summed

FIRST = date(2026, 3, 2)


def days(
    values: list[float], slides: int = 8, scanner: str = "A", spread: float = 0.01
) -> list[Seen]:
    """So many slides a day around the day's value, the same deviations every day."""
    apart = np.linspace(-spread, spread, slides)
    return [
        Seen(
            FIRST + timedelta(days=number),
            scanner,
            "he",
            {Measure.HAEMATOXYLIN: value + float(one)},
        )
        for number, value in enumerate(values)
        for one in apart
    ]


def usual(count: int, seed: int = 1) -> list[float]:
    return (0.6 + np.random.default_rng(seed).normal(0, 0.02, count)).tolist()


@dataclass(frozen=True)
class Happened:
    """What somebody wrote down; of everything unless it is said."""

    day: date
    scanner: str = ""
    stain: str = ""
    anew: bool = True


def on(made: Chart, day: date) -> list[Alarm]:
    """Alarms of a day, the severest first."""
    found = [one for one in made.alarms if one.day == day]
    return sorted(found, key=lambda one: one.severity is not Severity.ALARM)


def of(slides: list[Seen], since: date | None = None, *changes: Happened) -> Chart:
    found = charts(summed(slides), since, changes=changes)
    (one,) = [each for each in found if (each.measure, each.scanner) == (Measure.HAEMATOXYLIN, "A")]
    return one


def test_too_few_days_give_no_limits_and_say_how_many_lack() -> None:
    made = of(days(usual(BASELINE_DAYS - 3)))
    assert (made.last.centre, made.last.sigma, made.last.missing) == (None, None, 3)
    assert not made.alarms
    assert len(made.days) == BASELINE_DAYS - 3


def test_a_day_of_few_slides_is_shown_but_not_judged() -> None:
    made = of(days(usual(BASELINE_DAYS)) + days([9.0], slides=2))
    assert made.last.missing == 0
    odd = of(days([*usual(BASELINE_DAYS), 0.6]) + days([5.0] * 30, slides=4)[-4:])
    (last,) = [one for one in odd.days if one.day == FIRST + timedelta(days=29)]
    assert not last.judged
    assert not [alarm for alarm in odd.alarms if alarm.day == last.day]


def test_a_pale_day_alarms_at_once() -> None:
    made = of(days([*usual(BASELINE_DAYS), 0.60, 0.30]))
    day = FIRST + timedelta(days=BASELINE_DAYS + 1)
    found = on(made, day)
    assert found[0].rule in (Rule.BEYOND, Rule.DRIFT)
    assert found[0].severity is Severity.ALARM
    assert found[0].distance < -3
    assert not on(made, day - timedelta(days=1))


def test_a_slow_drift_alarms_before_any_day_is_beyond_three_sigma() -> None:
    quiet = usual(BASELINE_DAYS)
    centre, sigma = centre_and_sigma(quiet)
    made = of(days([*quiet, *[centre + 1.6 * sigma] * 12], spread=0))
    rules = [alarm.rule for alarm in made.alarms]
    assert Rule.BEYOND not in rules
    assert {Rule.FOUR_OF_FIVE, Rule.EIGHT, Rule.DRIFT} <= set(rules)


def test_a_new_baseline_forgets_the_old_one() -> None:
    changed = [*usual(30), *(value + 0.3 for value in usual(30, 2))]
    assert of(days(changed)).alarms
    fresh = of(days(changed), since=FIRST + timedelta(days=30))
    assert fresh.last.centre == pytest.approx(0.9, abs=0.02)
    assert not [one for one in fresh.alarms if one.severity is Severity.ALARM]


def test_a_change_begins_the_limits_anew_and_leaves_the_earlier_ones() -> None:
    """A new lot on the day of the jump: each half is judged by its own, and both are shown."""
    day = FIRST + timedelta(days=30)
    slides = days([*usual(30), *(value + 0.3 for value in usual(30, 2)), 0.6])
    made = of(slides, None, Happened(day, "A", "he"))
    assert [one.begin for one in made.phases] == [None, day]
    before, after = made.phases
    assert (before.centre, after.centre) == (
        pytest.approx(0.6, abs=0.02),
        pytest.approx(0.9, abs=0.02),
    )
    assert len(before.days) == 30 and made.last is after and len(made.days) == 61
    assert [one.baseline for one in after.days[:21]] == [True] * 20 + [False]
    assert [one for one in made.alarms if one.day < day] == list(of(days(usual(30))).alarms)
    severe = {one.day for one in made.alarms if one.day >= day and one.rule is Rule.BEYOND}
    assert severe == {FIRST + timedelta(days=60)}, "only the day that is as it was before"


@pytest.mark.parametrize(
    "other", [Happened(FIRST, "B"), Happened(FIRST, "A", "ki67"), Happened(FIRST, anew=False)]
)
def test_what_is_no_change_of_this_chart_moves_no_limit(other: Happened) -> None:
    slides = days([*usual(30), 0.2])
    elsewhere = Happened(other.day + timedelta(days=25), other.scanner, other.stain, other.anew)
    assert of(slides, None, elsewhere) == of(slides)


def test_too_few_days_after_a_change_say_so_and_do_not_alarm() -> None:
    made = of(days([*usual(30), 5.0, 5.0]), None, Happened(FIRST + timedelta(days=30)))
    assert (made.last.missing, made.last.centre) == (BASELINE_DAYS - 2, None)
    assert made.phases[0].centre and not [one for one in made.alarms if one.value == 5.0]


def test_an_alarm_is_looked_into_by_what_is_written_down_of_that_day_or_later() -> None:
    for later, scanner, anew in ((0, "A", False), (2, "", True), (1, "A", False)):
        seen = Happened(FIRST + timedelta(days=later), scanner, anew=anew)
        assert looked_into("A", "he", FIRST, [seen])
    for seen in (
        Happened(FIRST - timedelta(days=1)),
        Happened(FIRST, "B"),
        Happened(FIRST, "", "pr"),
    ):
        assert not looked_into("A", "he", FIRST, [seen])


def test_scanners_are_charted_apart() -> None:
    both = days(usual(25)) + days([value + 1 for value in usual(25, 3)], scanner="B")
    found = [one for one in charts(summed(both)) if one.measure is Measure.HAEMATOXYLIN]
    assert [one.scanner for one in found] == ["A", "B"]
    assert found[1].last.centre == pytest.approx(1.6, abs=0.03)


def test_one_disaster_in_the_baseline_does_not_widen_the_limits() -> None:
    quiet = usual(BASELINE_DAYS)
    spoilt = [*quiet[:7], 3.0, *quiet[8:]]
    assert centre_and_sigma(spoilt)[1] < 1.6 * centre_and_sigma(quiet)[1]


@pytest.mark.parametrize(
    ("run", "rule"),
    [
        ([3.1], Rule.BEYOND),
        ([2.1, 0.0, 2.1], Rule.TWO_OF_THREE),
        ([-1.1, -1.1, 0.2, -1.1, -1.1], Rule.FOUR_OF_FIVE),
        ([0.1] * 8, Rule.EIGHT),
    ],
)
def test_each_rule_is_broken_by_the_run_that_it_names(run: list[float], rule: Rule) -> None:
    found = broken(run, 0.0, 1.0)
    assert (len(run) - 1, rule) in [(day, which) for day, which, _ in found]
    assert rule not in [which for day, which, _ in found if day < len(run) - 1]


@pytest.mark.parametrize(
    ("run", "rule", "first"),
    [
        ([2.5, 2.5, 0.0, 0.0], Rule.TWO_OF_THREE, 1),
        ([-1.5, -1.5, -1.5, -1.5, 0.0], Rule.FOUR_OF_FIVE, 3),
        ([0.5] * 9, Rule.EIGHT, 7),
    ],
)
def test_a_rule_needs_no_more_days_than_it_counts(run: list[float], rule: Rule, first: int) -> None:
    """The first days of a phase warn as soon as they are enough, and not before."""
    assert min(day for day, which, _ in broken(run, 0.0, 1.0) if which is rule) == first
    for days_seen in range(first + 1):
        assert rule not in [which for _, which, _ in broken(run[:days_seen], 0.0, 1.0)]


def test_the_moving_average_has_the_limits_of_the_handbook() -> None:
    """NIST/SEMATECH 6.3.2.4: for weight w the limits tend to three sigma times √(w / (2 - w))."""
    low, high = smoothed_limits(1000, 50.0, 2.0539)
    assert high - 50 == pytest.approx(3 * 2.0539 * (0.2 / 1.8) ** 0.5)
    assert 50 - low == pytest.approx(high - 50)
    assert smoothed([52.0, 47.0], 50.0) == pytest.approx([50.4, 49.72])


def test_ordinary_days_alarm_seldom() -> None:
    """With the true centre and sigma: alarms at most once in two hundred days."""
    values = np.random.default_rng(5).normal(0, 1, 20_000).tolist()
    found = broken(values, 0.0, 1.0)
    alarms = {day for day, rule, _ in found if rule is Rule.BEYOND}
    assert 0.001 < len(alarms) / len(values) < 0.005
    every = {day for day, rule, _ in found if rule.severity is Severity.ALARM}
    assert len(every) / len(values) < 0.02
