"""One search is one event that commits to everything returned, and opens for one patient."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.db import Database, DbRole
from countersign.ground.ledger import Entry, NothingKept, Opening, Returned, merkle, random_salt
from countersign.ground.ledger.returned import _leaves, _path, _salt  # pyright: ignore[reportPrivateUsage]
from countersign.ground.vault import Unreadable, Vault, open_keys
from ground.ledger.known import Owner

ENTRIES = [
    *(Entry("Observation", f"o{n}", n % 3 + 1, f"{n:064x}", f"p{n % 4}") for n in range(21)),
    Entry("Patient", "p9", 7, "ab" * 32, "p9"),
]


@pytest.fixture
def returned(database: Database, tmp_path: Path) -> Returned:
    pool = database.pool(DbRole.VAULT)
    vault = Vault(pool, open_keys(pool, tmp_path / "keys"))
    return Returned(database.pool(DbRole.LEDGER), vault, random_salt)


def test_each_patient_can_be_opened_and_each_opening_holds(returned: Returned) -> None:
    root = returned.commit(ENTRIES)
    for patient in ("p0", "p1", "p2", "p3", "p9"):
        openings = returned.of_patient(root, patient)
        assert [one.entry for one in openings] == sorted(
            entry for entry in ENTRIES if entry.patient == patient
        )
        assert all(one.holds(bytes.fromhex(root)) for one in openings)
    assert returned.of_patient(root, "p4") == []


def test_the_same_search_gives_another_root(returned: Returned) -> None:
    assert returned.commit(ENTRIES) != returned.commit(ENTRIES)


def test_an_empty_search_commits_to_the_empty_tree(returned: Returned) -> None:
    root = returned.commit([])
    assert root == merkle.EMPTY_ROOT.hex()
    with pytest.raises(NothingKept):
        returned.of_patient(root, "p1")


def test_what_is_kept_is_sealed_and_a_change_is_found(
    returned: Returned, database: Database, owner: Owner
) -> None:
    root, other = returned.commit(ENTRIES), returned.commit(ENTRIES[:3])
    rows = database.pool(DbRole.LEDGER).rows("select * from ledger.returned")
    assert len(rows) == 2 and not any(b"Observation" in row["box"] for row in rows)
    owner(
        f"update ledger.returned set box = (select box from ledger.returned where root ="
        f" '\\x{other}') where root = '\\x{root}'"
    )
    with pytest.raises(Unreadable):
        returned.of_patient(root, "p1")


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 40), st.data())
def test_no_other_entry_place_or_salt_holds(count: int, data: st.DataObject) -> None:
    entries = sorted(ENTRIES * 2)[:count]
    seed = bytes(16)
    leaves = _leaves(seed, entries)
    root = merkle.root(leaves)
    place = data.draw(st.integers(0, count - 1))
    good = Opening(entries[place], _salt(seed, place), place, count, _path(leaves, place))
    assert good.holds(root)
    assert not replace(good, entry=replace(good.entry, version=99)).holds(root)
    assert not replace(good, entry=replace(good.entry, patient="p77")).holds(root)
    assert not replace(good, salt=b"\1" * 16).holds(root)
    assert not replace(good, path=(*good.path, bytes(32))).holds(root)
