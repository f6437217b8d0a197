"""Probes of case collections: what another department's cases would add, show or count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from benchmarks.library_world import DEPARTMENTS, World, secret
from building import IMPORTER, WORKER
from countersign.ground.db import DbRole
from countersign.ground.identity import LicenceKind, Principal, Role, scope_of
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words
from countersign.rooms.cases.domain import Case, Item, Shelf, as_json, nearest
from countersign.rooms.cases.service import Cases

ICD = "http://hl7.org/fhir/sid/icd-10"
COMMON = ("I50.9", "N18.3", "E87.5", "N20.1", "J18.9", "E11.9")
EACH = 12
"""Cases of a collection."""

CHARTS = 3
"""Charts of a department, by which cases are looked for."""


@dataclass(frozen=True)
class Kept:
    """A collection: whose it is (none: all), its state, its cases, words found nowhere else."""

    id: str
    departments: frozenset[str]
    state: str
    cases: tuple[Case, ...]
    secret: str

    def readable(self, department: str) -> bool:
        """By the rules as docs/operate.md tells them, not by the policy."""
        return self.state == "released" and (not self.departments or department in self.departments)


@dataclass
class Wards:
    """Collections, charts by department, and the seniors who curate, of one world."""

    made: World
    cases: Cases
    kept: list[Kept] = field(default_factory=list[Kept])
    charts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    problems: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    seniors: dict[str, Principal] = field(default_factory=dict[str, Principal])


def wards(made: World, chance: Random) -> Wards:
    """Fills the house with charts and with collections in every state."""
    floor = made.building.floor
    found = Wards(made, Cases(floor.chart, floor.cases, floor.policy))
    for place, department in enumerate(DEPARTMENTS):
        found.seniors[department] = _senior(f"senior-{department}", frozenset({department}))
        found.charts[department] = [_chart(found, department, chance) for _ in range(CHARTS)]
        neighbour = DEPARTMENTS[(place + 1) % len(DEPARTMENTS)]
        for state in ("built", "released", "withdrawn"):
            found.kept.append(_collection(found, chance, frozenset({department}), state))
        found.kept.append(
            _collection(found, chance, frozenset({department, neighbour}), "released")
        )
    found.kept.append(_collection(found, chance, frozenset(), "released"))
    return found


def probe(found: Wards, chance: Random) -> str | None:
    """One look at cases as somebody of a department; what came through, or None."""
    reader = chance.choice(found.made.readers)
    closed = [one for one in found.kept if not one.readable(reader.department)]
    kind = chance.choice((_like, _listed, _addressed, _addressed, _decided, _rowed))
    return kind(found, reader.principal, reader.department, chance.choice(closed), chance)


def _like(found: Wards, who: Principal, department: str, _closed: Kept, chance: Random
          ) -> str | None:  # fmt: skip
    """Hits, scores and the count are those of a house without the closed collections."""
    patient = chance.choice(found.charts[department])
    like = found.cases.like(who, patient)
    open_ = {one.id: one for one in found.kept if one.readable(department)}
    twin = nearest(like.case, {id: Shelf(one.cases) for id, one in open_.items()})
    if [(one.shelf, one.place, one.likeness) for one in like.near] != [
        (one.shelf, one.place, one.likeness) for one in twin
    ]:
        return "a near case or its score differs from that without the closed collections"
    if like.searched != sum(len(one.cases) for one in open_.values()):
        return "the count of searched cases tells of more"
    return _told(found, department, repr((like.near, like.ended)))


def _listed(found: Wards, who: Principal, department: str, _closed: Kept, _chance: Random
            ) -> str | None:  # fmt: skip
    """The list and its counts hold what may be read and nothing else."""
    listed = found.made.building.floor.cases.all(who)
    wanted = {(one.id, len(one.cases)) for one in found.kept if one.readable(department)}
    if {(one.id, one.entries) for one in listed} != wanted:
        return "the list of collections tells of another's"
    return _told(found, department, repr(listed))


def _addressed(found: Wards, who: Principal, _department: str, closed: Kept, chance: Random
               ) -> str | None:  # fmt: skip
    """A closed collection and none at all are refused in the same words."""
    collections = found.made.building.floor.cases
    ask = chance.choice((collections.one, found.cases.preview))
    return _alike(lambda id: ask(who, id), closed, chance)


def _decided(found: Wards, _who: Principal, department: str, _closed: Kept, chance: Random
             ) -> str | None:  # fmt: skip
    """A senior of another department neither releases nor withdraws, and learns of nothing."""
    collections, senior = found.made.building.floor.cases, found.seniors[department]
    foreign = [one for one in found.kept if one.departments and department not in one.departments]
    steps: Sequence[Callable[[str], object]] = (
        lambda id: collections.release(senior, id, small=True),
        lambda id: collections.withdraw(senior, id),
        lambda id: found.cases.preview(senior, id),
    )
    return _alike(chance.choice(steps), chance.choice(foreign), chance)


def _rowed(found: Wards, who: Principal, department: str, _closed: Kept, _chance: Random
           ) -> str | None:  # fmt: skip
    """Below every program: rows of collections that are no department's of this person."""
    pool = found.made.building.database.pool(DbRole.ROOM).within(scope_of(who))
    foreign = [
        one.id for one in found.kept if one.departments and department not in one.departments
    ]
    rows = pool.rows("select 1 from cases.entry where collection_id = any(%s)", (foreign,))
    rows += pool.rows("select 1 from cases.collection where id = any(%s)", (foreign,))
    return "the database shows another department's rows" if rows else None


