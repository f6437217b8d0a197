"""Lists of names, an encoder and a hospital's own servers: used where they are good, else left out.

The servers are a real process that speaks HTTP, and that lies, hangs and ends when it is told to.
"""

from __future__ import annotations

import gzip
import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from countersign.ground.egress import Egress, places
from countersign.ground.library import (
    AidAway,
    Aids,
    BrokenNames,
    ModelServer,
    SearchAids,
    Searcher,
)
from countersign.ground.library.names import read_names
from countersign.ground.library.servers import PAUSE, Caller, Embedding, Reranking

from .encoders import encoder_in
from .passages import EN, WARD, ZH, shelf_of

SEEN = frozenset({WARD})
LIES = (
    "endless",
    "huge numbers",
    "fewer",
    "wider",
    "uneven",
    "words",
    "nothing",
    "nan",
    "twice",
    "text",
    "broken",
)
QUESTION = "drainage or surgery of stones"


class Model:
    """The process, and how it is told what to do."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(__file__).with_name("model_server.py"))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def be(self, mode: str) -> list[str]:
        """Changes how it answers; what it was asked until then."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", "/mode", json.dumps({"mode": mode}))
        asked = json.loads(connection.getresponse().read())["asked"]
        connection.close()
        return asked

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def process() -> Iterator[Model]:
    made = Model()
    yield made
    made.end()


@pytest.fixture
def model(process: Model) -> Model:
    process.be("good")
    return process


@pytest.fixture
def egress(model: Model) -> Iterator[Egress]:
    made = Egress(places([f"127.0.0.1:{model.port}"]))
    yield made
    made.close()


def searcher_with(given: SearchAids, egress: Egress) -> tuple[Searcher, Aids]:
    aids = Aids(given, egress)
    searcher = Searcher()
    searcher.add([*shelf_of(*ZH), *shelf_of(*EN, version="v2")])
    searcher.refresh()
    searcher.equip(aids.load())
    return searcher, aids


def state(aids: Aids) -> dict[str, str]:
    return {one.kind: one.state for one in aids.states()}


def test_a_hospitals_servers_put_passages_in_order(model: Model, egress: Egress) -> None:
    server = ModelServer(model.address, "ours", "secret")
    searcher, aids = searcher_with(SearchAids(embedding=server, seconds=20), egress)
    assert state(aids) == {"embedding": "unasked"}
    assert searcher.unlearned() == len(ZH) + len(EN)
    while searcher.learn(3):
        searcher.refresh()
    assert searcher.unlearned() == 0
    looked = searcher.look("Surgery or drainage", SEEN)
    assert looked.hits[0].passage.text == EN[2]
    assert (looked.aided, looked.without) == ({"meaning"}, frozenset())
    assert state(aids) == {"embedding": "in-use"}
    assert set(model.be("good")) == {"/v1/embeddings ours Bearer secret"}

    searcher, aids = searcher_with(SearchAids(reranking=server, seconds=20), egress)
    looked = searcher.look("stones or eGFR", SEEN)
    assert looked.hits[0].passage.text == EN[3]
    assert (looked.aided, looked.without) == ({"reranking"}, frozenset())
    assert state(aids) == {"reranking": "in-use"}
    assert set(model.be("good")) == {"/v1/rerank ours Bearer secret"}


@pytest.mark.parametrize("mode", LIES)
def test_an_answer_that_cannot_be_true_is_not_used(model: Model, egress: Egress, mode: str) -> None:
    now = 0.0
    server = ModelServer(model.address, "ours")
    one, other = (Caller(egress, server, 20.0, lambda: now) for _ in range(2))
    embedding, reranking = Embedding(one), Reranking(other)
    assert embedding.encode(["stone", "糖"]).shape == (2, 4)
    model.be(mode)
    for ask in (
        lambda: embedding.encode(["stone", "糖"]),
        lambda: reranking.rerank("stone", ["a", "b"]),
    ):
        with pytest.raises(AidAway):
            ask()
    wanted = "away" if mode == "broken" else "wrong"
    assert (one.standing.problem, other.standing.problem) == (wanted, wanted)
    model.be("good")
    with pytest.raises(AidAway):  # left alone for a while, and not asked
        embedding.encode(["stone"])
    assert model.be("good") == []
    now = PAUSE
    assert embedding.encode(["stone"]).shape == (1, 4)
    assert reranking.rerank("a", ["糖", "b"]) == [1.0, 0.0]
    assert one.standing.problem is None


