"""The audit in the formats of others: valid, whole, and nothing clinical in it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from building import SECRET, Building
from countersign.ground.db import Database
from countersign.ground.ledger import AuditExport, Event, EventKind, EventQuery, Format, Recorded
from countersign.ground.ledger.auditevent import PROFILE, audit_event
from countersign.ground.ledger.syslog import framed, line
from ground.ledger.known import START

HEAD = re.compile(
    r"<(8[45])>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\S+) countersign - (\S+) \["
)
PARAMETER = re.compile(r' ([\x21-\x7e]+?)="((?:[^"\\\]]|\\["\\\]])*)"')


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("home"))
    made.released()
    reader = made.floor.chart.reader(made.who("wang"))
    reader.patients()
    reader.search("Observation", {"patient": "p1"})
    reader.read("Observation", "o1")
    yield made
    made.close()


def exported(building: Building, form: Format, **asked: Any) -> bytes:
    out = io.BytesIO()
    export = AuditExport(building.ledger, "ward.example")
    count = export.write("system:operator", form, asked.get("since"), asked.get("until"), out)
    assert (count > 0) == bool(out.getvalue())
    return out.getvalue()


def test_every_event_is_a_valid_audit_event(building: Building) -> None:
    raw = exported(building, "fhir")
    found = [json.loads(one) for one in raw.splitlines()]
    kinds = {one["subtype"][-1]["code"]: one for one in found}
    assert {"chart-viewed", "chart-searched", "released", "draft-signed", "sign-in"} <= set(kinds)
    for one in found:
        AuditEvent.model_validate(one)
    assert SECRET not in raw.decode() and "Wang" not in raw.decode()
    viewed = kinds["chart-viewed"]
    assert viewed["meta"]["profile"] == [PROFILE + "PatientRead"]
    assert [agent["type"]["coding"][0]["code"] for agent in viewed["agent"]] == [
        "110153", "110152", "IRCP",
    ]  # fmt: skip
    roles = {entity["role"]["code"]: entity for entity in viewed["entity"]}
    assert roles["1"]["what"] == {"reference": "Patient/p1"}
    assert roles["4"]["what"]["reference"].startswith("Observation/o1/_history/")
    searched = kinds["chart-searched"]
    assert searched["meta"]["profile"] == [PROFILE + "PatientQuery"]
    assert any("query" in entity for entity in searched["entity"])


def test_the_export_is_recorded_before_it_leaves(building: Building) -> None:
    exported(building, "syslog")
    event = building.ledger.events(EventQuery(kinds=("exported",), limit=1)).events[0]
    assert (event.actor, event.detail["format"]) == ("system:operator", "syslog")


def test_the_time_limits_what_leaves(building: Building) -> None:
    newest = building.ledger.events(EventQuery(limit=1)).events[0].at
    assert exported(building, "fhir", until=START - timedelta(days=999)) == b""
    assert exported(building, "syslog", since=newest)


def test_frames_can_be_taken_apart(building: Building) -> None:
    raw, count = exported(building, "syslog-tcp"), 0
    while raw:
        length, _, rest = raw.partition(b" ")
        assert HEAD.match(rest[: int(length)].decode())
        raw, count = rest[int(length) :], count + 1
    assert count > 10


NAME = st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", fullmatch=True)
TEXT = st.text(min_size=1, max_size=60).filter(str.isprintable)


@settings(deadline=None, max_examples=200)
@given(subject=TEXT, patient=TEXT, detail=TEXT, name=NAME)
def test_whatever_an_event_holds_each_form_stays_well_formed(
    subject: str, patient: str, detail: str, name: str
) -> None:
    event = Event(
        EventKind.CHART_VIEWED, "person:1", patient, subject, detail={name: detail, "n": 3}
    )
    body = event.body(START, bytes(16))
    recorded = Recorded(
        7, START, "chart-viewed", "person:1", patient, subject, None, {}, event.detail, body
    )
    told = line(recorded, "ab" * 32, "h/ledger", "ward")
    head = HEAD.match(told)
    assert head is not None and told.endswith("]") and "\n" not in told
    data = told[head.end() : -1].partition("countersign@32473")[2]
    found = PARAMETER.findall(data)
    assert "".join(f' {one}="{value}"' for one, value in found) == data
    values = {one: re.sub(r"\\(.)", r"\1", value) for one, value in found}
    assert (values["patient"], values["subject"]) == (patient, subject)
    assert framed(told).startswith(str(len(told.encode())).encode())
    said = audit_event(recorded, "ab" * 32, "h/ledger", "ward")
    assert said["entity"][-1]["detail"][-1] == {"type": "leaf", "valueString": "ab" * 32}


def test_an_event_of_a_newer_version_is_still_told() -> None:
    event = Recorded(7, START, "moon-landed", "person:1", None, None, "m@1", {}, {}, b"{}")
    AuditEvent.model_validate(audit_event(event, "ab" * 32, "h/ledger", "ward"))
    assert " moon-landed [" in line(event, "ab" * 32, "h/ledger", "ward")