def _alike(ask: Callable[[str], object], closed: Kept, chance: Random) -> str | None:
    refused = _refused(ask, closed.id)
    absent = _refused(ask, f"{chance.getrandbits(128):032x}")
    return None if refused == absent != "answered" else "a closed collection answers"


def _refused(ask: Callable[[str], object], id: str) -> str:
    try:
        ask(id)
    except CountersignError as problem:
        return f"{problem.code} {problem.sentence()}"
    return "answered"


def _told(found: Wards, department: str, said: str) -> str | None:
    for one in found.kept:
        if not one.readable(department) and (one.id in said or one.secret in said):
            return "words of a closed collection are shown"
    return None


def _senior(name: str, departments: frozenset[str]) -> Principal:
    kind = LicenceKind.SENIOR_PHYSICIAN
    roles = frozenset({Role.SENIOR_PHYSICIAN})
    return Principal(name, name, "person", roles, departments, licences=frozenset({kind}))


def _chart(found: Wards, department: str, chance: Random) -> str:
    """A patient with three problems; two of them are in many cases."""
    name = f"{department}-{len(found.problems)}"
    codes = tuple(chance.sample(COMMON, 3))
    found.problems[name] = codes
    resources: list[dict[str, object]] = [
        {"resourceType": "Patient", "id": name, "birthDate": "1950-03-02", "gender": "male"},
        *(
            {
                "resourceType": "Condition",
                "id": f"{name}-{place}",
                "subject": {"reference": f"Patient/{name}"},
                "code": {"coding": [{"system": ICD, "code": code, "display": code}]},
            }
            for place, code in enumerate(codes)
        ),
    ]
    entry = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    found.made.building.floor.chart.receive(
        IMPORTER, {"resourceType": "Bundle", "type": "transaction", "entry": entry},
        source="bench", departments=[department], keep_ids=True,
    )  # fmt: skip
    return name


def _collection(found: Wards, chance: Random, departments: frozenset[str], state: str) -> Kept:
    collections = found.made.building.floor.cases
    senior = _senior("curator", departments or frozenset({DEPARTMENTS[0]}))
    hidden = secret(chance)
    made = collections.start(senior, f"病例集 {hidden}", departments)
    cases = tuple(_case(chance, departments, hidden) for _ in range(EACH))
    collections.fill(
        WORKER, made, [(f"{made}-{at}", False, as_json(one)) for at, one in enumerate(cases)]
    )
    if state != "built":
        collections.release(senior, made, small=True)
    if state == "withdrawn":
        collections.withdraw(senior, made)
    return Kept(made, departments, state, cases, hidden)


def _case(chance: Random, departments: frozenset[str], hidden: str) -> Case:
    codes = sorted(chance.sample(COMMON, 2))
    items = [Item("problem", ICD, code, Words(code, code), "active") for code in codes]
    items.append(Item("problem", ICD, "Z99.9", Words(hidden, hidden), "active"))
    return Case(
        chance.randrange(20, 90, 5), "male", tuple(sorted(departments)), tuple(items), 1, 7, "home"
    )
