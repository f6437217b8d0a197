"""A library of six departments for probes: who may see what is written down beside the policy."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from countersign.ground.db import WHOLE, Database, EmbeddedPostgres, migrate
from countersign.ground.identity import LicenceKind, Principal, Role
from countersign.ground.library import Card, Library, Passage, Permission, Searcher

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from building import Building  # noqa: E402 - lies with the tests

DEPARTMENTS = tuple(f"ward{number}" for number in range(6))
AUDIENCES = ("doctors", "clinical", "staff")
SIGNS = "龘靐齉麤鱻爩龖麣鸞灪钃戇驫籱虌"
"""Characters that stand in no guideline."""

POINTS = (
    "血钾≥{n} mmol/L 时立即复查并行心电图检查，警惕高钾血症。",
    "肌酐清除率低于 {n} mL/min 时减量，避免肾毒性药物。",
    "Infected obstructed kidneys are drained within {n} hours.",
    "前列腺特异性抗原超过 {n} ng/mL 时讨论穿刺活检的利弊。",
    "Stones below {n} mm usually pass without surgery.",
)


@dataclass(frozen=True)
class Paper:
    """A document: where it is from, who may read it, its state, and words that stand nowhere else:
    one for each version (``secrets``), and one for all of them (``title``).
    """

    id: str
    versions: tuple[str, ...]
    home: str
    permission: Permission
    state: str
    secrets: tuple[str, ...]
    title: str

    @property
    def findable(self) -> bool:
        return self.state == "published"


@dataclass(frozen=True)
class Reader:
    """Somebody with a role in one department."""

    principal: Principal
    department: str

    def may_read(self, paper: Paper) -> bool:
        """By the rules as docs/operate.md tells them, not by the policy."""
        role = next(iter(self.principal.roles))
        here = paper.permission.departments & {"*", self.department}
        heard = {
            "doctors": role is Role.PHYSICIAN,
            "clinical": role in (Role.PHYSICIAN, Role.NURSE),
            "staff": True,
        }
        return bool(here) and heard[paper.permission.audience]

    def keeps(self, paper: Paper) -> bool:
        return Role.CURATOR in self.principal.roles and paper.home in ("*", self.department)


@dataclass
class World:
    """The house, its papers and its people."""

    building: Building
    papers: list[Paper] = field(default_factory=list[Paper])
    readers: list[Reader] = field(default_factory=list[Reader])
    curators: list[Reader] = field(default_factory=list[Reader])

    @property
    def library(self) -> Library:
        return self.building.floor.library

    def twin(self, reader: Reader, *, apart: bool = False) -> Searcher:
        """A search that holds what this reader may find and has never heard of anything else: in
        one reach, ``own``, or, ``apart``, in the reaches that the documents have.
        """
        rows = self.library.index._rows  # pyright: ignore[reportPrivateUsage]
        own = {p.versions[-1]: p for p in self.papers if p.findable and reader.may_read(p)}
        found: list[Passage] = []
        for version, text in rows.texts(WHOLE, sorted(own)).items():
            paper = own[version]
            found += text.passages(paper.id, paper.permission.reach if apart else "own")
        made = Searcher()
        made.add(found)
        made.refresh()
        return made


@contextmanager
def world(chance: Random) -> Iterator[World]:
    """Everything in place and searchable, on a PostgreSQL of its own, until the block ends."""
    with TemporaryDirectory(prefix="countersign-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        migrate(server.conninfo, b"benchmark")
        database = Database(server.conninfo, b"benchmark")
        building = Building(database, Path(folder) / "home")
        made = World(building)
        for department in DEPARTMENTS:
            for role in (Role.PHYSICIAN, Role.NURSE):
                made.readers.append(_reader(role, department))
            made.curators.append(_reader(Role.CURATOR, department))
        try:
            _write(made, chance)
            made.library.index.catch_up()
            yield made
        finally:
            building.close()
            database.close()
            server.stop()


def _reader(role: Role, department: str) -> Reader:
    licences = {Role.PHYSICIAN: LicenceKind.PHYSICIAN, Role.NURSE: LicenceKind.NURSE}
    kinds = frozenset({licences[role]}) if role in licences else frozenset[LicenceKind]()
    name = f"{role.value}-{department}"
    who = Principal(
        name,
        name,
        "person",
        frozenset({role}),
        frozenset({department}),
        licences=kinds,
    )
    return Reader(who, department)


def _write(made: World, chance: Random) -> None:
    """Eleven papers of each department, some for two of them, and some for everybody."""
    number = 0
    for place, department in enumerate(DEPARTMENTS):
        neighbour = DEPARTMENTS[(place + 1) % len(DEPARTMENTS)]
        for audience in AUDIENCES:
            for state in ("published", "published", "withdrawn", "draft"):
                here = Permission(audience, frozenset({department}))
                _paper(made, chance, number, (department, here, state))
                number += 1
            both = Permission(audience, frozenset({department, neighbour}))
            _paper(made, chance, number, (department, both, "published"))
            number += 1
    for audience in AUDIENCES:
        _paper(made, chance, number, ("*", Permission(audience, frozenset({"*"})), "published"))
        number += 1


def _paper(made: World, chance: Random, number: int, of: tuple[str, Permission, str]) -> None:
    home, permission, state = of
    keeper = next(c for c in made.curators if home in ("*", c.department)).principal
    keeping = made.library.keeping
    secrets, versions, document = list[str](), list[str](), ""
    name = secret(chance)
    for _ in range(2 if number % 3 == 0 and state != "draft" else 1):
        hidden = secret(chance)
        source = [_text(chance, number, name, hidden).encode()]
        if not document:
            card = Card("-", owner=keeper.id, file=f"{number}.md", home=home, permission=permission)
            document, version = keeping.receive(keeper, card, source)
        else:
            version = keeping.add_version(keeper, document, f"{number}.md", source)
        made.library.understand_here(version)
        versions.append(version)
        secrets.append(hidden)
        if state != "draft":
            keeping.publish(keeper, document, keeping.one(keeper, document).number, version)
    if state == "withdrawn":
        keeping.withdraw(keeper, document, "an error was found in the table")
    made.papers.append(
        Paper(document, tuple(versions), home, permission, state, tuple(secrets), name)
    )


def secret(chance: Random) -> str:
    """Words that stand nowhere else."""
    return "".join(chance.sample(SIGNS, 4)) + f" zq{chance.randrange(10**8):08d}x"


def _text(chance: Random, number: int, name: str, secret: str) -> str:
    points = [one.format(n=chance.randrange(3, 90)) for one in chance.sample(POINTS, 3)]
    lines = "\n".join(f"- {one}[house]" for one in (*points, f"{secret} {points[0]}"))
    return (
        f"---\nid: paper{number}\ntitle: 规范 {name}\nlanguage: zh\nicd10: [E87.5]\n"
        f'sources:\n  - id: house\n    cite: "院内规程 2026"\n---\n'
        f"# 规范 {name}\n## 识别 {secret}\n{lines}\n"
    )
