"""Panels of results as DiagnosticReports, with the order and the specimen where they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from countersign.app.demonstration.coding import LOINC, SNOMED, concept, english, hl7, instant, said
from countersign.app.demonstration.record import pointer
from countersign.app.demonstration.story import Contact, Finding, Story
from countersign.app.demonstration.tables.panels import PANELS, Panel
from countersign.kit.json import JSON
from countersign.kit.words import Words

from .results import measure

_LABORATORY = {"reference": "Organization/department-laboratory", "display": "检验科"}
_ARROWS = {"LL": "↓↓", "L": "↓", "H": "↑", "HH": "↑↑"}
_WORTH_A_REPORT = 3
_LATEST = timedelta(minutes=12)


def run(
    story: Story,
    contact: Contact,
    when: datetime,
    *panels: str,
    ordered: bool = False,
    minutes: float = 95,
) -> None:
    """Samples taken at ``when`` and reported ``minutes`` later, never after the story's end.

    With ``ordered`` the ServiceRequest and the Specimen are written too.
    """
    issued = min(when + timedelta(minutes=minutes), max(story.present - _LATEST, when))
    for key in _distinct(panels):
        _report(story, contact, PANELS[key], when, issued, ordered)


def _distinct(panels: Sequence[str]) -> list[str]:
    """Leaves out a panel that a larger one of the same sample contains."""
    sets = {key: set(PANELS[key].analytes) for key in panels}
    return [key for key in sets if not any(sets[key] < other for other in sets.values())]


def single(story: Story, contact: Contact, when: datetime, *keys: str, minutes: float = 20) -> None:
    """Function tests without a report, such as spirometry."""
    department = contact.department
    performer = {"reference": department.organization, "display": department.name.zh}
    for key in keys:
        measure(story, contact, key, when, when + timedelta(minutes=minutes), performer)


def _report(
    story: Story, contact: Contact, panel: Panel, when: datetime, issued: datetime, ordered: bool
) -> None:
    before = len(contact.findings)
    sensitivity = "HIV" if panel.key == "hiv" else None
    results = [
        measure(story, contact, key, when, issued, _LABORATORY, sensitivity)
        for key in panel.analytes
    ]
    found = contact.findings[before:]
    if len(results) < _WORTH_A_REPORT and not ordered and sensitivity is None:
        return
    conclusion = conclude(found)
    table, code, display = "v2-0074", *panel.discipline
    body: JSON = {
        "status": "final",
        "category": [hl7(table, code, display)],
        "code": _code(panel),
        "subject": story.record.patient,
        "encounter": pointer(contact.resource),
        "effectiveDateTime": instant(when),
        "issued": instant(issued),
        "performer": [_LABORATORY],
        "result": [pointer(result) for result in results],
        "conclusion": conclusion.zh,
        "_conclusion": english(conclusion.en),
    }
    if ordered:
        request, specimen = _order(story, contact, panel, when)
        body["basedOn"] = [pointer(request)]
        body["specimen"] = [pointer(specimen)]
        for result in results:
            result["specimen"] = pointer(specimen)
    story.record.add("DiagnosticReport", body, sensitivity)


def conclude(found: list[Finding]) -> Words:
    """What is outside its range, or that nothing is."""
    outside = [one for one in found if one.flag in _ARROWS]
    if not outside:
        return Words("All results are within their reference ranges.", "各项结果均在参考区间内。")
    zh = "；".join(f"{one.analyte.name.zh} {shown(one)}" for one in outside)
    en = "; ".join(f"{one.analyte.name.en.split(' [')[0]} {shown(one)}" for one in outside)
    critical = any(one.flag in ("LL", "HH") for one in outside)
    if critical:
        return Words(f"Critical value, telephoned. {en}.", f"危急值，已电话通知临床。{zh}。")
    return Words(f"{en}.", f"{zh}。")


def shown(finding: Finding) -> str:
    """Such as ``6.40 mmol/L ↑↑``."""
    unit = f" {finding.analyte.unit}" if finding.analyte.unit else ""
    arrow = _ARROWS.get(finding.flag)
    return f"{finding.value}{unit}" + (f" {arrow}" if arrow else "")


def _code(panel: Panel) -> JSON:
    if panel.loinc is None:
        return said(panel.name)
    return concept(LOINC, panel.loinc, panel.name)


def _order(story: Story, contact: Contact, panel: Panel, when: datetime) -> tuple[JSON, JSON]:
    physician = contact.physician
    asked = max(when - timedelta(minutes=25), contact.start)
    request = story.record.add(
        "ServiceRequest",
        {
            "status": "completed",
            "intent": "order",
            "category": [concept(SNOMED, "108252007", Words("Laboratory procedure", "检验"))],
            "priority": "urgent",
            "code": _code(panel),
            "subject": story.record.patient,
            "encounter": pointer(contact.resource),
            "authoredOn": instant(asked),
            "requester": {
                "reference": f"Practitioner/{physician.id}",
                "display": physician.display.zh,
            },
            "performer": [_LABORATORY],
        },
    )
    specimen = story.record.add(
        "Specimen",
        {
            "status": "available",
            "type": said(panel.specimen),
            "subject": story.record.patient,
            "receivedTime": instant(when + timedelta(minutes=10)),
            "request": [pointer(request)],
            "collection": {"collectedDateTime": instant(when)},
        },
    )
    return request, specimen
