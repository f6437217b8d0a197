"""How long a decision took is measured by the database and shown to the one who took it."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from building import Building, body, issue, words
from countersign.ground.db import DbRole
from countersign.ground.identity import Forbidden
from countersign.ground.signoff.vigilance import expected_seconds
from countersign.kit.words import Words

LONG = "The potassium is high and should be repeated today. " * 60


def test_a_quick_decision_is_noticed_by_the_one_who_took_it(building: Building) -> None:
    draft = building.drafted(body=body(issue(), text=LONG))
    building.decide("wang", draft, "accept")
    vigilance = building.signoff.vigilance
    seen = vigilance.notice(building.who("wang"), draft)
    assert seen is not None and seen.quick
    assert seen.expected_seconds == pytest.approx(expected_seconds(words(LONG)), rel=1e-3)
    assert vigilance.notice(building.who("li"), draft) is None


def test_a_short_text_or_a_rejection_is_no_quick_decision(building: Building) -> None:
    short = building.drafted(body=body(issue(), text="x"))
    building.decide("wang", short, "amend", text="y")
    rejected = building.drafted(body=body(issue(), text=LONG))
    building.decide("wang", rejected, "reject", reason="policy-contradicts")
    for draft in (short, rejected):
        kept = building.rows("select * from signoff.vigilance where draft_id = %s", draft)
        assert len(kept) == 1 and kept[0]["departments"] == ["cardiology"]
        if draft == rejected:
            assert building.signoff.vigilance.notice(building.who("wang"), draft) is None


def test_everybody_may_do_without_notices(building: Building) -> None:
    draft = building.drafted(body=body(issue(), text=LONG))
    building.decide("zhao", draft, "accept")
    zhao, rules = building.who("zhao"), building.signoff.rules
    assert building.signoff.vigilance.notice(zhao, draft) is not None
    rules.notices(zhao, wanted=False)
    assert building.signoff.vigilance.notice(zhao, draft) is None
    rules.notices(zhao, wanted=True)
    assert building.signoff.vigilance.notice(zhao, draft) is not None


def test_the_quality_office_alone_sees_everybody_s_times(building: Building) -> None:
    since = building.floor.clock() - timedelta(days=1)
    assert building.signoff.vigilance.decisions(building.who("auditor"), since)
    for name in ("wang", "li", "nurse"):
        with pytest.raises(Forbidden):
            building.signoff.vigilance.decisions(building.who(name), since)


def test_the_program_cannot_say_how_long_it_was_read(building: Building) -> None:
    draft = building.drafted()
    building.accept("wang", draft)
    signature = building.rows("select id from signoff.signature where draft_id = %s", draft)[0]
    with (
        pytest.raises(psycopg.DatabaseError),
        building.database.pool(DbRole.SIGNER).transaction() as connection,
    ):
        connection.execute(
            "insert into signoff.vigilance values (%s, %s, 'p1', 'x', '{}', 'm', 'accepted',"
            " 900, 1)",
            (signature["id"], draft),
        )
    kept = building.rows("select seconds from signoff.vigilance where draft_id = %s", draft)
    assert kept[0]["seconds"] < 600


def test_of_two_languages_the_shorter_time_counts() -> None:
    assert expected_seconds(Words("a" * 238, "中" * 8)) == 1.0
    assert expected_seconds(("zh", "中" * 16)) == 2.0
    assert expected_seconds(("en", "")) == 0.0
