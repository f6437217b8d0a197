"""ID tokens: the right one is taken, and every wrong one is refused for what is wrong with it."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from countersign.ground.identity import TokenRefused
from countersign.ground.identity.idtoken import Claims, Expected, judged, key_id, keys_of

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
EXPECTED = Expected("https://login.example", "countersign", "the nonce of this sign-in")


@cache
def rsa(kid: str = "rsa") -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


@cache
def ec(kid: str = "ec") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


def published(*more: dict[str, Any]) -> tuple[Any, ...]:
    keys = [rsa().as_dict(private=False), ec().as_dict(private=False), *more]
    return keys_of({"keys": keys})


def claims(**changes: Any) -> dict[str, Any]:
    said = {
        "iss": EXPECTED.issuer,
        "aud": EXPECTED.client,
        "sub": "u-4711",
        "nonce": EXPECTED.nonce,
        "iat": SECONDS,
        "exp": SECONDS + 300,
        **changes,
    }
    return {name: value for name, value in said.items() if value is not None}


def token(header: dict[str, Any] | None = None, key: Any = None, **changes: Any) -> str:
    key = key or rsa()
    given = {"alg": "RS256", "kid": key.kid, **(header or {})}
    made = {name: value for name, value in given.items() if value is not None}
    return jwt.encode(made, claims(**changes), key, algorithms=["RS256", "ES256", "RS512"])


def raw(header: dict[str, Any], said: dict[str, Any], signature: bytes = b"") -> str:
    """A token by hand, as no library would make it."""
    parts = [json.dumps(header).encode(), json.dumps(said).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def judge(given: str, keys: tuple[Any, ...] | None = None, now: datetime = NOW) -> Claims:
    return judged(given, published() if keys is None else keys, EXPECTED, now)


def reason(given: str, **more: Any) -> str:
    with pytest.raises(TokenRefused) as refused:
        judge(given, **more)
    return str(refused.value.details["reason"])


@pytest.mark.parametrize(("alg", "key"), [("RS256", rsa), ("ES256", ec)])
def test_a_token_of_the_provider_is_taken(alg: str, key: Any) -> None:
    said = judge(token({"alg": alg}, key(), preferred_username=" wang@hospital\n"))
    assert (said.subject, said.label, said.authenticated_at) == ("u-4711", "wang@hospital", None)
    assert key_id(token({"alg": alg}, key())) == alg[:2].lower().replace("rs", "rsa").replace(
        "es", "ec"
    )
    assert judge(token(aud=["countersign"], azp="countersign", auth_time=SECONDS - 5))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "https://login.example/"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "another"}, "audience"),
        ({"aud": ["countersign", "another"]}, "audience"),
        ({"aud": None}, "audience"),
        ({"azp": "another"}, "audience"),
        ({"nonce": "of another sign-in"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "subject"),
        ({"sub": ""}, "subject"),
        ({"sub": 4711}, "subject"),
        ({"exp": None}, "time"),
        ({"exp": SECONDS - 61}, "expired"),
        ({"exp": "tomorrow"}, "time"),
        ({"exp": True}, "time"),
        ({"iat": None}, "time"),
        ({"iat": SECONDS + 61}, "time"),
        ({"iat": SECONDS - 601}, "time"),
        ({"iat": 1e300}, "time"),
        ({"nbf": SECONDS + 61}, "time"),
        ({"auth_time": "now"}, "time"),
    ],
)
def test_a_token_that_says_something_else_is_refused(changes: dict[str, Any], said: str) -> None:
    assert reason(token(**changes)) == said


def test_the_two_clocks_may_differ_by_a_minute() -> None:
    assert judge(token(exp=SECONDS - 59, iat=SECONDS - 300))
    assert judge(token(iat=SECONDS + 59))
    assert reason(token(), now=NOW + timedelta(seconds=361)) == "expired"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "HS256", "RS512", "ES256K", 7, None])
def test_no_other_algorithm_is_taken(alg: Any) -> None:
    assert reason(raw({"alg": alg, "kid": "rsa"}, claims())) == "algorithm"


def test_a_public_key_is_no_secret() -> None:
    """Key confusion: the public key, which everybody has, as the secret of an HMAC."""
    pem = rsa().as_pem(private=False)
    header = {"alg": "HS256", "kid": "rsa"}
    signed = raw(header, claims()).rpartition(".")[0]
    forged = hmac.digest(pem, signed.encode(), sha256)
    assert reason(raw(header, claims(), forged)) == "algorithm"
    shared = {"kty": "oct", "k": base64.urlsafe_b64encode(pem).decode(), "kid": "rsa"}
    assert all(not hasattr(key, "k") for key in published(shared))
    assert len(published(shared)) == 2


def test_a_key_signs_with_its_own_algorithm_alone() -> None:
    assert reason(raw({"alg": "ES256", "kid": "rsa"}, claims(), b"x" * 64)) == "key"
    other = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig", "alg": "PS256"})
    keys = keys_of({"keys": [other.as_dict(private=False)]})
    assert reason(raw({"alg": "RS256", "kid": "rsa"}, claims(), b"x"), keys=keys) == "key"


def test_another_providers_key_is_refused() -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "rsa"})
    assert reason(token(key=stranger)) == "signature"
    unknown = RSAKey.generate_key(2048, {"kid": "unknown"})
    assert reason(token(key=unknown)) == "key"


def test_without_a_name_the_key_must_be_the_only_one() -> None:
    unnamed = token({"kid": None})
    assert judge(unnamed).subject == "u-4711"
    second = RSAKey.generate_key(2048, {"kid": "second"}).as_dict(private=False)
    assert reason(unnamed, keys=published(second)) == "key"


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"])
def test_a_token_does_not_say_by_what_it_is_judged(name: str) -> None:
    assert reason(raw({"alg": "RS256", "kid": "rsa", name: ["x"]}, claims())) in ("header", "form")


def test_weak_and_private_and_encrypting_keys_are_left_out() -> None:
    weak = {"kty": "RSA", "n": "AQAB" * 40, "e": "AQAB", "kid": "weak"}
    private = RSAKey.generate_key(2048, {"kid": "private"}).as_dict(private=True)
    encrypts = {**rsa().as_dict(private=False), "use": "enc", "kid": "enc"}
    assert {key.kid for key in published(weak, private, encrypts)} == {"rsa", "ec"}


@pytest.mark.parametrize("document", [{}, {"keys": {}}, {"keys": [{}] * 101}])
def test_a_document_without_a_list_of_keys_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        keys_of(document)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda more: (
        st.lists(more, max_size=4) | st.dictionaries(st.text(max_size=8), more, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=300) | st.lists(st.text("AZaz09-_=", max_size=60), max_size=5).map(".".join)
)
def test_any_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(TokenRefused):
        judge(text)
    with pytest.raises(TokenRefused):
        key_id(text + ".")


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "x"]), JSONS), JSONS)
def test_any_header_and_any_claims_are_refused_in_words(header: Any, said: Any) -> None:
    with pytest.raises(TokenRefused):
        judge(raw({"alg": "RS256", **header}, said, b"signed"))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(claims())), JSONS, min_size=1))
def test_signed_nonsense_is_refused_in_words(changes: dict[str, Any]) -> None:
    """The provider itself may be broken: what it signs is judged all the same."""
    if all(claims()[name] == value for name, value in changes.items()):
        return
    given_claims = {**claims(), **changes}
    made = jwt.encode({"alg": "ES256", "kid": "ec"}, given_claims, ec(), algorithms=["ES256"])
    try:
        said = judge(made)
    except TokenRefused:
        return
    assert said.subject == given_claims["sub"]
    assert given_claims["iss"] == EXPECTED.issuer
    assert given_claims["nonce"] == EXPECTED.nonce


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2000), st.integers(1, 255))
def test_one_changed_byte_is_refused(place: int, change: int) -> None:
    whole = token()
    body = bytearray(whole.encode())
    at = place % len(body)
    body[at] = (body[at] ^ change) & 0x7F
    altered = body.decode()
    if altered == whole or _same(altered, whole):
        return
    with pytest.raises(TokenRefused):
        judge(altered)


def _same(one: str, other: str) -> bool:
    """Whether the two spell the same bytes: the last sign of a part holds spare bits."""

    def plain(text: str) -> list[bytes]:
        parts = text.split(".")
        return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts]

    try:
        return plain(one) == plain(other)
    except ValueError:
        return False


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=8), JSONS) | st.fixed_dictionaries({"keys": JSONS}))
def test_any_document_of_keys_is_read_or_refused_in_words(document: dict[str, Any]) -> None:
    try:
        assert keys_of(document) == ()
    except TokenRefused:
        return
