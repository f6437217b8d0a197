"""Keeps what the control charts alarm of, so that the worklist tells it without drawing them."""

from __future__ import annotations

from datetime import timedelta

from countersign.ground.slides import TOLD, ControlAlarm, Slides
from countersign.rooms.pathology.domain.control import Alarm, charts
from countersign.rooms.pathology.domain.control_rules import Severity


def alarm(slides: Slides) -> int:
    """Judges the newest days by all charts and keeps the alarms; returns how many charts have one.
    Warnings are for the page of the charts alone."""
    days = slides.charting.days()
    last = max((one.day for one in days), default=None)
    found: list[ControlAlarm] = []
    if last is not None:
        within = (last - timedelta(days=TOLD - 1), last)
        made = charts(days, None, within, slides.changing.all())
        found = [_kept(severe) for severe in map(_severe, (one.alarms for one in made)) if severe]
    slides.changing.alarmed(found)
    return len(found)


def _severe(alarms: tuple[Alarm, ...]) -> list[Alarm]:
    """Those of the newest day that has any."""
    severe = [one for one in alarms if one.severity is Severity.ALARM]
    newest = max((one.day for one in severe), default=None)
    return [one for one in severe if one.day == newest]


def _kept(severe: list[Alarm]) -> ControlAlarm:
    one, rules = severe[0], tuple(each.rule.value for each in severe)
    return ControlAlarm(one.scanner, one.stain, one.measure.value, one.day, rules, one.value)
