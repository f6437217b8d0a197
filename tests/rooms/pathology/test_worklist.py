"""The worklist finds, pages and counts; each of its statements walks an index."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.slide_toy import picture
from countersign.app.keeping import told
from countersign.ground.db import WHOLE, DbRole
from countersign.ground.identity import scope_of
from countersign.ground.slides import listing
from countersign.ground.vault import Ground, Order, shred
from countersign.kit.clock import utc_now
from countersign.kit.ids import new_id
from countersign.rooms.pathology.service import PATHOLOGY, Asked, Handling, Upkeep, Worklist

from .conftest import ACCESSION, Laboratory
from .pathologist import Bench, Session

DAY = 86_400.0


def shown(laboratory: Laboratory, name: str, asked: Asked) -> list[str]:
    found = Worklist(laboratory.building.floor).show(laboratory.building.who(name), asked)
    return [row.slide.id for row in found.rows]


def sought(laboratory: Laboratory, who: str, name: str = "pathologist") -> list[str]:
    return shown(laboratory, name, Asked(who=who))


def test_a_slide_is_found_by_patient_specimen_barcode_and_number(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    one = laboratory.ready(201, tmp_path)
    other = laboratory.add("o.png", picture(202), tmp_path)
    assert laboratory.work(other).state == "unmatched"
    technician = laboratory.building.who("technician")
    handling = Handling(laboratory.building.floor)
    handling.match(technician, other, "p1", "he", "S26-77777", "B2")
    number = str(laboratory.one(one).number)
    for who in (ACCESSION, ACCESSION.lower(), f"{ACCESSION};A1;KI67", number, "王小明"):
        assert one in sought(laboratory, who), who
    assert other not in sought(laboratory, ACCESSION) and other in sought(laboratory, "王小明")
    assert sought(laboratory, "nobody at all") == sought(laboratory, "S99-00000") == []
    for who in (ACCESSION, number, "王小明"):
        assert one not in sought(laboratory, who, "stranger"), who


def test_a_slide_of_nobody_is_found_by_its_label(laboratory: Laboratory, tmp_path: Path) -> None:
    slide = laboratory.add("S88-11111_A1_HE.png", picture(203), tmp_path)
    assert laboratory.work(slide).state == "unmatched"
    assert sought(laboratory, "S88-11111", "technician") == [slide]
    assert sought(laboratory, "S88-11111", "wang") == []


def test_pages_follow_one_another_without_a_gap(laboratory: Laboratory, tmp_path: Path) -> None:
    made = [laboratory.ready(210 + at, tmp_path, stain="he") for at in range(5)]
    worklist, her = Worklist(laboratory.building.floor), laboratory.building.who("pathologist")
    seen: list[str] = []
    before = None
    while True:
        page = worklist.show(her, Asked(("ready",), ("he",), limit=2, before=before))
        seen += [row.slide.id for row in page.rows]
        if page.last is None:
            break
        before = page.last
    assert [one for one in seen if one in made] == made[::-1] and len(seen) == len(set(seen))
    all_of_it = shown(laboratory, "pathologist", Asked(("ready",), ("he",)))
    assert all_of_it == seen
    assert page.counts["ready"] == len(seen)


def test_states_are_counted_no_further_than_anybody_reads(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    for at in range(2):
        laboratory.ready(220 + at, tmp_path)
    found = laboratory.building.floor.slides.listing
    exact = laboratory.building.floor.slides.keeping.counts(WHOLE)
    told = found.tallies(WHOLE, 1000)
    assert {name: many for name, many in told.items() if many} == exact
    assert set(told) == set(listing.STATES)
    assert found.tallies(WHOLE, 1)["ready"] == 1
    assert found.tallies(WHOLE, 1000, ["her2"])["ready"] == 0


@pytest.mark.parametrize(
    "name",
    [
        "_OF_STATES",
        "_OF_STAINS",
        "_OF_PATIENTS",
        "_NUMBERED",
        "_MATCHES",
        "_ADVANCES",
        "_TALLIES",
        "_TALLIES_OF_STAINS",
    ],
)
@pytest.mark.parametrize("who", ["worker", "pathologist"])
def test_no_statement_of_the_list_reads_every_slide(
    laboratory: Laboratory, name: str, who: str
) -> None:
    building = laboratory.building
    scope = WHOLE if who == "worker" else scope_of(building.who(who))
    given = {
        "states": list(listing.STATES), "stains": ["he"], "patients": ["p1"], "limit": 100,
        "before": 10**9, "most": 1000, "slides": ["s"], "numbers": [1], "number": 1,
    }  # fmt: skip
    with building.database.pool(DbRole.ROOM).within(scope).transaction() as connection:
        connection.execute("set local enable_seqscan = off")
        rows = connection.execute("explain " + getattr(listing, name), given).fetchall()
    plan = "\n".join(str(row["QUERY PLAN"]) for row in rows)
    assert "Seq Scan" not in plan, plan


def test_parts_that_a_kill_left_behind_a_result_are_cleared_away(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    """The result and the slide's state last together; the parts go after them, one by one."""
    floor = laboratory.building.floor
    slide = laboratory.ready(230, tmp_path)
    running = floor.slides.running
    run = running.measured(WHOLE, slide)
    running.put(run, "part-000000", [b"left behind"])
    folder = laboratory.building.house.settings.slides / "results" / slide / run.id
    (part,) = folder.glob("part-*")
    now = datetime.now(UTC).timestamp()
    assert running.sweep(DAY, now) == 0 and part.exists(), "it may be of a moment ago"
    os.utime(part, (now - 2 * DAY, now - 2 * DAY))
    Upkeep(floor, "pathology.slide").tend()
    assert not part.exists() and running.parts(run) == []
    assert len(list(folder.iterdir())) == 3 and running.get(run, "nuclei")


