"""The honest way passes by hand as well: so an attempt fails for what it changed alone."""

from __future__ import annotations

from countersign.ground.signoff import RiskClass
from gate.stage import Stage, propose, release, sign


def test_a_draft_by_hand_passes(stage: Stage) -> None:
    draft = propose(stage)
    assert stage.building.state(draft["id"]) == "open"


def test_a_signature_by_hand_passes(stage: Stage) -> None:
    draft = stage.viewed("wang")
    sign(stage, stage.signature_row(draft))
    assert stage.building.state(draft["id"]) == "signed"


def test_two_signatures_and_a_release_by_hand_pass(stage: Stage) -> None:
    draft = stage.viewed("wang", risk=RiskClass.HIGH)
    first = sign(stage, stage.signature_row(draft))
    assert stage.building.state(draft["id"]) == "countersignature"
    stage.seen("li", draft["id"])
    second = sign(stage, stage.second_row(draft))
    row = stage.release_row(draft, first, second)
    release(stage, row, stage.version_row(row))
    assert stage.building.state(draft["id"]) == "released"


def test_a_rejection_by_hand_passes(stage: Stage) -> None:
    draft = stage.viewed("wang")
    changes = {"decision": "rejected", "signed_sha256": None, "reason_code": "too-costly-uncovered"}
    sign(stage, stage.signature_row(draft, **changes))
    assert stage.building.state(draft["id"]) == "rejected"


def test_a_release_by_hand_passes(stage: Stage) -> None:
    draft, first = stage.signed()
    row = stage.release_row(draft, first)
    release(stage, row, stage.version_row(row))
    assert stage.building.state(draft["id"]) == "released"


def test_the_time_is_the_databases(stage: Stage) -> None:
    """Whoever writes by hand cannot say when."""
    past = "2001-01-01T00:00:00Z"
    draft = propose(stage, proposed_at=past, expires_at="2001-01-02T00:00:00Z")
    found = stage.draft(draft["id"])
    assert found["proposed_at"].year > 2001
    assert (found["expires_at"] - found["proposed_at"]).days == 1
    seen = stage.viewed("wang")
    row = sign(stage, stage.signature_row(seen, signed_at=past, signed_on="2001-01-01"))
    found = stage.signatures(seen["id"])[0]
    assert found["signed_at"].year > 2001
    assert found["signed_on"].year > 2001
    one = stage.release_row(seen, row, released_at=past)
    release(stage, one, stage.version_row(one))
    released = stage.building.rows("select * from release.released where id = %s", one["id"])[0]
    assert released["released_at"].year > 2001
