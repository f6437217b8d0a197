"""The reports hide small numbers, whatever is asked, and count what is there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.safety.domain.counts import agreements, by_cause
from countersign.rooms.safety.domain.groups import Decided, report, shown_of, streaks


def decided(person: str = "wang", decision: str = "accepted", model: str = "m@1") -> Decided:
    return Decided(person, ("cardiology",), model, decision, 2.0, 10.0, decision != "rejected")


SIZES = st.dictionaries(st.text(max_size=3), st.integers(0, 40), max_size=6)


@given(SIZES)
def test_no_small_group_is_shown_and_none_can_be_reckoned(sizes: dict[str, int]) -> None:
    shown = shown_of(sizes)
    hidden = set(sizes) - shown
    assert all(sizes[name] >= 10 for name in shown)
    assert len(hidden) != 1 or not shown, "one hidden group is a total less the others"


@given(st.lists(st.sampled_from(["accepted", "countersigned", "amended", "rejected"])))
def test_a_streak_ends_with_every_change(decisions: list[str]) -> None:
    marks = "".join("a" if one in ("accepted", "countersigned") else " " for one in decisions)
    longest = max((len(run) for run in marks.split()), default=0)
    assert streaks([decided(decision=one) for one in decisions]).get("wang", 0) == longest


def test_shares_and_the_median_ratio() -> None:
    many = [decided("wang") for _ in range(15)] + [decided("wang", "rejected") for _ in range(5)]
    found = report([*many, *(decided("li") for _ in range(12))], lambda one: (one.person,))
    assert [group.name for group in found.groups] == ["li", "wang"]
    wang = found.groups[1]
    assert (wang.count, wang.accepted, wang.rejected, wang.quick) == (20, 0.75, 0.25, 0.75)
    assert wang.ratio == 0.2 and found.withheld == 0
    assert report(many[:9], lambda one: (one.person,)).groups == ()


def test_impressions_are_counted_by_kind_and_model() -> None:
    rows = [("w.k", "m@1", "agree")] * 12 + [("w.k", "m@1", "partly")] * 4
    rows += [("w.k", "m@1", "shown-at-once")] * 3
    (one,), withheld, at_once = agreements(rows)
    assert (one.count, one.agree, one.partly, one.disagree) == (16, 0.75, 0.25, 0.0)
    assert (withheld, at_once) == (0, 3)
    assert agreements(rows[:5]) == ((), 1, 0)


def test_cases_are_counted_by_cause_root_and_outcome() -> None:
    counted = by_cause([("a", None, None), ("a", None, None), ("a", "r", "o")])
    assert counted == {("a", "", ""): 2, ("a", "r", "o"): 1}
