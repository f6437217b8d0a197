"""Ways to sign on behalf of somebody, or to hide it, with the passwords of signer and identity."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from building import INSTALLER
from countersign.ground.db import DbRole
from countersign.ground.identity import LicenceKind
from countersign.ground.signoff import RiskClass
from countersign.ground.vault import HOUSE
from countersign.kit.ids import new_id
from gate.stage import Attempt, Row, Stage, expected, insert, leaf, refused, sign, signature_leaf

WEEK = timedelta(days=7)


def somebody(
    stage: Stage, department: str | None = "cardiology", kind: LicenceKind = LicenceKind.PHYSICIAN
) -> str:
    """A person of this attempt alone; the first patient is in cardiology."""
    people, name = stage.building.floor.people, f"some{secrets.token_hex(4)}"
    stage.building.people[name] = person = people.add(name, by=INSTALLER)
    dates = (date(2020, 1, 1), date(2100, 1, 1))
    stage.building.licences[name] = people.license(person, kind, *dates, by=INSTALLER)
    if department:
        people.join(person, department, by=INSTALLER)
    return name


def delegate(
    stage: Stage,
    away: str,
    to: str,
    *,
    begins: timedelta = timedelta(),
    lasts: timedelta = WEEK,
    kind: str = "inbox",
    accepted: bool = True,
) -> str:
    """A row of identity's role, as the program writes it."""
    box = stage.building.house.vault.seal(HOUSE, b"on leave", "forged")
    starts = datetime.now(UTC) + begins
    row = {
        "id": new_id(),
        "from_id": stage.building.people[away],
        "to_id": stage.building.people[to],
        "kind": kind,
        "starts": starts,
        "ends": starts + lasts,
        "suite": box.suite,
        "key_id": box.key_id,
        "box": box.box,
    }
    with stage.work(DbRole.IDENTITY) as connection:
        insert(connection, "identity.delegation", row)
        if accepted:
            connection.execute(
                "update identity.delegation set accepted_at = now() where id = %s", (row["id"],)
            )
    return row["id"]


def end(stage: Stage, delegation: str) -> None:
    with stage.work(DbRole.IDENTITY) as connection:
        connection.execute(
            "update identity.delegation set revoked_at = now(), ended_by = from_id where id = %s",
            (delegation,),
        )


@dataclass
class Leave:
    """Somebody of cardiology is away, a surgeon stands in; a draft that the surgeon has seen."""

    away: str
    surgeon: str
    delegation: str
    draft: Row


def leave(stage: Stage, **changes: Any) -> Leave:
    risk = changes.pop("risk", RiskClass.MEDIUM)
    kind = changes.pop("licence", LicenceKind.PHYSICIAN)
    away, surgeon = somebody(stage, kind=kind), somebody(stage, "surgery")
    delegation = delegate(stage, away, surgeon, **changes)
    return Leave(away, surgeon, delegation, stage.viewed(surgeon, risk=risk))


def signature(stage: Stage, one: Leave, **changes: Any) -> Row:
    return stage.signature_row(
        one.draft,
        one.surgeon,
        **{
            "on_behalf_of": stage.building.people[one.away],
            "delegation_id": one.delegation,
            **changes,
        },
    )


def told(row: Row) -> Any:
    """The leaf of a signature that says on whose behalf it is."""
    said = {"on_behalf_of": f"person:{row['on_behalf_of']}"} if row["on_behalf_of"] else {}
    return signature_leaf(row, detail=said)


def written(
    stage: Stage, row: Row, event: Any = None, then: Callable[[], None] | None = None
) -> None:
    with stage.work(DbRole.SIGNER) as connection:
        insert(connection, "signoff.signature", row)
        if then:
            then()
        leaf(connection, event or told(row))


def standing_in(**changes: Any) -> Callable[[Stage], object]:
    """The surgeon signs on behalf of whoever is away, under such a delegation."""

    def run(stage: Stage) -> None:
        one = leave(stage, **changes)
        written(stage, signature(stage, one))

    return run


def changed(**changes: Any) -> Callable[[Stage], object]:
    """The same, with something else in the row."""

    def run(stage: Stage) -> None:
        written(stage, signature(stage, leave(stage), **changes))

    return run


def under_the_delegation_of_another(stage: Stage) -> None:
    one, other = leave(stage), leave(stage)
    written(stage, signature(stage, one, delegation_id=other.delegation))


def after_the_end(stage: Stage) -> None:
    one = leave(stage)
    end(stage, one.delegation)
    written(stage, signature(stage, one))


def meanwhile_ended(stage: Stage) -> None:
    one = leave(stage)
    written(stage, signature(stage, one), then=lambda: end(stage, one.delegation))


def past_its_time(stage: Stage) -> None:
    one = leave(stage, lasts=timedelta(seconds=1))
    time.sleep(1.1)
    written(stage, signature(stage, one))


