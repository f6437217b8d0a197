"""Control charts as a table for other programs: a line for each day of each chart."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Final

from countersign.kit.words import Words
from countersign.rooms.pathology.domain.control import Chart, ChartOfDay, Phase

from .control_drawing import Control
from .reporting_control import NAMES, RULES
from .reporting_text import stain_words

COLUMNS: Final = (
    Words("Scanner", "扫描仪"),
    Words("Stain", "染色"),
    Words("Measure", "指标"),
    Words("Day", "日期"),
    Words("Slides", "切片"),
    Words("Median", "中位数"),
    Words("10 of 100 slides", "第 10 百分位"),
    Words("90 of 100 slides", "第 90 百分位"),
    Words("Counts", "计入"),
    Words("Moving average", "移动平均"),
    Words("Moving average, lower limit", "移动平均下限"),
    Words("Moving average, upper limit", "移动平均上限"),
    Words("Middle", "中线"),
    Words("Lower limit", "下限"),
    Words("Upper limit", "上限"),
    Words("Limits from", "界限起算日"),
    Words("What was broken", "触发的规则"),
)
BASELINE, JUDGED, FEW = (
    Words("baseline", "基线"),
    Words("yes", "是"),
    Words("no: fewer than five slides", "否：少于 5 张切片"),
)


def as_csv(control: Control, say: Callable[[Words], str]) -> str:
    """The charts that are shown, with a line of names first; what is not known stays empty."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow([say(one) for one in COLUMNS])
    for chart in control.charts:
        broken: dict[date, list[str]] = {}
        for alarm in chart.alarms:
            broken.setdefault(alarm.day, []).append(say(RULES[alarm.rule]))
        for phase in chart.phases:
            for day in phase.days:
                sheet.writerow(_row(chart, phase, day, "; ".join(broken.get(day.day, ())), say))
    return out.getvalue()


def _row(
    chart: Chart, phase: Phase, day: ChartOfDay, broken: str, say: Callable[[Words], str]
) -> list[str]:
    counts = FEW if not day.judged else BASELINE if day.baseline else JUDGED
    numbers = (day.value, day.low, day.high)
    limits = (day.average, day.average_low, day.average_high)
    lines = (phase.limit(0), phase.limit(-3), phase.limit(3))
    return [
        _cell(chart.scanner),
        say(stain_words(chart.stain)),
        say(NAMES[chart.measure]),
        day.day.isoformat(),
        str(day.slides),
        *map(_number, numbers),
        say(counts),
        *map(_number, (*limits, *lines)),
        phase.begin.isoformat() if phase.begin else "",
        broken,
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _cell(text: str) -> str:
    """What a file says of its scanner: a cell that no office program takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
