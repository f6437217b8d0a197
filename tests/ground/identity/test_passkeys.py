"""Passkeys with an authenticator made of nothing but keys, so that it can be made to lie.

That the honest way works in a real browser is shown by the journeys.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countersign.ground.identity import (
    Holder,
    Party,
    Passkey,
    PasskeyRefused,
    Role,
    TooManyFactors,
    WrongProof,
)
from ground.identity.test_second import HERE, begun, present
from ground.identity.world import World

ELSEWHERE = Party("https://evil.example", "evil.example", "Countersign")


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Authenticator:
    """A security key. ``lies`` replace what an honest one says."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = 0

    def make(self, options: str, origin: str = HERE.origin, **lies: Any) -> str:
        asked = json.loads(options)
        point = self.key.public_key().public_numbers()
        cose = {
            1: 2,
            3: -7,
            -1: 1,
            -2: point.x.to_bytes(32, "big"),
            -3: point.y.to_bytes(32, "big"),
        }
        data = self._data(lies.get("host", asked["rp"]["id"]), lies.get("flags", 0x45))
        data += bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", lies.get("challenge", asked["challenge"]), origin)
        return self._said(clientDataJSON=client, attestationObject=attestation)

    def prove(self, options: str, origin: str = HERE.origin, **lies: Any) -> str:
        asked = json.loads(options)
        self.count += lies.get("step", 1)
        data = self._data(lies.get("host", asked["rpId"]), lies.get("flags", 0x05))
        kind = lies.get("kind", "webauthn.get")
        client = self._client(kind, lies.get("challenge", asked["challenge"]), origin)
        key = lies.get("key", self.key)
        signature = key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._said(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _data(self, host: str, flags: int) -> bytes:
        return sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()

    def _said(self, **response: bytes) -> str:
        said = {name: text(raw) for name, raw in response.items()}
        whole = {"id": text(self.id), "rawId": text(self.id), "type": "public-key"}
        return json.dumps({**whole, "response": said})


def registered(world: World, username: str = "doctor") -> tuple[str, Holder, Authenticator]:
    """Somebody signed in and present, with a key."""
    world.person(username, Role.PHYSICIAN)
    token, holder = present(world, username)
    key = Authenticator()
    options = world.entrance.enrolment.offer(holder, HERE)
    assert options is not None
    world.entrance.enrolment.register(holder, HERE, key.make(options), "  My \n key ")
    return token, holder, key


def asked(world: World, token: str) -> str:
    options = world.entrance.ways(token, HERE).passkey
    assert options is not None
    return options


def test_a_key_is_set_up_and_proves_presence_in_any_process(world: World) -> None:
    token, holder, key = registered(world)
    (factor,) = world.entrance.enrolment.of(holder.person)
    assert (factor.kind, factor.label) == ("passkey", "My key")
    for _ in range(3):
        world.enter().step_up(token, Passkey(key.prove(asked(world, token))), HERE)
    assert world.events("stepped-up")[-1].detail == {"way": "passkey"}
    pending = begun(world, "doctor")
    options = world.entrance.asked(pending, HERE).passkey
    assert options is not None
    assert world.enter().finish(pending, Passkey(key.prove(options)), HERE, None)


@pytest.mark.parametrize(
    "lies",
    [
        {"origin": "https://evil.example"},
        {"host": "evil.example"},
        {"challenge": text(bytes(32))},
        {"kind": "webauthn.create"},
        {"flags": 0x04},
        {"key": ec.generate_private_key(ec.SECP256R1())},
    ],
    ids=["origin", "host", "challenge", "kind", "not verified", "another key"],
)
def test_a_key_that_lies_proves_nothing(world: World, lies: dict[str, Any]) -> None:
    token, _, key = registered(world)
    with pytest.raises(PasskeyRefused):
        world.entrance.step_up(token, Passkey(key.prove(asked(world, token), **lies)), HERE)
    assert world.events("step-up-refused")[-1].detail == {"reason": "identity.passkey_refused"}


@pytest.mark.parametrize(
    "lies",
    [
        {"origin": "https://evil.example"},
        {"host": "evil.example"},
        {"challenge": text(bytes(32))},
        {"flags": 0x44},
    ],
    ids=str,
)
def test_a_key_that_lies_is_not_set_up(world: World, lies: dict[str, Any]) -> None:
    world.person("doctor", Role.PHYSICIAN)
    _, holder = present(world)
    options = world.entrance.enrolment.offer(holder, HERE)
    assert options is not None
    with pytest.raises(PasskeyRefused):
        world.entrance.enrolment.register(holder, HERE, Authenticator().make(options, **lies), "")


def test_an_answer_is_good_once(world: World) -> None:
    token, _, key = registered(world)
    options = asked(world, token)
    answer = key.prove(options)
    world.entrance.step_up(token, Passkey(answer), HERE)
    for again in (answer, key.prove(options)):
        with pytest.raises(PasskeyRefused):
            world.entrance.step_up(token, Passkey(again), HERE)
    # Neither is an answer to a challenge of another session, nor to one that is too old.
    pending = begun(world, "doctor")
    given = world.entrance.asked(pending, HERE).passkey
    assert given is not None
    other = world.entrance.finish(pending, Passkey(key.prove(given)), HERE, None).token
    with pytest.raises(PasskeyRefused):
        world.entrance.step_up(other, Passkey(key.prove(asked(world, token))), HERE)
    options = asked(world, token)
    world.clock.move(minutes=11)
    with pytest.raises(PasskeyRefused):
        world.entrance.step_up(token, Passkey(key.prove(options)), HERE)


def test_a_copied_key_shows_by_its_count(world: World) -> None:
    token, _, key = registered(world)
    world.entrance.step_up(token, Passkey(key.prove(asked(world, token), step=5)), HERE)
    with pytest.raises(PasskeyRefused):
        world.entrance.step_up(token, Passkey(key.prove(asked(world, token), step=-1)), HERE)


def test_another_persons_key_proves_nothing(world: World) -> None:
    token, _, _ = registered(world)
    _, _, theirs = registered(world, "colleague")
    with pytest.raises(PasskeyRefused):
        world.entrance.step_up(token, Passkey(theirs.prove(asked(world, token))), HERE)


def test_a_key_belongs_to_one_person_and_ten_are_enough(world: World) -> None:
    _, holder, key = registered(world)
    options = world.entrance.enrolment.offer(holder, HERE)
    assert options is not None
    with pytest.raises(WrongProof):
        world.entrance.enrolment.register(holder, HERE, key.make(options), "again")
    for _ in range(9):
        options = world.entrance.enrolment.offer(holder, HERE)
        assert options is not None
        world.entrance.enrolment.register(holder, HERE, Authenticator().make(options), "")
    with pytest.raises(TooManyFactors):
        world.entrance.enrolment.offer(holder, HERE)


def test_a_key_of_this_house_is_none_elsewhere(world: World) -> None:
    token, _, key = registered(world)
    answer = key.prove(asked(world, token), origin=ELSEWHERE.origin, host=ELSEWHERE.host)
    with pytest.raises(PasskeyRefused):
        world.entrance.step_up(token, Passkey(answer), HERE)


def test_a_removed_key_proves_nothing(world: World) -> None:
    token, holder, key = registered(world)
    options = asked(world, token)
    (factor,) = world.entrance.enrolment.of(holder.person)
    world.entrance.enrolment.remove(holder, factor.id)
    with pytest.raises(PasskeyRefused):
        world.entrance.step_up(token, Passkey(key.prove(options)), HERE)


PARTS = ("clientDataJSON", "authenticatorData", "signature", "attestationObject")
RAW = st.binary(max_size=60).map(text) | st.text(max_size=20) | st.none() | st.integers()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    part=st.sampled_from((*PARTS, "id", "rawId", "type", "response")),
    value=RAW,
    place=st.integers(0, 400),
)
def test_a_bent_answer_is_refused_in_words(world: World, part: str, value: Any, place: int) -> None:
    """Whatever a hostile browser sends, it is refused, and nothing breaks."""
    world.clock.move(hours=25)  # nobody is locked out by the examples before
    passkeys = world.entrance._passkeys
    if not world.pool.rows("select id from identity.person where name = 'Name of fuzzed'"):
        registered(world, "fuzzed")
    person = world.pool.rows("select id from identity.person where name = 'Name of fuzzed'")[0][
        "id"
    ]
    holder, key = secrets.token_bytes(32), Authenticator()
    for options, answer, use in (
        (passkeys.ask(holder, HERE, person), key.prove, passkeys.proved),
        (passkeys.offer(holder, HERE, person, "x"), key.make, None),
    ):
        assert options is not None
        said = json.loads(answer(options))
        if part in PARTS and part in said["response"]:
            said["response"][part] = value
        elif part not in PARTS:
            said[part] = value
        bent = json.dumps(said)
        with pytest.raises((PasskeyRefused, WrongProof)):
            if use is not None:
                use(holder, HERE, person, bent)
            else:
                flipped = bent[: place % len(bent)] + "~" + bent[place % len(bent) + 1 :]
                passkeys.register(holder, HERE, person, flipped, "", f"person:{person}")