def of_somebody_whose_licence_was_revoked(stage: Stage) -> None:
    one = leave(stage)
    licence = stage.building.licences[one.away]
    stage.building.floor.people.revoke_licence(licence, "struck off", by=INSTALLER)
    written(stage, signature(stage, one))


def of_somebody_who_left(stage: Stage) -> None:
    one = leave(stage)
    stage.building.floor.people.leave(stage.building.people[one.away], by=INSTALLER)
    written(stage, signature(stage, one))


def of_a_junior_twice(stage: Stage) -> None:
    """A senior signs second for a colleague who could not have."""
    away, senior = somebody(stage), somebody(stage, "surgery", LicenceKind.SENIOR_PHYSICIAN)
    delegation = delegate(stage, away, senior)
    draft, _ = stage.signed(risk=RiskClass.HIGH)
    stage.seen(senior, draft["id"])
    written(stage, second(stage, draft, senior, away, delegation))


def second(stage: Stage, draft: Row, by: str, away: str | None, delegation: str | None) -> Row:
    """A second signature; the presence comes after what is tried here."""
    behalf = stage.building.people[away] if away else None
    return stage.second_row(draft, by, on_behalf_of=behalf, delegation_id=delegation)


def for_the_first_signer(stage: Stage) -> None:
    senior = somebody(stage, "surgery", LicenceKind.SENIOR_PHYSICIAN)
    draft, _ = stage.signed("chen", risk=RiskClass.HIGH)
    delegation = delegate(stage, "chen", senior)
    stage.seen(senior, draft["id"])
    try:
        written(stage, second(stage, draft, senior, "chen", delegation))
    finally:
        end(stage, delegation)


def what_was_signed_for_oneself(stage: Stage) -> None:
    """Li signs for Chen, who comes back and gives the second signature."""
    building = stage.building
    delegation = delegate(stage, "chen", "li", kind="care")
    care = building.floor.people.care(building.people["chen"], "p1", "ward round", by=INSTALLER)
    try:
        draft = building.drafted(risk=RiskClass.HIGH)
        building.floor.accounts.forget()
        building.accept("li", draft)
        assert stage.signatures(draft)[0]["on_behalf_of"] == building.people["chen"]
        stage.seen("chen", draft)
        written(stage, second(stage, stage.draft(draft), "chen", None, None))
    finally:
        end(stage, delegation)
        building.floor.people.end_care(care, by=INSTALLER)
        building.floor.accounts.forget()


def another_department(stage: Stage) -> None:
    away, surgeon = somebody(stage, "surgery"), somebody(stage, "surgery")
    one = Leave(away, surgeon, delegate(stage, away, surgeon), stage.viewed(surgeon))
    written(stage, signature(stage, one))


def hiding_it(stage: Stage) -> None:
    one = leave(stage)
    sign(stage, signature(stage, one, on_behalf_of=None, delegation_id=None))


def passed_on(stage: Stage) -> None:
    """Away lends to a surgeon, who lends to a third: the third has nothing of the first's."""
    away, surgeon, third = somebody(stage), somebody(stage, "surgery"), somebody(stage, None)
    delegate(stage, away, surgeon, begins=timedelta(days=30))
    delegation = delegate(stage, surgeon, third)
    one = Leave(surgeon, third, delegation, stage.viewed(third))
    written(stage, signature(stage, one))


def with_a_leaf(said: Callable[[Row], dict[str, str]], **changes: Any) -> Callable[[Stage], object]:
    def run(stage: Stage) -> None:
        row = signature(stage, leave(stage), **changes)
        written(stage, row, signature_leaf(row, detail=said(row)))

    return run


def a_leaf_that_claims_it(stage: Stage) -> None:
    row = stage.signature_row(stage.viewed("wang"))
    written(stage, row, signature_leaf(row, detail={"on_behalf_of": "person:somebody"}))


def by_hand(statement: str, accepted: bool = True) -> Callable[[Stage], object]:
    """As the role that keeps people, on a delegation that was made properly."""

    def run(stage: Stage) -> None:
        delegation = delegate(stage, somebody(stage), somebody(stage), accepted=accepted)
        with stage.work(DbRole.IDENTITY) as connection:
            connection.execute(statement.encode(), (delegation,))

    return run


def taken_up_again(stage: Stage) -> None:
    delegation = delegate(stage, somebody(stage), somebody(stage))
    end(stage, delegation)
    with stage.work(DbRole.IDENTITY) as connection:
        connection.execute(
            "update identity.delegation set revoked_at = null, ended_by = null where id = %s",
            (delegation,),
        )


