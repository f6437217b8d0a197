"""Fills a house with slides of every state, by copying rows: none of them was ever scanned."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg

from countersign.app.house import House
from countersign.ground.identity import Principal
from countersign.kit.json import JSON, encode
from countersign.kit.words import Words
from countersign.rooms.pathology.inference.registry import CARDS

INSTALLER, IMPORTER = Principal.system("installer"), Principal.system("importer")
PEOPLE = 500
SMALL = 50
"""Every so manieth patient is of the small department alone."""

STATES = {
    "signed": 9_000, "ready": 350, "draft": 200, "queued": 200, "set-aside": 148, "unmatched": 40,
    "rescan": 30, "damaged": 20, "failed": 10, "running": 2,
}  # fmt: skip
"""Of ten thousand slides."""

STAINS = {"he": 700, "ki67": 250, "her2": 40, "pr": 9, "pdl1": 1}
"""Of a thousand."""

SURNAMES, NAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高",
    "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超秀霞平",
)

Row = tuple[str, int, str, str]
"""A slide, the number of its patient, its state and its stain."""


@dataclass(frozen=True)
class Sought:
    """Of one patient whom people look for."""

    name: str
    accession: str


def sought(person: int) -> Sought:
    """What names and numbers the patient of this number has."""
    return Sought(_name(person), _accession(person))


def furnish(house: House) -> None:
    """Two departments and their patients, each with a specimen."""
    for code, english, chinese in (
        ("pathology", "Pathology", "病理科"),
        ("small", "Small", "小科"),
    ):
        house.floor.people.department(code, Words(english, chinese), by=INSTALLER)
    for small in (False, True):
        people = [one for one in range(PEOPLE) if (one % SMALL == 0) is small]
        for start in range(0, len(people), 200):
            entries = [entry for one in people[start : start + 200] for entry in _person(one)]
            bundle: JSON = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
            where = ("small",) if small else ("pathology",)
            house.floor.chart.receive(
                IMPORTER, bundle, source="bench", departments=where, keep_ids=True
            )
    for card, digest in CARDS:
        house.floor.registry.register(card, digest)


def fill(house: House, slides: int, first: int) -> None:
    """So many more slides, named from ``first`` on."""
    chance = random.Random(first)  # noqa: S311 - which slide is where is no secret
    states = chance.choices(list(STATES), list(STATES.values()), k=slides)
    stains = chance.choices(list(STAINS), list(STAINS.values()), k=slides)
    rows = [
        (f"s{first + at:09d}", chance.randrange(PEOPLE), state, stain)
        for at, (state, stain) in enumerate(zip(states, stains, strict=True))
    ]
    with psycopg.connect(house.database.owner_conninfo) as owner:
        for change in _TRIGGERS:
            owner.execute(change.replace("ENABLE", "disable"))  # type: ignore[arg-type]
        owner.execute(_MADE)
        _copy(owner, "copy made from stdin", ((one, f"p{who}", *rest) for one, who, *rest in rows))
        owner.execute("analyze made")
        for statement in _SPREAD:
            owner.execute(statement)
        _copy(owner, _MATCHED, _matches(house, rows))
        for change in _TRIGGERS:
            owner.execute(change.replace("ENABLE", "enable always"))  # type: ignore[arg-type]
        owner.commit()
        owner.autocommit = True
        owner.execute("vacuum analyze")


def _copy(
    owner: psycopg.Connection[Any], how: LiteralString, rows: Iterator[tuple[object, ...]]
) -> None:
    with owner.cursor().copy(how) as copy:
        for row in rows:
            copy.write_row(row)


def _matches(house: House, rows: list[Row]) -> Iterator[tuple[object, ...]]:
    for slide, person, state, stain in rows:
        if state != "unmatched":
            said = {"accession": _accession(person), "block": "A1", "specimen": "", "order": ""}
            box = house.vault.seal(f"p{person}", encode(said), f"slide-match/{slide}/1")
            yield (slide, 1, f"p{person}", stain, "barcode", "system:bench", int(box.suite),
                   box.key_id, box.box)  # fmt: skip


def _person(number: int) -> Iterator[JSON]:
    patient: JSON = {
        "resourceType": "Patient",
        "id": f"p{number}",
        "identifier": [{"system": "urn:mrn", "value": f"M{number:06d}"}],
        "name": [{"text": _name(number)}],
        "birthDate": "1960-01-01",
    }
    specimen: JSON = {
        "resourceType": "Specimen",
        "id": f"sp{number}",
        "accessionIdentifier": {"system": "urn:lab", "value": _accession(number)},
        "subject": {"reference": f"Patient/p{number}"},
    }
    for one in (patient, specimen):
        address = f"{one['resourceType']}/{one['id']}"
        yield {"resource": one, "request": {"method": "PUT", "url": address}}


def _name(number: int) -> str:
    first, rest = divmod(number, len(SURNAMES))
    second, third = divmod(first, len(NAMES))
    return SURNAMES[rest] + NAMES[third] + NAMES[second % len(NAMES)]


def _accession(number: int) -> str:
    return f"S26-{number:05d}"


_TRIGGERS = (
    "alter table slides.step ENABLE trigger checked",
    "alter table slides.match ENABLE trigger checked",
    "alter table signoff.draft ENABLE trigger checked",
    "alter table signoff.draft ENABLE trigger settled",
)
_MADE = """
create temporary table made (slide text, patient text, state text, stain text) on commit drop
"""
_MATCHED = """
copy slides.match (slide, number, patient, stain, how, actor, suite, key_id, box) from stdin
"""
_SPREAD: tuple[LiteralString, ...] = (
    """
