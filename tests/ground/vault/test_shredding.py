"""One patient's data are destroyed for good, with a certificate, and everything else goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from building import PASSWORD, PATIENT, Building, chart_of
from countersign.app.keeping import told
from countersign.ground.chart import NotFound
from countersign.ground.db import Database, DbRole
from countersign.ground.identity import Principal
from countersign.ground.vault import BadOrder, Certificate, Destroyed, Ground, Order, shred
from countersign.kit.clock import utc_now
from countersign.kit.ids import new_id


@pytest.fixture
def building(database: Database, tmp_path: Path) -> Iterator[Building]:
    made = Building(database, tmp_path)
    yield made
    made.close()


def order(**changes: str) -> Order:
    given = {
        "patient": PATIENT,
        "ground": Ground.COURT_ORDER,
        "reference": "2026/117",
        "ordered_by": "a",
        "confirmed_by": "b",
        **changes,
    }
    return Order(**given)  # type: ignore[arg-type]


def destroyed(building: Building, **changes: str) -> Certificate:
    vault = building.house.vault
    pool = building.database.pool(DbRole.VAULT)
    batches = told(building.ledger, pool, Principal.system("installer"))
    return shred(vault, batches, order(**changes), new_id(), utc_now())


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"confirmed_by": "a"}, "another than the first"),
        ({"confirmed_by": ""}, "two persons"),
        ({"reference": " "}, "1 to 120"),
        ({"reference": "x" * 121}, "1 to 120"),
        ({"reference": "a\nb"}, "printed"),
        ({"patient": "house"}, "no patient"),
    ],
)
def test_an_order_needs_a_reason_and_two_persons(changes: dict[str, str], problem: str) -> None:
    with pytest.raises(BadOrder, match=problem):
        order(**changes)


def test_the_certificate_says_what_was_destroyed(building: Building) -> None:
    building.drafted()
    made = destroyed(building)
    said = json.loads(made.text)
    assert said["keys"] == list(made.keys) and len(made.keys) == 1
    assert said["rows"]["chart.version"] == 2
    assert said["rows"]["signoff.draft"] == 1
    assert (said["ground"], said["reference"]) == ("court-order", "2026/117")
    assert (said["ordered_by"], said["confirmed_by"]) == ("person:a", "person:b")
    assert said["memory_seconds"] == 60
    event = building.events(subject=f"certificate:{made.id}")[0]
    assert event.kind == "data-destroyed"
    assert event.patient == PATIENT
    assert event.commits["certificate"] == sha256(made.text.encode()).hexdigest() == made.sha256
    rows = building.rows("select wrapped, cause from vault.data_key where subject = %s", PATIENT)
    assert rows == [{"wrapped": None, "cause": "shredded"}]
    assert building.rows("select certificate from vault.shredded") == [{"certificate": made.text}]
    assert building.ledger.verify().sound


def test_the_chart_says_destroyed_and_everything_else_goes_on(building: Building) -> None:
    draft, other = building.drafted(), building.drafted(patient="p2")
    reader = building.floor.chart.reader(building.who("wang"))
    assert reader.open(PATIENT).versions
    made = destroyed(building)
    for attempt in (
        lambda: reader.open(PATIENT),
        lambda: reader.read("Patient", PATIENT),
        lambda: reader.history("Observation", "o1"),
        lambda: building.open("wang", draft),
        lambda: building.floor.chart.receive(
            Principal.system("importer"), chart_of(PATIENT), source="test", keep_ids=True
        ),
    ):
        with pytest.raises(Destroyed, match=made.id):
            attempt()
    assert reader.patients().patients == ()
    assert reader.search("Observation", {}).versions == ()
    waiting = building.signoff.waiting
    assert waiting.listing(building.who("wang")).items == ()
    assert waiting.count(building.who("wang")) == 0
    surgeon = building.who("stranger")
    assert [one.id for one in building.floor.chart.reader(surgeon).patients().patients] == ["p2"]
    assert building.open("stranger", other)


def test_who_may_not_read_the_chart_does_not_learn_of_its_destruction(building: Building) -> None:
    destroyed(building)
    reader = building.floor.chart.reader(building.who("stranger"))
    with pytest.raises(Exception, match="not") as refused:
        reader.open(PATIENT)
    assert not isinstance(refused.value, (Destroyed, NotFound))


def test_nothing_that_is_searched_by_is_left(building: Building) -> None:
    destroyed(building)
    rows = building.rows("select tokens, low, high from chart.current where patient = %s", PATIENT)
    assert rows and all(row == {"tokens": [], "low": None, "high": None} for row in rows)


def test_a_process_that_holds_the_key_lets_go_of_it_in_time(building: Building) -> None:
    seconds = [0.0]
    from countersign.ground.vault import SealedFileProvider, Vault

    pool = building.database.pool(DbRole.VAULT)
    folder = building.house.settings.keys
    other = Vault(pool, SealedFileProvider(folder), now=lambda: seconds[0])
    sealed = other.seal(PATIENT, b"x", "c")
    made = destroyed(building)
    seconds[0] = 59.0
    assert other.open(PATIENT, sealed, "c") == b"x"
    seconds[0] = 60.0
    for attempt in (
        lambda: other.open(PATIENT, sealed, "c"),
        lambda: other.seal(PATIENT, b"", "c"),
        lambda: other.ensure([PATIENT, "new"]),
    ):
        with pytest.raises(Destroyed, match=made.id):
            attempt()


def test_destroying_twice_is_refused(building: Building) -> None:
    destroyed(building)
    with pytest.raises(BadOrder, match="gone already"):
        destroyed(building)
    with pytest.raises(BadOrder, match="no keys"):
        destroyed(building, patient="nobody")


def test_no_certificate_no_destruction(building: Building) -> None:
    pool = building.database.pool(DbRole.VAULT)
    with pytest.raises(psycopg.Error) as refused, pool.transaction() as connection:
        connection.execute("select vault.shred(%s, 'c', 'text', now())", (PATIENT,))
    assert refused.value.sqlstate == "CSG12"
    building.floor.chart.reader(building.who("wang")).open(PATIENT)


def test_rotation_passes_what_was_destroyed(building: Building) -> None:
    from countersign.ground.vault import DataRotation, take_census

    destroyed(building)
    store = building.house.vault.store
    batches = told(building.ledger, store.pool, Principal.system("installer"))
    report = DataRotation(store, batches, grace=0, rest=lambda seconds: None).run()
    assert report.complete
    states = {one.state for one in take_census(store.pool).counts if one.table == "chart.version"}
    assert states == {"present", "shredded"}


@pytest.mark.parametrize(("language", "said"), [("en", "were destroyed on"), ("zh", "销毁证明")])
def test_the_page_says_so_in_both_languages(building: Building, language: str, said: str) -> None:
    from starlette.testclient import TestClient

    from countersign.app.rooms import ROOMS
    from countersign.ground.shell import build_http

    made = destroyed(building)
    browser = TestClient(build_http(building.floor, ROOMS), base_url="http://127.0.0.1")
    browser.cookies.set("session", building.floor.accounts.sign_in("wang", PASSWORD).token)
    headers = {"accept": "text/html", "accept-language": language}
    page = browser.get(f"/charts/{PATIENT}", headers=headers)
    assert page.status_code == 410
    assert said in page.text and made.id in page.text
    assert browser.get("/charts", headers=headers).status_code == 200
    assert browser.get("/inbox", headers=headers).status_code == 200
