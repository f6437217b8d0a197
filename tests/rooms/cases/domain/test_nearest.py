"""What is near, and why."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from countersign.kit.words import Words
from countersign.rooms.cases.domain import LEAST, Case, Item, Shelf, groups, nearest

ICD = "http://hl7.org/fhir/sid/icd-10"
CODES = ("I50.9", "I50.1", "E11.9", "N18.3", "J18.9")


def problem(code: str) -> Item:
    return Item("problem", ICD, code, Words(code, code), "active")


def medicine(code: str) -> Item:
    return Item("medicine", "http://www.whocc.no/atc", code, Words(code, code))


def case(*items: Item, age: int | None = 60, sex: str = "male") -> Case:
    return Case(age, sex, (), items, 1, 7, "home")


COMMON = [case(problem("E11.9")) for _ in range(20)]


def test_what_is_rare_counts_more_than_what_everybody_has() -> None:
    shelf = Shelf([*COMMON, case(problem("E11.9"), medicine("A")), case(problem("N18.3"))])
    wanted = case(problem("E11.9"), problem("N18.3"))
    assert nearest(wanted, {"x": shelf})[0].place == 21


def test_a_code_of_the_same_category_is_near_but_less_so() -> None:
    shelf = Shelf([case(problem("J18.9")), case(problem("I50.1")), case(problem("I50.9"))])
    found = nearest(case(problem("I50.9")), {"x": shelf})
    assert [one.place for one in found] == [2, 1]


def test_age_and_sex_decide_between_equals_and_never_alone() -> None:
    shelf = Shelf([
        case(problem("I50.9"), age=20, sex="female"), case(problem("I50.9")), case(problem("J18.9"))
    ])  # fmt: skip
    assert [one.place for one in nearest(case(problem("I50.9")), {"x": shelf})] == [1, 0]


def test_alike_and_different_are_told_apart() -> None:
    shelf = Shelf([case(problem("I50.9"), medicine("B")), *COMMON])
    [near] = nearest(case(problem("I50.9"), medicine("A")), {"x": shelf})
    assert [one.code for one in near.alike] == ["I50.9"]
    assert [one.code for one in near.only_here] == ["A"]
    assert [one.code for one in near.only_there] == ["B"]


def test_the_own_case_is_left_out() -> None:
    shelf = Shelf([case(problem("I50.9")), case(problem("I50.9"))])
    found = nearest(case(problem("I50.9")), {"x": shelf}, limit=1, without=[("x", 0)])
    assert [one.place for one in found] == [1]


def test_no_shelf_and_an_empty_one_hold_nothing_near() -> None:
    assert nearest(case(problem("I50.9")), {}) == []
    assert nearest(case(problem("I50.9")), {"x": Shelf([])}) == []


SOME = st.builds(
    case,
    st.sampled_from(CODES).map(problem),
    age=st.sampled_from([None, 0, 40, 60, 90]),
    sex=st.sampled_from(["male", "female"]),
)


@given(SOME, st.lists(SOME, max_size=12), st.integers(1, 5))
def test_fewer_are_the_first_of_more_and_each_shares_a_code_or_its_category(
    wanted: Case, cases: list[Case], limit: int
) -> None:
    everything = nearest(wanted, {"a": Shelf(cases)}, len(cases) + 1)
    assert nearest(wanted, {"a": Shelf(cases)}, limit) == everything[:limit]
    category = wanted.items[0].code[:3]
    near = {one.place for one in everything}
    assert near == {place for place, one in enumerate(cases) if one.items[0].code[:3] == category}


def test_small_groups_are_counted_by_what_a_neighbour_knows() -> None:
    many = [case(problem("E11.9")) for _ in range(LEAST)]
    counted = groups([*many, case(problem("E11.9"), age=90), case(problem("J18.9"))])
    assert counted.small == {LEAST, LEAST + 1}
    assert (counted.cases, counted.groups, counted.smallest) == (LEAST + 2, 3, 1)
    assert groups([]).smallest == 0
