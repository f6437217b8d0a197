"""Each figure that two methods answered raises the alarm by itself, and only where they differ."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.rooms.pathology.domain.he_figures import compared
from countersign.rooms.pathology.domain.measured import Findings
from countersign.rooms.pathology.domain.opinions import opinions

TILS: dict[str, Any] = {"til_percent": 30.0, "til_ours": 12.0}


def found(second: dict[str, Any], *limits: str, **figures: float) -> Findings:
    return Findings(figures, (), tuple({"code": one} for one in limits), second)


def apart(analysis: str, findings: Findings) -> list[str]:
    return [one.of.en for one in opinions(analysis, findings) if one.apart]


@pytest.mark.parametrize(("other", "alarm"), [(100, 0), (76, 0), (74, 1), (134, 1), (0, 1)])
def test_counts_of_nuclei_alarm_beyond_a_quarter(other: int, alarm: int) -> None:
    given = found({"nuclei": compared("blobs", 100, other, 6)})
    assert len(apart("he", given)) == alarm
    (one,) = opinions("he", given)
    assert (one.first, one.second) == ("100", str(other))


def test_each_figure_is_told_by_itself() -> None:
    nuclei = compared("blobs", 1200, 800, 6)
    both = found({**TILS, "nuclei": nuclei}, "methods-disagree")
    told = ["the stromal TIL figure where both looked", "how many nuclei lie in 6 places"]
    assert apart("he", both) == told
    assert apart("he", found({**TILS, "nuclei": nuclei})) == ["how many nuclei lie in 6 places"]
    assert "30.0 %" in opinions("he", both)[0].limit.en
    assert "共同测量处的间质 TIL 数值不一致：12.0 % 与 30.0 %" in opinions("he", both)[0].limit.zh
    index = found({"index": 0.6, "ours": 0.25, "disagrees": True})
    said = opinions("ki67", index)[0].limit
    assert "Ki-67 index of all nuclei, tumour or not, where both looked: 25.0 % and" in said.en
    assert "（含非肿瘤细胞核）的 Ki-67 指数不一致：25.0 % 与 60.0 %" in said.zh
    earlier = found({"index": 0.6, "disagrees": True}, index=0.25)
    assert apart("ki67", earlier) == ["the Ki-67 index"]


def test_where_there_is_no_second_answer_nobody_is_alarmed() -> None:
    assert opinions("he", found({})) == ()
    assert opinions("he", found({"til_percent": None, "til_ours": None})) == ()
    assert opinions("he", found({"nuclei": compared("blobs", 0, 0, 0)})) == ()
    assert opinions("ki67", found({"method": "hue", "nuclei": 0}, index=0.2)) == ()
