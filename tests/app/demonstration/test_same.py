"""The demonstration is the same every time, and marked as invented everywhere."""

from __future__ import annotations

import ast
import random
import re
import sys
from datetime import datetime
from itertools import islice
from pathlib import Path

import countersign.app.demonstration as demonstration
from app.demonstration.charts import SEED, Chart, labels
from countersign.app.demonstration import hospital, house_bundle, patients
from countersign.kit.json import encode

PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
IDENTITY_CARD = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


def test_the_same_seed_and_moment_give_the_same_bytes(
    charts: list[Chart], moment: datetime
) -> None:
    random.seed(1)
    again = islice(patients(random.Random(SEED), moment), 80)
    for chart, bundle in zip(charts, again, strict=False):
        assert encode(bundle) == encode(chart.bundle), chart
    assert encode(house_bundle()) == encode(house_bundle())


def test_another_seed_gives_other_people_under_the_same_ids(
    charts: list[Chart], moment: datetime
) -> None:
    other = [Chart(one) for one in islice(patients(random.Random(SEED + 1), moment), 20)]
    same = charts[:20]
    assert [one.patient["id"] for one in other] == [one.patient["id"] for one in same]
    names = [one.patient["name"][0]["text"] for one in same]
    assert names != [one.patient["name"][0]["text"] for one in other]


def test_every_resource_says_that_it_is_invented(charts: list[Chart]) -> None:
    bundles = [house_bundle(), *(chart.bundle for chart in charts)]
    resources = [entry["resource"] for bundle in bundles for entry in bundle["entry"]]
    for resource in (*resources, *bundles):
        (tag,) = resource["meta"]["tag"]
        assert tag["system"] == "urn:countersign:tag", resource["resourceType"]
        assert (tag["code"], tag["display"]) == ("invented", "演示数据（虚构）")
        if resource["resourceType"] != "Bundle":
            assert "HTEST" in labels(resource)


def test_people_are_visibly_invented(charts: list[Chart]) -> None:
    names = [chart.patient["name"][0]["text"] for chart in charts]
    assert len(set(names)) == len(names) == 240
    for number, chart in enumerate(charts, start=1):
        patient = chart.patient
        official, pinyin = patient["name"]
        assert official["text"] == official["family"] + official["given"][0]
        assert official["given"][0].startswith("示")
        assert pinyin["text"].isascii() or "ü" in pinyin["text"]
        assert patient["identifier"][0]["system"] == "urn:countersign:mrn"
        assert patient["identifier"][0]["value"] == f"DEMO-{number:06d}"
        assert len(patient["identifier"]) == 1
        assert "telecom" not in patient
    staff = [one for one in hospital().people if one.practises]
    assert all("演" in one.display.zh for one in staff)


def test_nothing_looks_like_a_telephone_or_an_identity_card(charts: list[Chart]) -> None:
    for chart in charts:
        for text in (str(chart.patient), *(text for _, text in chart.notes())):
            assert not PHONE.search(text), chart
            assert not IDENTITY_CARD.search(text), chart


def test_notes_say_so_in_their_text(charts: list[Chart]) -> None:
    for chart in charts:
        mrn = chart.patient["identifier"][0]["value"]
        for resource, text in chart.notes():
            attachment = resource["content"][0]["attachment"]
            assert attachment["contentType"] == "text/plain; charset=UTF-8"
            assert attachment["size"] == len(text.encode())
            assert "演示数据" in text and "虚构" in text
            assert mrn in text


def test_the_generator_knows_only_the_standard_library_and_the_kit() -> None:
    folder = Path(demonstration.__file__).parent
    allowed = ("countersign.kit", "countersign.app.demonstration")
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for name in names:
                standard = name.split(".")[0] in sys.stdlib_module_names
                assert standard or name.startswith(allowed), f"{path.name}: {name}"