def two(first: tuple[str, str], then: tuple[str, str]) -> Callable[[Stage], object]:
    """Two delegations at one time among people a, b and c."""

    def run(stage: Stage) -> None:
        names = {one: somebody(stage) for one in "abc"}
        for away, to in (first, then):
            delegate(stage, names[away], names[to])

    return run


def licensed(one: LicenceKind, other: LicenceKind) -> Callable[[Stage], object]:
    return lambda stage: delegate(
        stage, somebody(stage, kind=one), somebody(stage, kind=other), accepted=False
    )


PHYSICIAN, PATHOLOGIST = LicenceKind.PHYSICIAN, LicenceKind.PATHOLOGIST
CHANGE = "update identity.delegation set"
ATTEMPTS = [
    Attempt("under a delegation that was never made", "CSD10", changed(delegation_id="invented")),
    Attempt("under somebody else's delegation", "CSD10", under_the_delegation_of_another),
    Attempt("of a colleague without naming the delegation", "CSD10", changed(delegation_id=None)),
    Attempt("of nobody, naming a delegation", "CSD13", changed(on_behalf_of=None)),
    Attempt("before the colleague accepted", "CSD10", standing_in(accepted=False)),
    Attempt("before the first day", "CSD10", standing_in(begins=WEEK)),
    Attempt("after the last moment", "CSD10", past_its_time),
    Attempt("after it was ended", "CSD10", after_the_end),
    Attempt("with an end between signing and commit", "CSD10", meanwhile_ended),
    Attempt("of a colleague who lost the licence", "CSD11", of_somebody_whose_licence_was_revoked),
    Attempt("of a colleague who left the hospital", "CSD10", of_somebody_who_left),
    Attempt("of a pathologist a physician's draft", "CSD04", standing_in(licence=PATHOLOGIST)),
    Attempt("the second signature of who could not give it", "CSD11", of_a_junior_twice),
    Attempt("the second signature of who gave the first", "CSD12", for_the_first_signer),
    Attempt("the second signature on what was signed for oneself", "CSD12",
            what_was_signed_for_oneself),
    Attempt("about a patient of neither", "CSD14", another_department),
    Attempt("about a department, where the care alone was left", "CSD14", standing_in(kind="care")),
    Attempt("what was lent to who lends", "CSD14", passed_on),
    Attempt("silently", "CSD13", hiding_it),
    Attempt("with a leaf that does not say so", "CSG12", with_a_leaf(lambda row: {})),
    Attempt("with a leaf that names another", "CSG12", with_a_leaf(
        lambda row: {"on_behalf_of": "person:another"})),
    Attempt("in the leaf alone", "CSG12", a_leaf_that_claims_it),
    Attempt("of oneself", "23514", lambda stage: delegate(stage, *[somebody(stage)] * 2)),
    Attempt("two stand in at one time", "CSD01", two(("a", "b"), ("a", "c"))),
    Attempt("who stands in goes on leave", "CSD02", two(("a", "b"), ("b", "c"))),
    Attempt("who is on leave stands in", "CSD03", two(("b", "c"), ("a", "b"))),
    Attempt("a circle", "CSD02", two(("a", "b"), ("b", "a"))),
    Attempt("a nurse stands in", "CSD04", licensed(PHYSICIAN, LicenceKind.NURSE)),
    Attempt("a pathologist for a physician", "CSD04", licensed(PHYSICIAN, PATHOLOGIST)),
    Attempt("for longer than a quarter", "23514", standing_in(lasts=timedelta(days=93))),
    Attempt("made longer afterwards", "42501", by_hand(
        f"{CHANGE} ends = ends + interval '1 day' where id = %s")),
    Attempt("given to another afterwards", "42501", by_hand(
        f"{CHANGE} to_id = from_id where id = %s")),
    Attempt("taken up again after its end", "CSA01", taken_up_again),
    Attempt("accepted after it was declined", "CSA01", by_hand(
        f"{CHANGE} declined_at = now(), accepted_at = now() where id = %s", accepted=False)),
    Attempt("declined after it was accepted", "CSA01", by_hand(
        f"{CHANGE} declined_at = now() where id = %s")),
    Attempt("ended by a third", "CSD07", by_hand(
        f"{CHANGE} revoked_at = now(), ended_by = (select min(id) from identity.person)"
        " where id = %s")),
    Attempt("taken away", "42501", by_hand("delete from identity.delegation where id = %s")),
]  # fmt: skip


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_nothing_gets_round_on_behalf_of(stage: Stage, attempt: Attempt) -> None:
    assert refused(attempt, stage) == expected(attempt)


def test_the_honest_way_passes(stage: Stage) -> None:
    one = leave(stage)
    row = signature(stage, one)
    written(stage, row)
    (kept,) = stage.signatures(one.draft["id"])
    assert kept["on_behalf_of"] == stage.building.people[one.away]
    assert kept["delegation_id"] == one.delegation
