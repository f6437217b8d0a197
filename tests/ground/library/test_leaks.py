"""Nothing of another department's documents shows: not found, counted, suggested or opened."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from countersign.ground.db import WHOLE, DbRole, Scope
from countersign.ground.library import NoPageImage, UnknownDocument
from ground.library.shelves import TEXT, Shelves, permission

PLACES = ("cardiology", "surgery")
READERS = {"wang": "cardiology", "nurse": "cardiology", "surgeon": "surgery"}
WORDS = ("血钾", "血钠", "血钙", "血镁", "血磷", "肌酐", "尿酸", "血糖", "白蛋白", "乳酸")


@pytest.fixture(scope="module")
def planted(shelves: Shelves) -> dict[str, tuple[str, str]]:
    """From each document to (department, audience); each with a word that no other has."""
    found: dict[str, tuple[str, str]] = {}
    for number, place in enumerate(PLACES * 3):
        audience = ("clinical", "doctors", "staff")[number // 2]
        text = TEXT.replace("高钾血症", f"机密{place}{audience}").replace("血钾", WORDS[number])
        by = "curator" if place == "cardiology" else "keeper"
        document, _ = shelves.published(
            text, by, home=place, permission=permission(place, audience=audience)
        )
        found[document] = (place, audience)
    return found


def may(name: str, place: str, audience: str) -> bool:
    return READERS[name] == place and (audience != "doctors" or name != "nurse")


@pytest.mark.parametrize("name", READERS)
def test_a_search_touches_nothing_of_others(
    shelves: Shelves, planted: dict[str, tuple[str, str]], name: str
) -> None:
    who, finding = shelves.who(name), shelves.library.finding
    own = {document for document, at in planted.items() if may(name, *at)}
    chance = Random(name)
    for _ in range(60):
        question = " ".join(chance.sample(WORDS, 3) + ["机密", chance.choice(PLACES)])
        answer = finding.ask(who, question)
        seen = {one.document.id for one in (*answer.support, *answer.near)} & set(planted)
        assert seen <= own
        assert answer.documents == len(own), "nothing of others is counted"


@pytest.mark.parametrize("name", READERS)
def test_addresses_of_others_are_unknown(
    shelves: Shelves, planted: dict[str, tuple[str, str]], name: str
) -> None:
    who, consulting = shelves.who(name), shelves.library.consulting
    for document, at in planted.items():
        keeper = shelves.who("curator" if at[0] == "cardiology" else "keeper")
        version = shelves.library.keeping.versions(keeper, document)[0].id
        if may(name, *at):
            assert consulting.open(who, document, version).version.id == version
            continue
        for ask in (
            lambda d=document: consulting.open(who, d),
            lambda d=document, v=version: consulting.open(who, d, v),
            lambda d=document, v=version: consulting.judge(who, d, v, (0, 1), "wrong", ""),
        ):
            with pytest.raises(UnknownDocument):
                ask()
        with pytest.raises((UnknownDocument, NoPageImage)):
            consulting.page(who, document, version, 1)
        own = next(other for other, place in planted.items() if may(name, *place))
        with pytest.raises(UnknownDocument):
            consulting.open(who, own, version)


def test_the_database_holds_it_below_every_program(
    shelves: Shelves, planted: dict[str, tuple[str, str]]
) -> None:
    pool = shelves.building.database.pool(DbRole.LIBRARY)
    for place in PLACES:
        own = pool.within(Scope(reaches=frozenset({f"clinical/{place}"})))
        seen = {row["document"] for row in own.rows("select document from library.current")}
        assert seen & set(planted) == {d for d, at in planted.items() if at == (place, "clinical")}
        for table in ("version", "piece", "text"):
            hidden = own.rows(
                f"select 1 from library.{table} t join library.version v"  # type: ignore[arg-type]
                f" on v.id = {'t.id' if table == 'version' else 't.version'}"
                " where v.document <> all(%s)",
                (sorted(seen),),
            )
            assert hidden == []
    assert len(pool.within(WHOLE).rows("select document from library.current")) >= len(planted)


def test_a_permission_that_changes_holds_at_once(shelves: Shelves) -> None:
    curator, keeping = shelves.who("curator"), shelves.library.keeping
    document, _ = shelves.published(TEXT.replace("高钾", "酮症").replace("血钾", "血酮"))
    assert document in shelves.found("surgeon", "血酮 酮症")
    one = keeping.one(curator, document)
    keeping.describe(
        curator, document, one.number, replace(one.card, permission=permission("cardiology"))
    )
    answer = shelves.library.finding.ask(shelves.who("surgeon"), "血酮 酮症")  # index not told yet
    assert document not in {hit.document.id for hit in (*answer.support, *answer.near)}
    with pytest.raises(UnknownDocument):
        shelves.library.consulting.open(shelves.who("surgeon"), document)
    assert document in shelves.found("wang", "血酮 酮症")
