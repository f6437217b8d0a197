"""Ways to make what release takes without a signature; imports are watched by tests/house."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from building import SECRET, Building, body, issue, words
from countersign.ground.signoff import (
    Body,
    Damaged,
    Draft,
    Explanation,
    Proposal,
    RiskClass,
    Signature,
    Signed,
)
from gate.stage import Stage


@pytest.fixture(scope="module")
def signed(stage: Stage) -> Signed[Body]:
    """An honest proof, not yet released."""
    draft, _ = stage.signed()
    proof = stage.building.signoff.reading.signed(draft["id"])
    assert proof is not None
    return proof


def parts(signed: Signed[Body]) -> dict[str, Any]:
    return {name: getattr(signed, name) for name in Signed.__slots__}


def forged(signed: Signed[Body], **changes: Any) -> Signed[Body]:
    """What only malice can make: Python lets nobody forbid it, so that release looks again."""
    one: Signed[Body] = object.__new__(Signed)
    for name, value in {**parts(signed), **changes}.items():
        object.__setattr__(one, name, value)
    return one


def inherited(signed: Signed[Body]) -> None:
    class Mine(Signed[Body]):  # type: ignore[misc]
        pass


MAKING: dict[str, Callable[[Signed[Body]], object]] = {
    "construct it without the key": lambda s: Signed(object(), *parts(s).values()),
    "construct it with no key": lambda s: Signed(None, *parts(s).values()),
    "replace its text": lambda s: dataclasses.replace(s, text=words("other")),  # type: ignore[type-var]
    "copy it": copy.copy,
    "copy it deeply": copy.deepcopy,
    "pickle it": pickle.dumps,
    "inherit from it": inherited,
    "change its text": lambda s: setattr(s, "text", words("other")),
    "change its draft": lambda s: setattr(s, "draft", None),
    "add something to it": lambda s: setattr(s, "more", 1),
    "delete its second signature": lambda s: delattr(s, "second"),
}


@pytest.mark.parametrize("name", MAKING)
def test_nobody_can(signed: Signed[Body], name: str) -> None:
    with pytest.raises(TypeError):
        MAKING[name](signed)


def draft_with(signed: Signed[Body], **changes: Any) -> Draft[Body]:
    return dataclasses.replace(signed.draft, **changes)


def other_explanation(signed: Signed[Body]) -> Explanation:
    return dataclasses.replace(signed.draft.explanation, rationale=words("other"))


CONTENT: dict[str, Callable[[Signed[Body]], dict[str, Any]]] = {
    "another text": lambda s: {"text": words("other")},
    "an amendment nobody made": lambda s: {"text": ("en", "other")},
    "other resources": lambda s: {
        "draft": draft_with(s, body=body(issue(code={"text": "All is well"})))
    },
    "no resources": lambda s: {"draft": draft_with(s, body=body())},
    "another explanation": lambda s: {"draft": draft_with(s, explanation=other_explanation(s))},
    "other content with its own hash": lambda s: {
        "draft": draft_with(s, body=body(issue(), text="other")),
        "signed_sha256": bytes(32),
    },
}


@pytest.mark.parametrize("name", CONTENT)
def test_release_refuses_forged_content(stage: Stage, signed: Signed[Body], name: str) -> None:
    with pytest.raises(Damaged):
        stage.building.floor.release.release(forged(signed, **CONTENT[name](signed)))


def head_with(signed: Signed[Body], **changes: Any) -> dict[str, Any]:
    return {"draft": draft_with(signed, head=dataclasses.replace(signed.draft.head, **changes))}


def signature_with(signed: Signed[Body], **changes: Any) -> Signature:
    return dataclasses.replace(signed.first, **changes)


GROUND: dict[str, Callable[[Signed[Body]], dict[str, Any]]] = {
    "another draft": lambda s: head_with(s, id="another"),
    "another patient": lambda s: head_with(s, patient="p2"),
    "a lower class": lambda s: head_with(s, risk=RiskClass.LOW),
    "an invented signature": lambda s: {"first": signature_with(s, id="invented")},
    "another signer": lambda s: {"first": signature_with(s, signer="another")},
    "an invented second signature": lambda s: {
        "second": signature_with(
            s, id="invented", ordinal=2, signer="another", decision="countersigned"
        )
    },
}


@pytest.mark.parametrize("name", GROUND)
def test_the_database_refuses_forged_ground(stage: Stage, signed: Signed[Body], name: str) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        stage.building.floor.release.release(forged(signed, **GROUND[name](signed)))
    assert stage.building.state(signed.draft.head.id) == "signed"


def test_a_forged_correction_overwrites_nothing(stage: Stage) -> None:
    """Which answer a release corrects is read from the database, not from the proof."""
    building: Building = stage.building
    old = building.released()
    draft, _ = stage.signed()
    proof = building.signoff.reading.signed(draft["id"])
    assert proof is not None
    head = dataclasses.replace(proof.draft.head, corrects=old.draft)
    done = building.floor.release.release(forged(proof, draft=draft_with(proof, head=head)))
    assert all(one.endswith("/_history/1") for one in done.versions)


def test_no_draft_without_an_explanation(stage: Stage) -> None:
    whole = stage.building.proposal()
    given = {field.name: getattr(whole, field.name) for field in dataclasses.fields(whole)}
    with pytest.raises(TypeError):
        Proposal(**{name: value for name, value in given.items() if name != "explanation"})
    for part in ("evidence", "limits", "inputs"):
        with pytest.raises(ValueError, match="explanation needs"):
            stage.building.explanation(**{part: ()})
    with pytest.raises(ValueError, match="both languages"):
        dataclasses.replace(stage.building.explanation().rationale, zh=" ")
    assert SECRET