@pytest.mark.parametrize("mode", ["hang", "huge"])
def test_a_search_answers_without_a_server_that_fails(
    model: Model, egress: Egress, mode: str
) -> None:
    server = ModelServer(model.address, "ours")
    given = SearchAids(embedding=server, reranking=server, seconds=20)
    searcher, _ = searcher_with(given, egress)
    while searcher.learn(100):
        searcher.refresh()
    plain, _ = searcher_with(SearchAids(), egress)
    model.be(mode)
    hurried = Aids(SearchAids(embedding=server, reranking=server, seconds=0.5), egress)
    searcher.equip(hurried.load())
    looked = searcher.look(QUESTION, SEEN)
    assert looked.hits == plain.search(QUESTION, SEEN)
    assert looked.without >= {"reranking"} and not looked.aided
    assert set(state(hurried).values()) <= {"away", "wrong"}


def test_a_server_that_ended_is_left_out() -> None:
    model = Model()
    egress = Egress(places(["127.0.0.1"]))
    server = ModelServer(model.address, "ours")
    searcher, aids = searcher_with(SearchAids(reranking=server, seconds=20), egress)
    assert searcher.look("stones or eGFR", SEEN).aided == {"reranking"}
    model.end()
    assert searcher.look("stones or eGFR", SEEN).without == {"reranking"}
    assert state(aids) == {"reranking": "away"}
    egress.close()


def test_vectors_of_another_model_do_not_count(model: Model, egress: Egress) -> None:
    """The server was changed under way: its vectors are no longer those of the passages."""
    server = ModelServer(model.address, "ours")
    searcher, aids = searcher_with(SearchAids(embedding=server, seconds=20), egress)
    while searcher.learn(100):
        searcher.refresh()
    model.be("wider")
    looked = searcher.look(QUESTION, SEEN)
    assert looked.without == {"meaning"} and state(aids) == {"embedding": "wrong"}
    plain = searcher.look(QUESTION, SEEN, aided=False).hits
    assert looked.hits == plain
    begun_anew = Aids(SearchAids(embedding=server, seconds=20), egress)
    searcher.equip(begun_anew.load())
    looked = searcher.look(QUESTION, SEEN)
    assert looked.without == {"meaning"} and looked.hits == plain


def test_a_server_that_nobody_allowed_is_never_contacted(model: Model) -> None:
    egress = Egress(places(["127.0.0.1:1"]))
    given = SearchAids(reranking=ModelServer(model.address, "ours"))
    searcher, aids = searcher_with(given, egress)
    assert searcher.look("stones", SEEN).without == {"reranking"}
    assert state(aids) == {"reranking": "forbidden"}
    assert model.be("good") == []
    egress.close()


def test_a_version_withdrawn_while_its_vectors_are_made_stays_away(
    model: Model, egress: Egress
) -> None:
    given = SearchAids(embedding=ModelServer(model.address, "ours"), seconds=20)
    searcher, aids = searcher_with(given, egress)
    engines = aids.load()
    assert engines.meaning is not None and engines.meaning.teach is not None
    teach = engines.meaning.teach

    def withdrawn_meanwhile(texts: list[str]) -> object:
        searcher.remove("v2")
        return teach(texts)

    object.__setattr__(engines.meaning, "teach", withdrawn_meanwhile)
    searcher.equip(engines)
    searcher.learn(100)
    searcher.refresh()
    assert searcher.count(SEEN) == len(ZH)