insert into slides.slide (id, sha256, bytes, layout, suffix, kept, how, actor)
select slide, sha256(slide::bytea), 1000000000, 'file', 'svs', true, 'folder', 'system:bench'
from made order by slide
""",
    """
insert into slides.step (slide, number, state, code, actor)
select slide, 1, 'queued', '', 'system:bench' from made
union all select slide, 2, state, '', 'system:bench' from made where state <> 'queued'
""",
    # Those that wait or run are not called forgotten while it is measured.
    """
insert into slides.standing (slide, number, state, code, step, changed_at, patient, stain, matched)
select slide, l.number, state,
       case state when 'draft' then 'd' || slide when 'signed' then 'd' || slide
                  when 'unmatched' then 'unknown-number' when 'rescan' then 'asked' else '' end,
       2, now() + interval '1 day', case when state <> 'unmatched' then patient end,
       case when state <> 'unmatched' then stain end, (state <> 'unmatched')::integer
from made join slides.slide l on l.id = slide
""",
    """
insert into slides.described (slide, format, width, height, levels, mpp_x, mpp_y, scanner)
select slide, 'svs', 80000, 60000, 4, 0.25, 0.25, 'Invented' from made where state <> 'queued'
""",
    """
insert into slides.run (id, slide, patient, analysis, version, actor)
select 'r' || slide, slide, patient, 'he', '3', 'system:bench' from made
where state in ('running', 'ready', 'draft', 'signed')
""",
    """
insert into slides.progress (run, done, total) select 'r' || slide, 40, 100 from made
where state = 'running'
""",
    """
insert into signoff.draft (id, room, kind, patient, risk, urgency, signer_kinds, fingerprint,
    topic, model_name, model_version, model_digest, manifest, sha256, suite, key_id, box,
    proposed_by, proposed_at, expires_at)
select 'd' || slide, 'pathology', 'he', patient, 'medium', 'routine', array['pathologist'],
       hashtextextended(slide, 1), hashtextextended(slide, 2), v.name, v.version, v.digest,
       jsonb_build_object('rationale', 1, 'evidence', 1, 'limits', 1, 'inputs', 1,
           'alternatives', 0, 'confidence', 'reason', 'model', v.name || '@' || v.version),
       sha256(slide::bytea), 1, 1, 'x', 'system:bench', now(), now() + interval '60 days'
from made, models.version v where made.state = 'draft' and v.name = 'pathology-he'
""",
)
