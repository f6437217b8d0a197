"""Asks 100,000 times for what other departments hold, and looks for any trace of it."""

from __future__ import annotations

import http.client
import json
import math
import random
import re
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.chart_page import PASSWORD, _session
from benchmarks.installation import Installation, installation
from benchmarks.measured import Measured, Unmeasurable

PROBES = 100_000
CONNECTIONS = 8
PATIENTS = 120
DRAFTS = 20
MARGIN = 0.05
"""The largest advantage in telling two answers apart by their time that counts as none."""

JsonObject = dict[str, object]
LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}


@dataclass(frozen=True)
class World:
    """What is there and closed to who asks, by what kind of thing it is."""

    patients: list[str]
    resources: list[str]
    labelled: list[str]
    names: list[str]
    own: list[str]
    drafts: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Question:
    """Two addresses that must answer alike: of what is closed, and of what does not exist."""

    kind: str
    closed: str
    nothing: str
    headers: dict[str, str]
    words: tuple[str, str]
    """What the two were asked by, which an answer may repeat."""


@dataclass
class Findings:
    """``times`` holds, for each kind, the seconds of closed and of nonexistent things."""

    probes: int = 0
    leaks: list[str] = field(default_factory=list[str])
    times: dict[str, tuple[list[float], list[float]]] = field(
        default_factory=dict[str, tuple[list[float], list[float]]]
    )
    lock: threading.Lock = field(default_factory=threading.Lock)


def measure(_data: Path | None) -> Measured:
    """A whole house: one client and one physician of a department, and two departments."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        world = _charts(Path(folder))
        with installation(DEMONSTRATION="no") as house:
            headers = _furnish(house, Path(folder))
            world.drafts.extend(_drafts(house))
            findings = Findings()
            _totals(house.port, headers, world, findings)
            questions = _questions(world, headers)
            threads = [
                threading.Thread(target=_ask, args=(house.port, questions, findings, number))
                for number in range(CONNECTIONS)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    timing = {kind: advantage(*pair) for kind, pair in findings.times.items()}
    for kind, (gain, error) in timing.items():
        if abs(gain) - 3 * error > MARGIN:
            findings.leaks.append(f"{kind}: told apart by time, advantage {gain:.3f}")
    rows = [
        (kind, 2 * len(findings.times[kind][0]), _median(findings.times[kind][0]),
         _median(findings.times[kind][1]), *timing[kind])
        for kind in sorted(findings.times)
    ]  # fmt: skip
    return Measured(
        columns=("question", "probes", "closed, p50 ms", "nothing, p50 ms", "advantage", "± error"),
        rows=rows,
        figures={"probes": findings.probes, "leaks": len(findings.leaks)},
        notes=[
            "each question is asked twice, in random order: of what is there and closed (another"
            " department's, or labelled), and of what does not exist; status, headers and body"
            " must be the same but for the words of the question",
            "time: the advantage is 2·AUC - 1 of the Mann-Whitney statistic over all pairs of one"
            " kind, 0 when an observer can only guess; a leak is an advantage that exceeds"
            f" {MARGIN} by three standard errors",
            "searches and lists are counted besides: what is closed adds nothing to any total",
            *(f"LEAK {one}" for one in findings.leaks[:10]),
        ],
    )


def _charts(folder: Path) -> World:
    """Two folders of bundles; a tenth of the own department's results is labelled."""
    chance = random.Random(20261122)

    def name() -> str:
        return str(uuid.UUID(int=chance.getrandbits(128), version=4))

    world = World([], [], [], [], [])
    for department in ("own", "other"):
        (folder / department).mkdir()
        for number in range(PATIENTS):
            patient, results = name(), [name() for _ in range(10)]
            family = f"{department}{chance.randrange(10**9):09d}"
            resources: list[JsonObject] = [
                {"resourceType": "Patient", "id": patient, "name": [{"family": family}]}
            ]
            for place, one in enumerate(results):
                critical = department == "other" and place == 0
                result = _result(one, patient, 7.4 if critical else 4.1, 0 if critical else 1)
                if department == "own" and place == 0:
                    result["meta"] = {"security": [LABEL]}
                    world.labelled.append(one)
                resources.append(result)
            if department == "own":
                world.own.append(patient)
            else:
                world.patients.append(patient)
                world.resources.extend(results)
                world.names.append(family)
            bundle = {"resourceType": "Bundle", "type": "transaction",
                      "entry": [_entry(one) for one in resources]}  # fmt: skip
            (folder / department / f"{number}.json").write_text(json.dumps(bundle))
    return world