def rows(*lines: tuple[str, ...], sign: str = ",") -> str:
    return "\n".join(sign.join(line) for line in lines)


HPO = rows(
    ("hpo_id", "zh", "en", "status"),
    ("HP:0000093", "蛋白尿", "Proteinuria", "OFFICIAL"),
    ("HP:0000001", "只有一个", "", "OFFICIAL"),
)
ICD10 = rows(("code", "name"), ("E87.5", "高钾血症"), ("N20.0", '"肾结石[肾石症]"'))
OWN = rows(("# 本院名称",), ("糖化", "糖化血红蛋白", "HbA1c"))
TABBED = rows(("心梗", "心肌梗死 急性"), sign="\t")


@pytest.mark.parametrize(
    ("name", "data", "groups"),
    [
        ("hpo.csv.gz", gzip.compress(HPO.encode()), [("蛋白尿", "Proteinuria")]),
        ("icd.csv", ICD10.encode(), [("E87.5", "高钾血症"), ("N20.0", "肾结石", "肾石症")]),
        ("own.csv", OWN.encode("gb18030"), [("糖化", "糖化血红蛋白", "HbA1c")]),
        (
            "own.tsv",
            b"\xef\xbb\xbf" + TABBED.encode(),
            [("心梗", "心肌梗死 急性")],
        ),
        ("own.csv", "心梗|心肌梗死\r\n一\r\n".encode(), [("心梗", "心肌梗死")]),
    ],
)
def test_lists_of_names_are_read(
    tmp_path: Path, name: str, data: bytes, groups: list[tuple[str, ...]]
) -> None:
    (tmp_path / name).write_bytes(data)
    assert read_names(tmp_path / name) == groups


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b""),
        ("a.csv", b"only\none\nname\n"),
        ("a.csv.gz", b"no gzip"),
        ("a.csv.gz", gzip.compress(OWN.encode())[:-9]),
        ("a.csv", b"\xff\xfe\x00"),
        ("bomb.csv.gz", gzip.compress(b"a,b\n" * 17_000_000, 1)),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BrokenNames):
        read_names(tmp_path / name)


def test_names_take_part_and_broken_ones_are_left_out(tmp_path: Path, egress: Egress) -> None:
    (tmp_path / "own.csv").write_text(rows(("二甲双胍", "metformin")), encoding="utf-8")
    (tmp_path / "icd.csv").write_text(ICD10, encoding="utf-8")
    (tmp_path / "hpo.csv").write_text("broken", encoding="utf-8")
    given = SearchAids(
        synonyms=tmp_path / "own.csv",
        icd10=tmp_path / "icd.csv",
        hpo=tmp_path / "hpo.csv",
        encoder=tmp_path,
    )
    searcher, aids = searcher_with(given, egress)
    assert searcher.search("二甲双胍", SEEN)[0].passage.text == EN[3]
    broken = {"hpo": "broken", "encoder": "broken"}
    assert state(aids) == {"synonyms": "in-use", "icd10": "in-use", **broken}
    assert state(Aids(given, egress))["icd10"] == "loading"


def test_a_code_stands_for_its_name(tmp_path: Path, egress: Egress) -> None:
    (tmp_path / "icd.csv").write_text('code,name\nN13.3,"肾积水"\n', encoding="utf-8")
    searcher, _ = searcher_with(SearchAids(icd10=tmp_path / "icd.csv"), egress)
    assert searcher.search("N13.3 怎么处理", SEEN)[0].passage.text == ZH[2]


def test_an_encoder_in_a_folder_takes_part(tmp_path: Path, egress: Egress) -> None:
    folder = encoder_in(tmp_path / "encoder")
    searcher, aids = searcher_with(SearchAids(encoder=folder), egress)
    assert searcher.learn(100) == len(EN)
    searcher.refresh()
    assert searcher.look(QUESTION, SEEN).aided == {"meaning"}
    (only,) = aids.states()
    assert (only.kind, only.state, only.source) == ("encoder", "in-use", "encoder")
