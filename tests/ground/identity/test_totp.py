"""Codes of an authenticator application, against the vectors of RFC 6238."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.identity.totp import (
    DRIFT,
    STEP,
    address,
    code,
    new_secret,
    step_at,
    step_of,
)

# RFC 6238, Appendix B, SHA-1: the secret is the ASCII of "12345678901234567890".
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)).map(  # noqa: DTZ001 - made UTC
    lambda one: one.replace(tzinfo=UTC)
)


@pytest.mark.parametrize(("seconds", "digits"), VECTORS.items())
def test_the_codes_of_the_standard(seconds: int, digits: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert code(SECRET, step_at(now), digits=8) == digits
    assert step_of(SECRET, digits[2:], now) == step_at(now)


@given(MOMENTS, st.integers(-4, 4))
def test_a_code_is_good_for_its_step_and_one_to_each_side(now: datetime, away: int) -> None:
    shown = code(SECRET, step_at(now) + away)
    found = step_of(SECRET, f" {shown[:3]} {shown[3:]} ", now)
    if abs(away) <= DRIFT:
        assert found is not None
        assert code(SECRET, found) == shown
    else:
        near = {code(SECRET, step_at(now) + step) for step in range(-DRIFT, DRIFT + 1)}
        assert (found is not None) == (shown in near)


@given(st.text(max_size=40), MOMENTS)
def test_any_text_fits_or_does_not_and_nothing_breaks(text: str, now: datetime) -> None:
    near = {code(SECRET, step_at(now) + step) for step in range(-DRIFT, DRIFT + 1)}
    assert (step_of(SECRET, text, now) is not None) == ("".join(text.split()) in near)
    assert step_of(text, "000000", now) is None


def test_secrets_are_long_and_fresh() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(base64.b32decode(one)) for one in made} == {20}
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert step_at(now + timedelta(seconds=STEP)) == step_at(now) + 1


def test_the_drawing_says_whose_it_is() -> None:
    said = address(SECRET, "Countersign · Ward & Co", "王 医生")
    assert said.startswith("otpauth://totp/Countersign%20%C2%B7%20Ward%20%26%20Co:%E7%8E%8B%20")
    assert f"secret={SECRET}" in said
