"""Plans are read strictly; what is kept of one reads back to the same plan."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.modelbench.domain.study.plan import BadPlan
from countersign.rooms.modelbench.domain.study.reading import plan_of, written
from countersign.rooms.modelbench.domain.study.sets import SETS
from countersign.rooms.modelbench.service.study import example_plan, plan_from_toml
from countersign.rooms.modelbench.service.study.forms import Form, Line, plan_from_form
from countersign.rooms.modelbench.store import (
    BadArrivals,
    BadPrices,
    arrival_times,
    prices_of,
    shipped_arrivals,
    shipped_prices,
)
from countersign.rooms.modelbench.store.prices import prices_json
from rooms.modelbench import invented

KNOWN = frozenset(SETS)
GOOD = invented.plan("http://10.0.0.1:8000/v1")


def test_the_example_is_a_plan() -> None:
    plan = plan_from_toml(example_plan())
    assert plan_of(written(plan), KNOWN) == plan
    assert [one.key for one in plan.configurations] == ["14b", "70b", "full"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"colour": "red"}, "the plan"),
        ({"configuration": []}, "configuration"),
        ({"set": [{"name": "nonsense"}]}, "set.name"),
        ({"set": [{"name": "mirage-medqa"}] * 2}, "set"),
        ({"load": {"rates": [2, 1]}}, "load.rates"),
        ({"load": {"rates": ["x"]}}, "load.rates"),
        ({"load": {"recorded": "../../etc/passwd"}}, "load.recorded"),
        ({"seed": -1}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"daily": True}, "daily"),
        ({"temperature": float("nan")}, "temperature"),
        ({"work": [{"name": "record", "sets": {"rjua": 1}}]}, "work record"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadPlan) as refused:
        plan_of({**GOOD, **changes}, KNOWN)
    assert refused.value.details["field"] == field


@pytest.mark.parametrize(
    "address", ["ftp://x/v1", "http://user@x/v1", "javascript:1", "http://", "http://a b/v1"]
)
def test_only_addresses_of_servers_are_taken(address: str) -> None:
    line = {**GOOD["configuration"][0], "address": address}
    with pytest.raises(BadPlan):
        plan_of({**GOOD, "configuration": [line]}, KNOWN)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), JSON_VALUES, max_size=4))
def test_any_plan_is_read_or_refused(changes: dict[str, Any]) -> None:
    try:
        plan = plan_of({**GOOD, **changes}, KNOWN)
    except BadPlan:
        return
    assert plan_of(written(plan), KNOWN) == plan


@given(st.text(max_size=200))
def test_any_text_is_a_plan_or_refused(text: str) -> None:
    with pytest.raises(BadPlan):
        plan_from_toml(text)


def test_a_form_becomes_a_plan() -> None:
    lines = (Line("70B", address="http://h:1/v1", model="m", hardware="l20", cards="2"), Line())
    plan = plan_from_form(Form(title="t", lines=lines, margin="1,5"))
    assert [one.label for one in plan.configurations] == ["70B"]
    assert {one.name for one in plan.works} == {"record", "differential"}
    assert plan.works[0].margin == pytest.approx(0.015)
    with pytest.raises(BadPlan):
        plan_from_form(Form(title="t", lines=lines, rates="fast"))


def test_prices_are_kept_as_they_are_read() -> None:
    shipped = shipped_prices()
    assert prices_of(prices_json(shipped)) == shipped
    assert all(one.assumed for one in shipped.hardware.values())
    for field, value in (("pue", 0.5), ("energy", -1), ("people", "much"), ("energy", "nan")):
        with pytest.raises(BadPrices):
            prices_of({**prices_json(shipped), field: value})


@given(st.dictionaries(st.sampled_from(["energy", "pue", "hardware", "currency"]), JSON_VALUES))
def test_any_price_list_is_read_or_refused(changes: dict[str, Any]) -> None:
    try:
        prices_of({**prices_json(shipped_prices()), **changes})
    except BadPrices:
        return


def test_the_invented_day_has_two_peaks() -> None:
    times = shipped_arrivals("outpatient-day-invented.csv")
    assert times[0] == 0.0
    assert list(times) == sorted(times)
    start = 27040.3 / 3600
    hours = [int(start + time / 3600) for time in times]
    busy = {hour: hours.count(hour) for hour in set(hours)}
    assert busy[9] > busy[12] < busy[14]


@given(st.binary(max_size=200))
def test_any_file_of_arrivals_is_read_or_refused(raw: bytes) -> None:
    try:
        times = arrival_times(b"seconds\n" + raw)
    except BadArrivals:
        return
    assert list(times) == sorted(times)
