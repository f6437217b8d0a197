"""Parsers that strangers reach take anything and give the same answers for the same meaning."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.doors.smart.assertions import LEEWAY, LIFE, Assertions, check_claims
from countersign.doors.smart.errors import BadKeys, NotThisClient
from countersign.doors.smart.keysets import public_keys
from countersign.ground.identity import BadScope, NoSuchApp, Scope, Scopes, read_scopes

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LEVELS = st.sampled_from(["patient", "user", "system"])
KINDS = st.sampled_from(["*", "Patient", "Observation", "Condition"])
WAYS = st.sets(st.sampled_from("cruds"), min_size=1).map(
    lambda ways: "".join(way for way in "cruds" if way in ways)
)
RIGHTS = st.builds(Scope, LEVELS, KINDS, WAYS)
MANY = st.lists(RIGHTS, max_size=6).map(lambda some: read_scopes(map(str, some)))
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
PIECES = st.sampled_from(
    ["patient/", "user/", "system/", "*", ".", "Observation", "cruds", "rs", "sr", "read", "?",
     "category=x", " ", "  ", "\0", "\n", "openid", "launch/patient", "é", "/"]
)  # fmt: skip


def allows(scopes: Scopes, level: str, kind: str, way: str) -> bool:
    return any(one.covers(kind, way) for one in scopes.of(level))


def every(scopes: Scopes) -> set[tuple[str, str, str]]:
    """Each single thing that is allowed, of a few types."""
    return {
        (level, kind, way)
        for level in ("patient", "user", "system")
        for kind in ("Patient", "Observation", "Condition", "Slot")
        for way in "cruds"
        if allows(scopes, level, kind, way)
    }


@given(st.text() | st.lists(PIECES).map("".join))
def test_any_text_is_scopes_or_a_refusal(text: str) -> None:
    try:
        found = read_scopes(text)
    except BadScope:
        return
    assert read_scopes(str(found)) == found
    for one in found.rights:
        assert "?" not in one.kind and one.ways and set(one.ways) <= set("cruds")
        assert one.level in text and (one.kind in text)


@given(MANY, MANY)
def test_what_two_allow_is_what_both_allow(first: Scopes, second: Scopes) -> None:
    both = first.within(second)
    assert every(both) == every(first) & every(second)
    assert both == second.within(first)
    assert every(both.only("rs")) == {one for one in every(both) if one[2] in "rs"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("patient/*.read", "patient/*.rs"),
        ("user/Observation.write", "user/Observation.cud"),
        ("system/*.*", "system/*.cruds"),
        ("patient/Patient.r patient/Patient.s", "patient/Patient.rs"),
    ],
)
def test_the_forms_of_version_1_are_mapped(old: str, new: str) -> None:
    assert read_scopes(old) == read_scopes(new)
    assert str(read_scopes(old)) == new


@pytest.mark.parametrize(
    "text",
    ["patient/Observation.rs?code=1", "patient/Observation.", "patient/observation.rs",
     "patient/*.x", "user/", "patient/Observation.rr", "patient/*.rs\n"],
)  # fmt: skip
def test_what_looks_like_a_right_and_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadScope):
        read_scopes(text)


class _Registry:
    def find(self, app: str) -> Any:
        raise NoSuchApp


class _Apps:
    registry = _Registry()


ASSERTIONS = Assertions(cast("Any", _Apps()), cast("Any", None), lambda: NOW)


def _encoded(said: Any) -> str:
    return urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


@given(
    st.text()
    | st.lists(st.text(alphabet="abcXYZ019-_=", max_size=12), min_size=3, max_size=3).map(".".join)
    | st.lists(JSONS.map(_encoded), min_size=3, max_size=3).map(".".join)
)
def test_any_text_as_an_assertion_is_refused(text: str) -> None:
    with pytest.raises(NotThisClient):
        ASSERTIONS.prove(text, "https://house.example/oauth/token")


@given(st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "jti", "iat", "nbf"]), JSONS))
def test_any_claims_are_refused_or_hold_for_five_minutes_at_most(said: dict[str, Any]) -> None:
    good = {"iss": "app", "sub": "app", "aud": "here", "jti": "1"}
    good["exp"] = cast("Any", (NOW + timedelta(seconds=60)).timestamp())
    try:
        ends = check_claims({**good, **said}, "app", "here", NOW)
    except NotThisClient:
        return
    assert NOW - LEEWAY < ends <= NOW + LIFE + LEEWAY


@given(st.text() | JSONS.map(json.dumps) | JSONS.map(lambda one: json.dumps({"keys": [one]})))
def test_any_text_as_keys_is_refused(text: str) -> None:
    with pytest.raises(BadKeys):
        public_keys(text)
