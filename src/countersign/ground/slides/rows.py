"""Rows of slides as the things that others hold, and what is sealed in them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.vault import Sealed, Vault
from countersign.kit.json import decode, encode

from .errors import UnknownSlide
from .held import Advance, Correction, Described, KeptSlide, Match, Run, Told

LOCK = "select pg_advisory_xact_lock(hashtext('slides.step/' || %s))"
"""One change of a slide after the other; the triggers take the same lock."""


def own_subject(slide: str) -> str:
    """Under whose key lies what a slide says before it is known whose it is."""
    return f"slide:{slide}"


def one(pool: Pool, slide: str) -> KeptSlide:
    """Raises UnknownSlide, also for what the pool's scope does not let be seen."""
    rows = pool.rows(SLIDES + " where s.slide = %s", (slide,))
    if not rows:
        raise UnknownSlide
    return kept_slide(rows[0])


def locked(connection: Connection[DictRow], slide: str) -> KeptSlide:
    """The slide, which no other transaction changes until this one ends. Raises UnknownSlide."""
    connection.execute(LOCK, (slide,))
    row = connection.execute(SLIDES + " where s.slide = %s", (slide,)).fetchone()
    if row is None:
        raise UnknownSlide
    return kept_slide(row)


def kept_slide(row: DictRow) -> KeptSlide:
    """From a row of ``SLIDES``."""
    described = None
    if row["format"] is not None:
        mpp = None if row["mpp_x"] is None else (row["mpp_x"], row["mpp_y"])
        described = Described(
            row["format"], row["width"], row["height"], row["levels"], mpp, row["scanner"]
        )
    return KeptSlide(
        id=row["slide"],
        number=row["number"],
        sha256=bytes(row["sha256"]).hex(),
        bytes=row["bytes"],
        layout=row["layout"],
        suffix=row["suffix"],
        kept=row["kept"],
        how=row["how"],
        at=row["at"],
        state=row["state"],
        code=row["code"],
        changed_at=row["changed_at"],
        patient=row["patient"],
        stain=row["stain"],
        matched=row["matched"],
        described=described,
    )


def told(pool: Pool, vault: Vault, slide: str) -> Told:
    """Raises UnknownSlide, Unreadable, Destroyed."""
    rows = pool.rows(
        "select patient, suite, key_id, box from slides.told where slide = %s", (slide,)
    )
    if not rows:
        raise UnknownSlide
    return told_of(vault, slide, rows[0])


def told_of(vault: Vault, slide: str, row: DictRow) -> Told:
    """Raises Unreadable, Destroyed."""
    said = decode(vault.open(row["patient"], sealed(row), f"slide/{slide}"))
    codes, read = tuple(said["codes"]), said.get("read", "")
    return Told(said["name"], said["place"], said["label"], codes, said["hints"], read)


def put_told(
    connection: Connection[DictRow], vault: Vault, slide: str, subject: str, said: Told
) -> None:
    """Seals it under ``subject``'s key in place of what was there."""
    box = vault.seal(subject, encode(asdict(said)), f"slide/{slide}")
    connection.execute(
        "insert into slides.told (slide, patient, suite, key_id, box) values (%s, %s, %s, %s, %s)"
        " on conflict (slide) do update set patient = excluded.patient, suite = excluded.suite,"
        " key_id = excluded.key_id, box = excluded.box",
        (slide, subject, int(box.suite), box.key_id, box.box),
    )


def match_of(vault: Vault, row: DictRow) -> Match:
    """Raises Unreadable, Destroyed."""
    place = f"slide-match/{row['slide']}/{row['number']}"
    said = decode(vault.open(row["patient"], sealed(row), place))
    return Match(
        row["patient"],
        row["stain"],
        row["how"],
        said["accession"],
        said["block"],
        said["specimen"],
        said["order"],
        row["actor"],
        row["at"],
    )


def run_of(row: DictRow) -> Run:
    """From a row of ``RUNS``."""
    advance = None
    if row["total"] is not None:
        advance = Advance(
            row["done"], row["total"], row["began"], row["began_done"], row["advanced_at"]
        )
    return Run(
        row["id"],
        row["slide"],
        row["patient"],
        row["analysis"],
        row["version"],
        row["at"],
        row["outcome"],
        row["code"] or "",
        row["nuclei"],
        _hex(row["nuclei_sha256"]),
        _hex(row["findings_sha256"]),
        advance,
    )


def correction_of(vault: Vault, patient: str, row: DictRow) -> Correction:
    """Raises Unreadable, Destroyed."""
    place = f"slide-correction/{row['slide']}/{row['number']}"
    value = decode(vault.open(patient, sealed(row), place))
    return Correction(
        row["slide"],
        row["number"],
        row["run"],
        row["kind"],
        value,
        row["undoes"],
        row["actor"],
        row["at"],
    )


def sealed(row: DictRow) -> Sealed:
    """The three columns of a sealed value."""
    return Sealed(row["suite"], row["key_id"], row["box"])


def boxed(box: Sealed) -> tuple[int, int, bytes]:
    """The same, for a row."""
    return int(box.suite), box.key_id, box.box


def _hex(value: Any) -> str | None:
    return None if value is None else bytes(value).hex()


SLIDES = """
select s.slide, s.number, s.state, s.code, s.changed_at, s.patient, s.stain, s.matched,
       l.sha256, l.bytes, l.layout, l.suffix, l.kept, l.how, l.at,
       d.format, d.width, d.height, d.levels, d.mpp_x, d.mpp_y, d.scanner
from slides.standing s join slides.slide l on l.id = s.slide
left join slides.described d on d.slide = s.slide
"""
RUNS = """
select r.id, r.slide, r.patient, r.analysis, r.version, r.at, o.outcome, o.code, o.nuclei,
       o.nuclei_sha256, o.findings_sha256,
       p.done, p.total, p.began, p.began_done, p.at as advanced_at
from slides.run r left join slides.outcome o on o.run = r.id
left join slides.progress p on p.run = r.id
"""
