"""Search parameters are understood or refused by name; none is ignored."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.chart import BadParameter, UnknownParameter, search_parameters
from countersign.ground.chart.indexing import index
from countersign.ground.chart.names import beginnings, begins, normal, person_name
from countersign.ground.chart.parameters import CLINICAL, TABLE, parameters
from countersign.ground.chart.query import Query, cursor, read
from countersign.ground.chart.shape import resource_model, table
from ground.chart.hospital import patient

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def finds(query: Query, resource: dict[str, object]) -> bool:
    words = set(index(resource).words)
    return all(bool(group.words & words) is not group.no for group in query.groups)


def test_an_unknown_parameter_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UnknownParameter, match="colour.*code, combo-code, component-code"):
        read("Observation", {"colour": "red"}, NOW)
    with pytest.raises(UnknownParameter):
        read("Zork", {}, NOW)
    with pytest.raises(UnknownParameter):
        read("Patient", {"patient": "p1"}, NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_count", "-1"),
        ("_count", "many"),
        ("_count", "²"),
        ("_sort", "name"),
        ("_cursor", "???"),
        ("_cursor", cursor("a b")),
        ("_id", "a/b"),
        ("patient", "Group/1"),
        ("patient", "x' or 1=1 --"),
        ("date", "today"),
        ("code", ""),
        ("code", ",,"),
        ("code:above", "x"),
        ("code", "x\0y"),
        ("code", "x" * 5000),
        ("code", ",".join("abcdefghij" * 11)),
    ],
)
def test_a_bad_value_is_an_error(name: str, value: str) -> None:
    with pytest.raises(BadParameter):
        read("Observation", {name: value}, NOW)


def test_commas_are_or_and_repetitions_are_and() -> None:
    query = read("Observation", [("code", "a,b"), ("status", "final"), ("status", "amended")], NOW)
    assert [sorted(group.words) for group in query.groups] == [
        ["code=a", "code=b"],
        ["status=final"],
        ["status=amended"],
    ]
    assert sorted(read("Observation", {"code": r"a\,b,c"}, NOW).groups[0].words) == [
        "code=a,b",
        "code=c",
    ]


def test_patients_are_named_in_every_form_and_narrow_each_other() -> None:
    for name in ("patient", "subject", "subject:Patient"):
        for value in ("p1", "Patient/p1"):
            assert read("Observation", {name: value}, NOW).patients == frozenset({"p1"})
    both = read("Observation", [("patient", "p1,p2"), ("subject", "Patient/p2")], NOW)
    assert both.patients == frozenset({"p2"})


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("name", "王", True),
        ("name", "王小明", True),
        ("name", "小", True),
        ("name", "明", False),
        ("name", "ＷＡＮＧ", True),
        ("name", "wang xiao", True),
        ("name", "xiaoming", True),
        ("name", "iao", False),
        ("family:exact", "王", True),
        ("family:exact", "Wang", True),
        ("family:exact", "wang", False),
        ("identifier", "urn:mrn|MRN-p1", True),
        ("identifier", "MRN-p1", True),
        ("identifier", "urn:mrn|", True),
        ("identifier", "|MRN-p1", False),
        ("identifier", "urn:other|MRN-p1", False),
        ("gender", "male", True),
        ("gender:not", "male", False),
        ("gender:not", "female", True),
        ("birthdate", "1950-05-06", True),
        ("birthdate", "1950", True),
        ("birthdate", "lt1950-05-06", False),
        ("phone", "555", True),
        ("email", "555", False),
        ("general-practitioner", "Practitioner/li", True),
        ("general-practitioner", "li", True),
        ("general-practitioner:Practitioner", "li", True),
        ("general-practitioner:Organization", "li", False),
    ],
)
def test_what_finds_a_patient(name: str, value: str, found: bool) -> None:
    names = [
        {"text": "王小明", "family": "王", "given": ["小明"]},
        {"text": "Wang Xiaoming", "family": "Wang", "given": ["Xiaoming"]},
    ]
    phone = [{"system": "phone", "value": "555"}]
    doctor = [{"reference": "Practitioner/li"}]
    resource = patient(name=names, telecom=phone, generalPractitioner=doctor)
    assert finds(read("Patient", {name: value}, NOW), resource) is found


def test_every_table_names_real_types_and_elements() -> None:
    for kind in {*TABLE, *CLINICAL}:
        model = resource_model(kind)
        assert model is not None, kind
        elements = table(model)
        for parameter in parameters(kind).values():
            for path in parameter.paths:
                first = path.partition(".")[0]
                assert parameter.name == "identifier" or first in elements, f"{kind}.{path}"
        for element in CLINICAL[kind].elements if kind in CLINICAL else ():
            assert element.partition(".")[0] in elements or element == "start-end", kind
        assert set(parameters(kind)) < set(search_parameters(kind))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["Observation", "Patient", "Encounter", "ValueSet"]),
    st.lists(
        st.tuples(
            st.sampled_from([*search_parameters("Patient"), *search_parameters("Observation")])
            | st.text(max_size=12),
            st.text(max_size=30),
        ),
        max_size=3,
    ),
)
def test_any_text_is_a_query_or_an_error_with_words(
    kind: str, asked: list[tuple[str, str]]
) -> None:
    try:
        query = read(kind, asked, NOW)
    except (UnknownParameter, BadParameter) as problem:
        assert problem.status == 400
    else:
        assert query.type == kind and 0 <= query.count <= 200


@given(st.text(max_size=40))
def test_every_beginning_finds_its_text(text: str) -> None:
    whole = normal(text)
    assert normal(whole) == whole
    for start in beginnings(text):
        assert begins(text, start) or not start.strip()


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([{"family": "王", "given": ["小", "明"]}], "王小明"),
        ([{"family": "Chen", "given": ["Ada", "B."]}], "Ada B. Chen"),
        ([{"use": "old", "text": "A"}, {"use": "official", "text": "B"}], "B"),
        ([{"text": "only"}], "only"),
        ([], ""),
    ],
)
def test_a_name_is_shown_in_the_order_of_its_language(
    names: list[dict[str, object]], shown: str
) -> None:
    assert person_name(names) == shown