def _result(identifier: str, patient: str, potassium: float, days: int) -> JsonObject:
    return {
        "resourceType": "Observation",
        "id": identifier,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": str((datetime.now(UTC) - timedelta(days=days)).date()),
        "valueQuantity": {
            "value": potassium,
            "unit": "mmol/L",
            "system": "http://unitsofmeasure.org",
            "code": "mmol/L",
        },
    }


def _entry(resource: JsonObject) -> JsonObject:
    url = f"{resource['resourceType']}/{resource['id']}"
    return {"resource": resource, "request": {"method": "PUT", "url": url}}


def _furnish(house: Installation, folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The headers of a client and of a physician, both of the department ``own``."""
    for code in ("own", "other"):
        house.command("add", "department", code, "--en", code, "--zh", code)
        house.command("import", "fhir", str(folder / code), "--department", code)
    for person, code in (("reader", "own"), ("colleague", "other")):
        house.command(
            "add", "person", person, "--name", person, "--role", "physician",
            "--department", code, "--licence", "physician:2020-01-01:2099-12-31",
            "--password", PASSWORD,
        )  # fmt: skip
    token = house.command(
        "add", "client", "prober", "--scope", "system/*.read", "--department", "own"
    ).split()[-1]
    page = {"Cookie": _session(house), "Accept": "text/html", "Accept-Language": "en"}
    return {"Authorization": f"Bearer {token}"}, page


def _drafts(house: Installation) -> list[str]:
    """The drafts that wait for a physician of the other department."""
    until = time.monotonic() + 120
    headers = {"Cookie": _session(house, "colleague"), "Accept": "text/html"}
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=120)
        connection.request("GET", "/inbox", headers=headers)
        found = re.findall(
            r'href="/inbox/([0-9a-f-]{36})"', connection.getresponse().read().decode()
        )
        connection.close()
        if len(found) >= DRAFTS:
            return found
        if time.monotonic() > until:
            raise Unmeasurable("The worker proposed no drafts. Look at its log.")
        time.sleep(1)


def _questions(
    world: World, headers: tuple[dict[str, str], dict[str, str]]
) -> Callable[[random.Random], Question]:
    fhir, page = headers
    no_name = "other{:09d}"

    def choose(chance: random.Random) -> Question:
        nothing = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        kind, template, things, who = chance.choice(_FORMS)
        closed = chance.choice(getattr(world, things))
        if things == "names":
            nothing = no_name.format(chance.randrange(10**9))
        return Question(
            kind,
            template.format(closed),
            template.format(nothing),
            fhir if who == "fhir" else page,
            (closed, nothing),
        )

    return choose


_FORMS = (
    ("FHIR read of a patient", "/fhir/Patient/{}", "patients", "fhir"),
    ("FHIR read of a result", "/fhir/Observation/{}", "resources", "fhir"),
    ("FHIR read of a labelled result", "/fhir/Observation/{}", "labelled", "fhir"),
    ("FHIR version", "/fhir/Observation/{}/_history/1", "resources", "fhir"),
    ("FHIR history", "/fhir/Observation/{}/_history", "resources", "fhir"),
    ("FHIR history of a labelled result", "/fhir/Observation/{}/_history", "labelled", "fhir"),
    ("FHIR search by patient", "/fhir/Observation?patient={}&_count=1", "patients", "fhir"),
    ("FHIR search by id", "/fhir/Observation?_id={}", "resources", "fhir"),
    ("FHIR search of a labelled id", "/fhir/Observation?_id={}", "labelled", "fhir"),
    ("FHIR search by name", "/fhir/Patient?name={}", "names", "fhir"),
    ("page of a chart", "/charts/{}", "patients", "page"),
    ("page of results", "/charts/{}/results", "patients", "page"),
    ("page of a source", "/charts/x/source/Observation/{}/_history/1", "resources", "page"),
    ("page of a labelled source", "/charts/x/source/Observation/{}/_history/1", "labelled", "page"),
    ("page of consent", "/access/consent/{}", "patients", "page"),
    ("list of patients by name", "/charts?name={}", "names", "page"),
    ("page of a draft", "/inbox/{}", "drafts", "page"),
)


def _ask(
    port: int, questions: Callable[[random.Random], Question], findings: Findings, seed: int
) -> None:
    chance = random.Random(seed)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    while True:
        with findings.lock:
            if findings.probes >= PROBES:
                break
            findings.probes += 2
        question = questions(chance)
        answers: dict[str, tuple[tuple[object, ...], float]] = {}
        pair = [("closed", question.closed), ("nothing", question.nothing)]
        for which, address in chance.sample(pair, 2):
            answers[which] = _answer(connection, address, question)
        with findings.lock:
            closed, nothing = findings.times.setdefault(question.kind, ([], []))
            closed.append(answers["closed"][1])
            nothing.append(answers["nothing"][1])
            if answers["closed"][0] != answers["nothing"][0]:
                findings.leaks.append(f"{question.kind}: the two answers differ")
    connection.close()


def _answer(
    connection: http.client.HTTPConnection, address: str, question: Question
) -> tuple[tuple[object, ...], float]:
    """Status, headers and body without the words of the question; and the seconds it took."""
    begun = time.perf_counter()
    connection.request("GET", address, headers=question.headers)
    answer = connection.getresponse()
    body = answer.read().decode()
    seconds = time.perf_counter() - begun
    for word in question.words:
        body = body.replace(word, "…")
    kept = sorted((name.lower(), value) for name, value in answer.getheaders())
    shown = tuple(one for one in kept if one[0] not in ("date", "set-cookie"))
    return (answer.status, shown, body), seconds


def _totals(
    port: int, headers: tuple[dict[str, str], dict[str, str]], world: World, findings: Findings
) -> None:
    """What may be seen is counted exactly: nothing that is closed adds to it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    expected = {
        "/fhir/Patient?_count=0": PATIENTS,
        "/fhir/Observation?_count=0": PATIENTS * 9,
        "/fhir/Observation?_count=0&code=2823-3": PATIENTS * 9,
        **{f"/fhir/Observation?_count=0&patient={one}": 9 for one in world.own[:20]},
    }
    for address, total in expected.items():
        connection.request("GET", address, headers=headers[0])
        found = json.loads(connection.getresponse().read())["total"]
        findings.probes += 1
        if found != total:
            findings.leaks.append(f"{address} counts {found}, not {total}")
    connection.close()


def advantage(closed: list[float], nothing: list[float]) -> tuple[float, float]:
    """2·AUC - 1 and its standard error under the hypothesis that nothing differs.

    Mann, H. B., Whitney, D. R.: On a test of whether one of two random variables is
    stochastically larger than the other. Ann. Math. Statist. 18 (1947) 50-60.
    """
    ranked = sorted([(one, 1) for one in closed] + [(one, 0) for one in nothing])
    ranks = sum(place for place, (_, which) in enumerate(ranked, 1) if which)
    first, second = len(closed), len(nothing)
    u = ranks - first * (first + 1) / 2
    error = math.sqrt((first + second + 1) / (12 * first * second))
    return 2 * u / (first * second) - 1, 2 * error


def _median(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) // 2] * 1000