def test_what_is_sought_is_paged_and_filtered_like_everything(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    made = [laboratory.ready(250 + at, tmp_path, stain="he") for at in range(4)]
    technician = laboratory.building.who("technician")
    Handling(laboratory.building.floor).set_aside(technician, made[0])
    other = laboratory.add("p.png", picture(259), tmp_path)
    laboratory.work(other)
    handling = Handling(laboratory.building.floor)
    handling.match(technician, other, "p1", "he", "S26-99999", "B2")
    worklist, her = Worklist(laboratory.building.floor), laboratory.building.who("pathologist")
    for who in ("王小明", ACCESSION):
        aside = worklist.show(her, Asked(who=who, states=["set-aside"], stains=["he"], limit=50))
        assert made[0] in [row.slide.id for row in aside.rows], who
        assert {row.slide.state for row in aside.rows} == {"set-aside"}
        seen, before = list[str](), None
        while True:
            page = worklist.show(her, Asked(who=who, stains=["he"], limit=2, before=before))
            seen += [row.slide.id for row in page.rows]
            before = page.last
            if before is None:
                break
        assert len(seen) == len(set(seen)) and set(made) <= set(seen), who
        assert (other in seen) == (who == "王小明")


def test_one_patient_of_whom_all_was_destroyed_bars_no_list(fresh_desk: Bench) -> None:
    building, slide = fresh_desk.building, fresh_desk.ready()
    other = fresh_desk.add(picture(241))
    assert fresh_desk.work(other).state == "unmatched"
    session = Session(building, "technician")
    assert slide in session.get("/pathology").text
    batches = told(building.ledger, building.database.pool(DbRole.VAULT), PATHOLOGY)
    order = Order("p1", Ground.COURT_ORDER, "2026/117", "a", "b")
    shred(building.house.vault, batches, order, new_id(), utc_now())
    page = session.get("/pathology").text
    assert slide not in page and other in page
    assert slide not in session.get(f"/pathology?q={ACCESSION}").text
