"""Asks the library 100,000 times for what another department holds, and looks for any trace."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from psycopg import sql

from benchmarks.library_cases import probe, wards
from benchmarks.library_work import MARGIN, probe_time, probe_work, quiet, work
from benchmarks.library_world import Paper, Reader, World, world
from benchmarks.measured import Measured
from countersign.ground.db import DbRole
from countersign.ground.library import Answer, Searcher
from countersign.kit.errors import CountersignError
from countersign.rooms.knowledge.service import Knowledge

PROBES = int(os.environ.get("LIBRARY_LEAK_PROBES", "100000"))
SHARES = {
    "search": 0.54, "address": 0.18, "curator": 0.08, "rows": 0.1, "cases": 0.05, "work": 0.02,
    "time": 0.03,
}  # fmt: skip
TOGETHER = 50
"""Questions of one receipt."""

LIMIT = 10
TABLES = ("current", "version", "piece", "text", "change", "shown", "feedback")


@dataclass
class Findings:
    """Probes by kind, and in words what came through."""

    probes: Counter[str] = field(default_factory=Counter[str])
    leaks: list[str] = field(default_factory=list[str])
    told: str = ""

    def leak(self, kind: str, why: str) -> None:
        self.leaks.append(f"{kind}: {why}")


def measure(_data: Path | None) -> Measured:
    """Real PostgreSQL with row security, the real policy, ledger and search."""
    chance, findings = Random(20261126), Findings()  # noqa: S311 - probes, no secrets
    with world(chance) as made:
        _tell(made)
        kinds: dict[str, Callable[[World, Random, Findings, int], None]] = {
            "search": _searches,
            "address": _addresses,
            "curator": _curators,
            "rows": _rows,
            "cases": _cases,
            "work": _work,
        }
        for kind, ask in kinds.items():
            ask(made, chance, findings, int(SHARES[kind] * PROBES))
        papers = len(made.papers)
    done = findings.probes
    return Measured(
        columns=("what was asked", "probes", "leaks"),
        rows=[
            (kind, number, sum(one.startswith(f"{kind}:") for one in findings.leaks))
            for kind, number in sorted(done.items())
        ],
        figures={"probes": sum(done.values()), "leaks": len(findings.leaks)},
        notes=(
            f"{papers} documents of six departments: published, replaced, withdrawn and drafts; "
            "physicians, nurses, curators of each; each version has words that stand nowhere else",
            "a search leaks when a hit, a count, a title or a word is another's, or when any score "
            "differs from that of a library which never held what the reader may not see",
            "an address leaks when what is closed answers otherwise than what does not exist",
            "cases: what is near, its scores, the counts, the lists, addresses, steps of curators "
            "and rows of collections of other departments, unreleased and withdrawn ones",
            "work: every word looked up, with its number of postings, every query and every "
            "passage fetched is the same, shelf by shelf, as in a library that never held the rest",
            findings.told,
            "nothing suggests words while somebody types; other names come from lists that the "
            "hospital gives, never from documents; questions asked in vain are told to "
            "curators of the asker's departments, without who asked, and are no probe",
            *(f"LEAK {one}" for one in findings.leaks[:10]),
        ),
    )


def _cases(made: World, chance: Random, findings: Findings, number: int) -> None:
    found = wards(made, chance)
    while findings.probes["cases"] < number:
        findings.probes["cases"] += 1
        if why := probe(found, chance):
            findings.leak("cases", why)


def _work(made: World, chance: Random, findings: Findings, number: int) -> None:
    """What the search does; then, with nothing noted, how long it takes."""
    found = work(made)
    while findings.probes["work"] < number:
        findings.probes["work"] += 1
        if why := probe_work(found, chance):
            findings.leak("work", why)
    quiet(found)
    while findings.probes["time"] < SHARES["time"] * PROBES - 1:
        findings.probes["time"] += 2
        probe_time(found, chance)
    if why := found.leak():
        findings.leak("time", why)
    told, error = found.told_apart()
    findings.told = (
        f"time: asked for words of a closed document and for words that nobody wrote, an observer "
        f"of the waiting gains {told:.3f} ± {error:.3f} over guessing (2·AUC - 1); a leak is more "
        f"than {MARGIN} by three errors"
    )


def _tell(made: World) -> None:
    """Feedback of every department, for which others look later."""
    for reader in made.readers:
        for paper in made.papers:
            if paper.findable and reader.may_read(paper):
                made.library.consulting.judge(
                    reader.principal,
                    paper.id,
                    paper.versions[-1],
                    (0, 4),
                    "wrong",
                    paper.secrets[0],
                )


def _searches(made: World, chance: Random, findings: Findings, number: int) -> None:
    twins = {reader.principal.id: made.twin(reader) for reader in made.readers}
    while findings.probes["search"] < number:
        reader = chance.choice(made.readers)
        questions = [_question(made, reader, chance) for _ in range(TOGETHER)]
        answers = made.library.finding.ask_all(reader.principal, questions, LIMIT)
        own = [one for one in made.papers if one.findable and reader.may_read(one)]
        twin = twins[reader.principal.id]
        for question, answer in zip(questions, answers, strict=True):
            findings.probes["search"] += 1
            if why := _trace(made, own, question, answer, twin):
                findings.leak("search", why)


def _question(made: World, reader: Reader, chance: Random) -> str:
    """What somebody would ask who has heard of a closed document."""
    closed = [p for p in made.papers if not (p.findable and reader.may_read(p))]
    paper = chance.choice(closed)
    secret = chance.choice(paper.secrets)
    return chance.choice(
        (
            secret,
            paper.title,
            secret.split()[1],
            f"血钾高怎么办 {secret}",
            f"Which stones pass without surgery {secret.split()[1]}",
            "高钾血症 心电图 复查 肾毒性 引流",
            f"{secret[: chance.randrange(1, 5)]} 穿刺活检",
            "".join(chance.sample("血钾肌酐清除率前列腺穿刺结石引流减量", 8)),
        )
    )


def _trace(
    made: World, own: list[Paper], question: str, answer: Answer, twin: Searcher
) -> str | None:
    known = {one.id: one for one in own}
    shown = (*answer.support, *answer.near)
    if any(one.document.id not in known for one in shown):
        return "another's document is a hit"
    if any(one.hit.passage.version != known[one.document.id].versions[-1] for one in shown):
        return "a replaced version is a hit"
    said = " ".join(
        " ".join((one.document.card.title, *one.hit.passage.headings, one.hit.passage.text))
        for one in shown
    )
    for paper in made.papers:
        closed = (*paper.secrets, paper.title)
        hidden = closed if paper.id not in known else paper.secrets[:-1]
        if any(secret.split()[1] in said for secret in hidden):
            return "another's words are shown"
    if answer.documents != len(own) or answer.passages != twin.count(frozenset({"own"})):
        return "the counts tell of more"
    apart = [
        (one.passage.id, one.score) for one in twin.search(question, frozenset({"own"}), 2 * LIMIT)
    ][:LIMIT]
    found = {one.hit.passage.id: one.hit.score for one in shown}
    if {id: round(score, 9) for id, score in apart} != {
        id: round(score, 9) for id, score in found.items()
    }:
        return "a score differs from that without the closed documents"
    return None


def _addresses(made: World, chance: Random, findings: Findings, number: int) -> None:
    while findings.probes["address"] < number:
        reader = chance.choice(made.readers)
        findings.probes["address"] += 1
        if not _alike(made, reader, chance):
            findings.leak("address", "what is closed answers otherwise than what is not there")


def _alike(made: World, reader: Reader, chance: Random) -> bool:
    """Whether a closed document and none at all are refused in the same words."""
    consulting, who = made.library.consulting, reader.principal
    paper = chance.choice([p for p in made.papers if not reader.may_read(p)])
    own = chance.choice([p for p in made.papers if p.findable and reader.may_read(p)])
    nothing = f"{chance.getrandbits(128):032x}"
    tries: tuple[Callable[[str, str], object], ...] = (
        lambda d, v: consulting.open(who, d),
        lambda d, v: consulting.open(who, d, v),
        lambda d, v: consulting.open(who, own.id, v),
        lambda d, v: consulting.page(who, d, v, 1),
        lambda d, v: consulting.judge(who, d, v, (0, 1), "wrong", "x"),
        lambda d, v: made.library.keeping.review(who, d, None),
    )
    ask, version = chance.choice(tries), chance.choice(paper.versions)
    closed = _refused(lambda: ask(paper.id, version))
    return closed == _refused(lambda: ask(nothing, nothing)) != "answered"


def _refused(ask: Callable[[], object]) -> str:
    """How it was refused; "answered" where it was not."""
    try:
        ask()
    except CountersignError as problem:
        return f"{problem.code} {problem.sentence()}"
    return "answered"


def _curators(made: World, chance: Random, findings: Findings, number: int) -> None:
    keeping, floor = made.library.keeping, made.building.floor
    knowledge = Knowledge(made.library, floor.signoff, floor.chart, floor.clock)
    while findings.probes["curator"] < number:
        reader = chance.choice(made.curators)
        who = reader.principal
        foreign = [p for p in made.papers if not reader.keeps(p)]
        findings.probes["curator"] += 1
        kind = chance.randrange(40)
        if kind == 0:
            seen = {one.id for one in keeping.documents(who)}
            seen |= {one.document for one in made.library.consulting.feedback(who)}
            seen |= {
                one.id
                for pair in knowledge.contradictions(who)
                for one in (pair.first, pair.second)
            }
            if seen & {one.id for one in foreign}:
                findings.leak("curator", "a list names another's document")
        elif why := _kept(made, who, chance.choice(foreign), chance):
            findings.leak("curator", why)


def _kept(made: World, who: object, paper: Paper, chance: Random) -> str | None:
    keeping = made.library.keeping
    version = chance.choice(paper.versions)
    principal = next(c.principal for c in made.curators if c.principal is who)
    nothing = f"{chance.getrandbits(128):032x}"
    tries: tuple[Callable[[str, str], object], ...] = (
        lambda d, v: keeping.one(principal, d),
        lambda d, v: keeping.text(principal, v),
        lambda d, v: keeping.publish(principal, d, 2, v),
        lambda d, v: keeping.withdraw(principal, d, "this is none of mine"),
        lambda d, v: keeping.add_version(principal, d, "x.md", [b"x"]),
    )
    lists: tuple[Callable[[str, str], object], ...] = (
        lambda d, v: keeping.versions(principal, d),
        lambda d, v: keeping.history(principal, d),
    )
    ask = chance.choice((*tries, *lists))
    if ask in lists:
        return "versions or history of another's document" if ask(paper.id, version) else None
    closed, absent = (
        _refused(lambda: ask(paper.id, version)),
        _refused(lambda: ask(nothing, nothing)),
    )
    return None if closed == absent != "answered" else "another's document answers"


def _rows(made: World, chance: Random, findings: Findings, number: int) -> None:
    """Below every program: what a connection of this reader can select."""
    pool = made.building.database.pool(DbRole.LIBRARY)
    columns = {"piece": "version", "text": "version", "version": "id", "shown": "version"}
    while findings.probes["rows"] < number:
        reader = chance.choice([*made.readers, *made.curators])
        scope = made.library.consulting.scope(reader.principal)
        own = pool.within(replace(scope))
        for _ in range(TOGETHER):
            table = chance.choice(TABLES)
            hidden = [p for p in made.papers if not (reader.may_read(p) or reader.keeps(p))]
            paper = chance.choice(hidden)
            column = columns.get(table, "document")
            wanted = list(paper.versions) if column in ("version", "id") else [paper.id]
            query = sql.SQL("select 1 from library.{} where {} = any(%s) limit 1").format(
                sql.Identifier(table), sql.Identifier(column)
            )
            findings.probes["rows"] += 1
            if own.rows(query, (wanted,)):
                findings.leak("rows", f"library.{table} shows another's row")
