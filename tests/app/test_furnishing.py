"""A demonstration whose first start was broken off is whole after the next one."""

from __future__ import annotations

from pathlib import Path

import pytest

from building import STAFF, Building
from countersign.app import furnishing
from countersign.app.furnishing import furnish, furnished
from countersign.app.guests import PASSWORD, accounts
from countersign.app.house import register_models
from countersign.ground.db import Database
from countersign.ground.identity import Principal


def test_a_furnishing_that_was_broken_off_is_carried_on(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    building = Building(database, tmp_path)
    register_models(building.house)
    house = building.house
    assert furnished(house)  # people work here, and nothing was broken off
    for part in ("stock", "_slides"):  # which take long, and may be repeated by themselves
        monkeypatch.setattr(furnishing, part, lambda *_: 0)
    create, made = house.floor.accounts.create, 0

    def broken(username: str, person: str, password: str, *, by: Principal) -> None:
        nonlocal made
        made += 1
        if made == 3:
            raise KeyboardInterrupt
        create(username, person, password, by=by)

    with monkeypatch.context() as patched:
        patched.setattr(house.floor.accounts, "create", broken)
        with pytest.raises(KeyboardInterrupt):
            furnish(house, lambda done, total: None, 2)
    assert not furnished(house)
    furnish(house, lambda done, total: None, 2)
    assert furnished(house)
    for username in {name for name, _, _ in accounts()} - set(STAFF):
        assert house.floor.accounts.sign_in(username, PASSWORD)
    building.close()
