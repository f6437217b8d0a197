"""The rules on 150 charts of the Synthea generator: what is found, and that nothing breaks."""

from __future__ import annotations

import tarfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from countersign.kit import json
from countersign.kit.json import JSON
from countersign.rooms.workstation.domain import CARD, Urgency, review

pytestmark = pytest.mark.shared
END = date(2021, 3, 1)
"""When most of these charts end."""


@pytest.fixture(scope="module")
def charts(shared: Path) -> list[list[JSON]]:
    return list(_charts(shared / "clinical" / "synthea_r4.tar.gz"))


def _charts(archive: Path) -> Iterator[list[JSON]]:
    with tarfile.open(archive) as bundles:
        for member in sorted(bundles.getnames()):
            handle = bundles.extractfile(member)
            if handle is not None:
                bundle = json.decode(handle.read())
                yield [entry["resource"] for entry in bundle["entry"]]


def _is_dead(chart: list[JSON]) -> bool:
    return any("deceasedDateTime" in item for item in chart if item["resourceType"] == "Patient")


def test_the_card_says_what_was_found(charts: list[list[JSON]]) -> None:
    living = [chart for chart in charts if not _is_dead(chart)]
    findings = [review(chart, END) for chart in living]
    counted = Counter(finding.kind for found in findings for finding in found)
    told = {item.measure.en: item.value for item in CARD.measured}
    assert told["findings in 103 living charts, all kinds"] == str(sum(counted.values()))
    assert told["most findings in one chart"] == str(max(map(len, findings)))
    assert told["living charts without a finding"] == str(sum(not found for found in findings))
    by_kind = "; ".join(f"{kind} {count}" for kind, count in sorted(counted.items()))
    assert told["findings by kind"] == by_kind
    assert len(living) == 103


def test_nothing_is_proposed_for_the_dead(charts: list[list[JSON]]) -> None:
    dead = [chart for chart in charts if _is_dead(chart)]
    assert len(dead) == 47
    assert not any(review(chart, END) for chart in dead)


def test_years_later_nothing_alarms(charts: list[list[JSON]]) -> None:
    for chart in charts:
        for finding in review(chart, date(2026, 11, 22)):
            assert finding.urgency in (Urgency.ROUTINE, Urgency.SOON)
