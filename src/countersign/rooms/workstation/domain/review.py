"""The review of one chart: every rule once, few findings, the most urgent first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime

from countersign.kit.json import JSON

from .facts import Facts, read_facts
from .finding import Finding, Risk, Urgency
from .rules.allergy import allergy
from .rules.critical import critical
from .rules.digoxin import digoxin
from .rules.glycaemia import glycaemia
from .rules.hypoglycaemia import hypoglycaemia
from .rules.injury import injury
from .rules.metformin import metformin
from .rules.nsaid import nsaid
from .rules.potassium import potassium
from .rules.pressure import pressure
from .rules.results import results
from .rules.staging import staging
from .rules.statin import statin
from .rules.warfarin import warfarin
from .thresholds import DEFAULT, Thresholds

Rule = Callable[[Facts, Thresholds], tuple[Finding, ...]]

RULES: tuple[Rule, ...] = (
    injury,
    potassium,
    hypoglycaemia,
    digoxin,
    warfarin,
    metformin,
    nsaid,
    statin,
    allergy,
    staging,
    glycaemia,
    pressure,
)
_RISKS = list(Risk)


def review(
    chart: Iterable[JSON], now: date | datetime, thresholds: Thresholds = DEFAULT
) -> tuple[Finding, ...]:
    """Findings of one patient's FHIR R4 resources, the most urgent first.

    The result depends on nothing but its arguments and not on the order of ``chart``. Empty when
    the chart has no Patient, several, or one who is deceased or whose record is closed; resources
    of another subject, and what a model asserted, are not read. Malformed resources are passed
    over and never raise.
    """
    facts = read_facts(chart, now)
    if facts is None:
        return ()
    found = [finding for rule in RULES for finding in rule(facts, thresholds)]
    alarms = [item for item in found if item.urgency is Urgency.CRITICAL]
    found += critical(facts, thresholds, {said for item in alarms for said in item.evidence})
    found += results(facts, thresholds, {said for item in found for said in item.evidence})
    return tuple(sorted(found, key=_order))


def _order(finding: Finding) -> tuple[int, int, str, str]:
    return finding.urgency.rank, -_RISKS.index(finding.risk), finding.kind, finding.key
