"""Documents are received, read, published, replaced, reviewed and withdrawn; each step counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import psycopg
import pytest

from countersign.ground.db import DbRole
from countersign.ground.identity import Forbidden
from countersign.ground.library import (
    BadDocument,
    DocumentChanged,
    NotTheReviewer,
    SourceTooLarge,
    UnknownDocument,
    WrongWay,
    keeping,
)
from countersign.ground.library.understanding import Piece, Understood
from ground.library.shelves import TEXT, Shelves, card


def test_what_is_received_is_read_and_titled_by_its_front_matter(shelves: Shelves) -> None:
    document, version = shelves.received()
    keeping, curator = shelves.library.keeping, shelves.who("curator")
    found = keeping.one(curator, document)
    assert (found.state, found.version, found.card.title) == ("draft", None, "高钾血症处理规范")
    assert found.card.icd10 == ("E87.5",) and found.card.sources[0].cite == "院内规程 2026"
    text = keeping.text(curator, version)
    for one in text.passages(document, "clinical/*"):
        assert text.understood.text[one.start : one.end] == one.text
    kinds = [event.kind for event in shelves.building.events(f"document:{document}")]
    assert kinds == ["document-received", "document-read"]


def test_two_may_read_a_version_at_once_and_it_is_read_once(
    shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, cut = Barrier(2, timeout=30), keeping.cut

    def cut_when_both_are_here(found: Understood) -> list[Piece]:
        both.wait()
        return cut(found)

    monkeypatch.setattr(keeping, "cut", cut_when_both_are_here)
    curator, library = shelves.who("curator"), shelves.library
    document, version = library.keeping.receive(curator, card(curator.id), [TEXT.encode()])
    with ThreadPoolExecutor(2) as readers:
        for reader in [readers.submit(library.understand_here, version) for _ in range(2)]:
            reader.result()
    assert [one.outcome for one in library.keeping.versions(curator, document)] == ["read"]
    kinds = [event.kind for event in shelves.building.events(f"document:{document}")]
    assert kinds == ["document-received", "document-read"]


def test_the_language_is_that_of_the_text_unless_its_front_matter_says(shelves: Shelves) -> None:
    document, _ = shelves.received("# Gout\n\nStart allopurinol 100 mg once daily.\n")
    found = shelves.library.keeping.one(shelves.who("curator"), document)
    assert (found.card.title, found.card.language) == ("Gout", "en")


def test_readers_find_it_once_published_and_not_before(shelves: Shelves) -> None:
    document, version = shelves.received(TEXT.replace("高钾", "低镁").replace("血钾", "血镁"))
    assert document not in shelves.found("wang", "血镁低怎么处理")
    with pytest.raises(UnknownDocument):
        shelves.library.consulting.open(shelves.who("wang"), document)
    shelves.publish(document, version)
    assert document in shelves.found("wang", "低镁血症 血镁")
    opened = shelves.library.consulting.open(shelves.who("wang"), document)
    assert opened.version.id == version and not opened.document.reviewed


def test_a_new_version_replaces_and_the_old_one_stays_readable(shelves: Shelves) -> None:
    document, first = shelves.published(TEXT.replace("高钾", "高钙").replace("血钾", "血钙"))
    curator, keeping = shelves.who("curator"), shelves.library.keeping
    newer = TEXT.replace("高钾", "高钙").replace("血钾≥6.5", "血钙≥3.5")
    second = keeping.add_version(curator, document, "b.md", [newer.encode()])
    shelves.library.understand_here(second)
    opened = shelves.library.consulting.open(shelves.who("wang"), document)
    assert opened.version.id == first, "nothing changes before it is published"
    with pytest.raises(UnknownDocument):
        shelves.library.consulting.open(shelves.who("wang"), document, second)
    shelves.publish(document, second)
    opened = shelves.library.consulting.open(shelves.who("wang"), document, first)
    assert opened.replaced and "血钙≥6.5" in opened.text.understood.text
    answer = shelves.library.finding.ask(shelves.who("wang"), "高钙血症 血钙 立即处理")
    versions = {one.hit.passage.version for one in answer.support}
    assert second in versions and first not in versions


def test_what_is_withdrawn_is_gone_at_once_even_before_the_index_knows(shelves: Shelves) -> None:
    document, version = shelves.published(TEXT.replace("高钾", "低钠").replace("血钾", "血钠"))
    assert document in shelves.found("wang", "低钠血症 血钠")
    shown = shelves.library.keeping.withdraw(
        shelves.who("curator"), document, "数值有误，停止使用。"
    )
    assert shown == [version]
    answer = shelves.library.finding.ask(shelves.who("wang"), "低钠血症 血钠")
    assert document not in {one.document.id for one in (*answer.support, *answer.near)}
    old = shelves.library.consulting.open(shelves.who("wang"), document, version)
    assert old.document.state == "withdrawn"
    with pytest.raises(WrongWay):
        shelves.publish(document, version)


def test_only_the_named_reviewer_reviews_and_a_new_version_is_unreviewed(shelves: Shelves) -> None:
    reviewer = shelves.who("li").id
    document, version = shelves.published(reviewer=reviewer)
    keeping = shelves.library.keeping
    for name in ("wang", "curator"):
        with pytest.raises(NotTheReviewer):
            keeping.review(shelves.who(name), document, None)
    keeping.review(shelves.who("li"), document, None)
    assert keeping.one(shelves.who("curator"), document).reviewed
    second = keeping.add_version(
        shelves.who("curator"), document, "c.md", [TEXT.encode() + b"\n- x 1 mg.\n"]
    )
    shelves.library.understand_here(second)
    shelves.publish(document, second)
    assert not keeping.one(shelves.who("curator"), document).reviewed


def test_nobody_but_a_curator_keeps_and_none_keeps_another_department(shelves: Shelves) -> None:
    keeping = shelves.library.keeping
    for name in ("wang", "admin", "auditor"):
        who = shelves.who(name)
        with pytest.raises(Forbidden):
            keeping.receive(who, card(who.id), [TEXT.encode()])
    document, _ = shelves.received(home="cardiology")
    with pytest.raises(UnknownDocument):
        keeping.one(shelves.who("keeper"), document)
    with pytest.raises(Forbidden):
        keeping.receive(shelves.who("keeper"), card("x", home="cardiology"), [b"# a"])


def test_two_curators_at_once_lose_nothing(shelves: Shelves) -> None:
    document, version = shelves.received()
    curator, keeping = shelves.who("curator"), shelves.library.keeping
    found = keeping.one(curator, document)
    keeping.describe(curator, document, found.number, found.card)
    with pytest.raises(DocumentChanged):
        keeping.publish(curator, document, found.number, version)


def test_too_large_and_empty_files_leave_nothing(shelves: Shelves) -> None:
    curator, keeping = shelves.who("curator"), shelves.library.keeping
    before = len(keeping.documents(curator))
    with pytest.raises(SourceTooLarge):
        keeping.receive(curator, card(curator.id), (b"x" * 1024 * 1024 for _ in range(201)))
    with pytest.raises(BadDocument):
        keeping.receive(curator, card(curator.id), [])
    assert len(keeping.documents(curator)) == before


def test_nothing_of_a_document_stands_readable_in_the_tables(shelves: Shelves) -> None:
    document, version = shelves.published()
    secret = "葡萄糖酸钙".encode()
    for table in ("version", "piece", "text", "change", "current"):
        rows = shelves.building.rows(f"select t::text as row from library.{table} t")
        assert rows
        assert not any("葡萄糖酸钙" in row["row"] or secret.hex() in row["row"] for row in rows)
        assert not any("高钾血症" in row["row"] for row in rows)
    for statement in (
        "update library.text set characters = 1",
        "delete from library.change",
        "update library.piece set content = ''",
    ):
        with (
            pytest.raises(psycopg.DatabaseError),
            psycopg.connect(shelves.building.database.owner_conninfo) as owner,
        ):
            owner.execute(statement)


def test_a_connection_without_a_scope_sees_nothing(shelves: Shelves) -> None:
    shelves.published()
    pool = shelves.building.database.pool(DbRole.LIBRARY)
    for table in ("current", "version", "piece", "text", "change", "shown", "asked"):
        assert pool.rows(f"select 1 from library.{table}") == []  # type: ignore[arg-type]


def test_what_is_past_its_date_is_not_found_and_then_ended(shelves: Shelves) -> None:
    text = TEXT.replace("高钾", "酸中毒").replace("血钾", "碳酸氢根")
    document, _ = shelves.received(text)
    curator, keeping = shelves.who("curator"), shelves.library.keeping
    one = keeping.one(curator, document)
    yesterday = shelves.building.rows("select house.today() - 1 as day")[0]["day"]
    keeping.describe(curator, document, one.number, replace(one.card, valid_until=yesterday))
    shelves.publish(document, keeping.versions(curator, document)[0].id)
    assert document not in shelves.found("wang", "酸中毒 碳酸氢根")
    assert keeping.expire(yesterday + timedelta(days=1)) == 1
    assert keeping.one(curator, document).state == "expired"
    assert keeping.expire(yesterday + timedelta(days=1)) == 0
    kinds = [event.kind for event in shelves.building.events(f"document:{document}")]
    assert kinds[-1] == "document-expired"


def test_a_search_leaves_a_receipt_that_commits_to_what_was_shown(shelves: Shelves) -> None:
    shelves.published(TEXT.replace("高钾", "高磷").replace("血钾", "血磷"))
    before = len(shelves.building.events())
    answer = shelves.library.finding.ask(shelves.who("wang"), "高磷血症 血磷")
    event = shelves.building.events(kinds=("library-searched",))[-1]
    assert answer.receipt is not None and event.index == answer.receipt.index
    assert event.detail["support"] == len(answer.support) and len(event.commits["returned"]) == 64
    assert "高磷" not in event.body.decode() and len(shelves.building.events()) > before
