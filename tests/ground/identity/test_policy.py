"""The policy as a whole: default deny, reasons for the auditor, denials recorded."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from countersign.ground.identity import (
    Action,
    Decision,
    Facts,
    Forbidden,
    LicenceKind,
    Policy,
    PolicyBroken,
    Principal,
    Purpose,
    Role,
)
from countersign.ground.identity.rules import FOLDER, OTHER_REASONS
from countersign.ground.ledger import LedgerUnavailable
from ground.identity.world import World

PHYSICIAN = Principal(
    "me",
    "Me",
    "person",
    roles=frozenset({Role.PHYSICIAN}),
    departments=frozenset({"cardiology"}),
    licences=frozenset({LicenceKind.PHYSICIAN}),
)
ANNA = Facts("chart", "anna", frozenset({"cardiology"}))


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    shutil.copytree(FOLDER, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_a_decision_names_the_rules_that_made_it(shared_world: World) -> None:
    decide = shared_world.policy.decide
    assert decide(PHYSICIAN, Action.CHART_READ, ANNA) == Decision(True, ("record-department",))
    elsewhere = replace(ANNA, departments=frozenset({"oncology"}))
    assert decide(PHYSICIAN, Action.CHART_READ, elsewhere) == Decision(False, ("guard-relation",))
    assert decide(PHYSICIAN, Action.AI_STOP, Facts.house()) == Decision(False, ("nothing-permits",))
    labelled = replace(ANNA, sensitivity=frozenset({"HIV"}), care_team=frozenset({"other"}))
    assert decide(PHYSICIAN, Action.DRAFT_DECIDE, labelled).reasons == ("guard-sensitive",)


def test_every_reason_has_a_sentence_in_both_languages(shared_world: World) -> None:
    policy = shared_world.policy
    assert len(policy.rules) > 20
    for reason in [*(rule.id for rule in policy.rules), *OTHER_REASONS]:
        words = policy.words(reason)
        assert words.en.endswith("."), reason
        assert words.zh.endswith("。"), reason
    with pytest.raises(KeyError):
        policy.words("no such rule")


def test_an_expired_licence_decides_nothing(shared_world: World) -> None:
    draft = replace(ANNA, kind="workstation.results")
    unlicensed = replace(PHYSICIAN, licences=frozenset())
    assert shared_world.policy.decide(PHYSICIAN, Action.DRAFT_DECIDE, draft).allowed
    assert not shared_world.policy.decide(unlicensed, Action.DRAFT_DECIDE, draft).allowed
    assert shared_world.policy.decide(unlicensed, Action.DRAFT_READ, draft).allowed


def test_a_physician_who_is_the_patient_does_not_treat_herself(shared_world: World) -> None:
    both = replace(
        PHYSICIAN,
        roles=frozenset({Role.PHYSICIAN, Role.PATIENT}),
        patients=frozenset({"anna", "bela"}),
    )
    decide = shared_world.policy.decide
    draft = replace(ANNA, kind="workstation.results")
    for action in (Action.DRAFT_READ, Action.DRAFT_DECIDE, Action.SIGNED_READ):
        assert decide(PHYSICIAN, action, draft).allowed
        assert decide(both, action, draft) == Decision(False, ("guard-self",))
    elsewhere = Facts("chart", "bela", frozenset({"oncology"}))
    assert not decide(both, Action.CHART_READ, elsewhere).allowed
    assert decide(replace(both, purpose=Purpose.PERSONAL), Action.CHART_READ, elsewhere).allowed


def test_only_records_have_lists(shared_world: World) -> None:
    with pytest.raises(ValueError, match="draft_read has no list"):
        shared_world.policy.visibility(PHYSICIAN, Action.DRAFT_READ, "workstation.results")


def test_a_denial_is_recorded_and_says_nothing_of_the_patient_to_the_person(world: World) -> None:
    hidden = replace(ANNA, departments=frozenset({"oncology"}))
    world.policy.require(PHYSICIAN, Action.CHART_READ, ANNA)
    with pytest.raises(Forbidden) as refused:
        world.policy.require(PHYSICIAN, Action.CHART_READ, hidden)
    assert (refused.value.code, refused.value.status) == ("identity.forbidden", 403)
    assert "anna" not in str(refused.value)
    (event,) = world.events()
    assert (event.kind, event.actor, event.patient) == ("access-denied", "person:me", "anna")
    assert event.detail == {
        "action": "chart_read",
        "kind": "chart",
        "purpose": "treatment",
        "rules": "guard-relation",
    }


def test_no_text_of_a_request_opens_a_door_or_hides_the_denial(world: World) -> None:
    texts = ["", "x" * 5000, "a\nb", '"] || true //', "\0", "\u202e", "李伟"]
    for text in texts:
        for facts in (replace(ANNA, patient=text, departments=frozenset()), Facts(text, text)):
            with pytest.raises(Forbidden):
                world.policy.require(PHYSICIAN, Action.CHART_READ, facts)
    assert len(world.events("access-denied")) == 2 * len(texts)


def test_a_denial_stays_a_denial_when_the_ledger_cannot_write(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LedgerUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(world.ledger, "record", broken)
        with pytest.raises(Forbidden):
            world.policy.require(PHYSICIAN, Action.AI_STOP, Facts.house())
    world.ledger.close()
    assert len(world.events("access-denied")) == 1


def test_a_guard_that_fails_forbids(shared_world: World, tmp_path: Path) -> None:
    """Cedar skips a rule that raises an error; were it a guard, the door would open."""
    folder = changed(
        tmp_path / "policies",
        "guards.cedar",
        'when { resource.sensitivity.containsAny(["PSY", "HIV", "GDIS", "EMP"]) }\nunless {\n'
        "    resource.care_team",
        'when { 9223372036854775807 + 1 > 0 && resource.kind != "" }\nunless {\n'
        "    resource.care_team",
    )
    policy = Policy(shared_world.ledger, folder)
    assert policy.decide(PHYSICIAN, Action.CHART_READ, ANNA) == Decision(False, ("rule-failed",))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("house.cedar", 'Role::"auditor"', "Role::auditor"),
        ("house.cedar", 'Action::"audit_export"', 'Action::"audit_exprot"'),
        ("clinical.cedar", "resource.departments", "resource.department"),
        ("clinical.cedar", '@id("inbox")', ""),
        ("clinical.cedar", '@id("inbox")', '@id("signed-read")'),
        ("clinical.cedar", '@zh("患者可阅读本人病历中已发布的内容。")', ""),
        ("machines.cedar", "permit (principal == System", "permit (principal == ?principal"),
        ("schema.cedar", "entity System;", ""),
    ],
)
def test_files_that_are_not_right_are_refused_at_the_start(
    shared_world: World, tmp_path: Path, file: str, old: str, new: str
) -> None:
    with pytest.raises(PolicyBroken):
        Policy(shared_world.ledger, changed(tmp_path / "policies", file, old, new))


def test_an_empty_folder_is_no_policy(shared_world: World, tmp_path: Path) -> None:
    with pytest.raises(PolicyBroken):
        Policy(shared_world.ledger, tmp_path)


def test_a_change_of_the_policies_is_recorded_once(world: World, tmp_path: Path) -> None:
    other = Policy(
        world.ledger,
        changed(tmp_path / "policies", "house.cedar", 'Role::"stopper"', 'Role::"staff"'),
    )
    assert world.policy.digest != other.digest
    adopted = [policy.adopt(world.pool) for policy in (world.policy, world.policy, other, other)]
    assert adopted == [True, False, True, False]
    assert [event.commits for event in world.events("policy-changed")] == [
        {"policies": world.policy.digest},
        {"policies": other.digest},
    ]
    nurse = replace(PHYSICIAN, roles=frozenset({Role.NURSE}))
    assert other.decide(nurse, Action.AI_STOP, Facts.house()).allowed
    assert not world.policy.decide(nurse, Action.AI_STOP, Facts.house()).allowed


def test_the_files_name_every_action(shared_world: World) -> None:
    text = "".join(shared_world.policy.texts.values())
    missing = [action for action in Action if action not in text]
    assert missing == []
