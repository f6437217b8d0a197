"""A house with measured slides for pages: its people, a slide in any state, a person's session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from benchmarks.viewer_stand import Blurred, Divided, Miscounted, Stand, sheet
from building import IMPORTER, PASSWORD, Building
from countersign.app.rooms import ROOMS
from countersign.ground.db import WHOLE, Database
from countersign.ground.jobs import JobContext
from countersign.ground.models import Dataset, ModelCard, ModelKind, NotMeasured, Source
from countersign.ground.shell import build_http
from countersign.ground.slides import KeptSlide
from countersign.kit.words import Words
from countersign.rooms.pathology.inference.registry import Registry
from countersign.rooms.pathology.service import PATHOLOGY, Analysing, serving

from .conftest import ACCESSION, STAFF, specimen

HTML = {"accept": "text/html", "accept-language": "en"}
REGISTRY = Registry({"ki67": Stand, "pr": Divided, "er": Blurred, "her2": Miscounted})


def card(name: str = "pathology-ki67") -> ModelCard:
    """That of the stand-in."""
    nothing = Words("Nothing", "无")
    return ModelCard(
        name=name,
        version=Stand.version,
        kind=ModelKind.RULES,
        title=Words("Stand-in", "替身"),
        intended_use=Words("Tests", "测试"),
        not_for=Words("Patients", "患者"),
        data=(Dataset(nothing, "none"),),
        performance=(NotMeasured(Words("All", "全部"), Words("Invented", "虚构")),),
        limits=(Words("Invented", "虚构"),),
        owner="Testing",
        sources=(Source("Nothing", "2026"),),
    )


@dataclass
class Bench:
    """A pathologist's bench; ``ready`` lays a measured slide of p1 on it."""

    building: Building
    analysing: Analysing
    folder: Path
    made: int = 0

    def add(self, content: bytes, **hints: str) -> str:
        """A file handed in; its slide."""
        self.made += 1
        path = self.folder / f"{self.made}.png"
        path.write_bytes(content)
        slides = self.building.floor.slides
        return slides.intake.receive_files([path], "command", PATHOLOGY, hints=hints).slide

    def work(self, slide: str) -> KeptSlide:
        """What the worker would do."""
        self.analysing.work(JobContext(1, "pathology.slide"), slide)
        return self.one(slide)

    def one(self, slide: str) -> KeptSlide:
        """As it stands."""
        return self.building.floor.slides.keeping.one(WHOLE, slide)

    def ready(self, stain: str = "ki67", **size: int) -> str:
        """A measured slide of the patient p1."""
        slide = self.add(sheet(self.made + 1, **size), accession=ACCESSION, block="A1", stain=stain)
        assert self.work(slide).state == "ready"
        return slide


@contextmanager
def bench(database: Database, home: Path) -> Iterator[Bench]:
    """A house of its own until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        building = Building(database, home, staff=STAFF)
        patch.setattr(serving, "CARDS", ((card(), "cd" * 32),))
        for name in ("pathology-ki67", "pathology-he"):
            building.floor.registry.register(card(name), "cd" * 32)
        specimens = specimen("p1", ACCESSION)
        building.floor.chart.receive(IMPORTER, specimens, source="test", keep_ids=True)
        folder = home / "handed-in"
        folder.mkdir()
        yield Bench(building, Analysing(building.floor, REGISTRY), folder)
        building.house.compute.close()
        building.close()


class Session:
    """One person at the pages, without scripts."""

    def __init__(self, building: Building, name: str) -> None:
        app = build_http(building.floor, ROOMS)
        self.client = TestClient(app, "http://127.0.0.1", headers=HTML)
        form = {"csrf": token(self.client.get("/sign-in").text), "username": name}
        assert self.client.post("/sign-in", data={**form, "password": PASSWORD}).status_code == 200

    def get(self, path: str, status: int = 200, **headers: str) -> Any:
        """The whole answer."""
        answer = self.client.get(path, headers=headers)
        assert answer.status_code == status, said(answer.text)
        return answer

    def post(self, path: str, status: int = 200, **form: Any) -> Any:
        """A form of a page."""
        answer = self.client.post(path, data={"csrf": self.token(), **form})
        assert answer.status_code == status, said(answer.text)
        return answer

    def send(self, path: str, body: Any, status: int = 200) -> Any:
        """JSON as the page's script sends it."""
        headers = {"accept": "application/json", "x-csrf-token": self.token()}
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = self.client.post(path, headers=headers, **content)
        assert answer.status_code == status, said(answer.text)
        return answer.json()

    def token(self) -> str:
        """The form token of this session."""
        return token(self.get("/help").text)


def said(page: str) -> str:
    """What a page says in its middle, for a failing test."""
    middle = re.sub(r"<[^>]+>", " ", page.partition("<main")[2] or page)
    return re.sub(r"\s+", " ", middle)[:600]


def token(page: str) -> str:
    """The first form token on a page."""
    found = re.search(r'name="csrf" value="([^"]*)"|data-csrf="([^"]+)"', page)
    assert found is not None
    return found[1] or found[2]
