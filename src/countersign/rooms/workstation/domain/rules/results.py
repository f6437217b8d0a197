"""The review of results: one draft that lists what is abnormal, most important first.

A value is judged by its laboratory's own flag or interval; where neither came with it, by the
Chinese adult intervals WS/T 404 (2012-2018) and WS/T 405-2012, with a margin, because those are
not that laboratory's own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import limits
from countersign.rooms.workstation.domain.drafting import Argument, propose, shown
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.finding import Evidence, Finding, Risk, Urgency
from countersign.rooms.workstation.domain.measures import Measure
from countersign.rooms.workstation.domain.prose import lines, plain, quantity, result, value
from countersign.rooms.workstation.domain.ranges import default_interval
from countersign.rooms.workstation.domain.sources import OWN_RECORD, Source
from countersign.rooms.workstation.domain.thresholds import Thresholds

from .changes import Change, changes
from .critical import against, breach_of, is_current

Basis = Literal["flag", "range", "default"]
_URGENCY = {0: Urgency.CRITICAL, 1: Urgency.URGENT, 2: Urgency.SOON}
# An old value is listed against usual intervals only when it lay this far out: the house's choice.
_FAR = Decimal("0.25")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a value stands to the normal: which side, how far out, and who says so."""

    side: Literal["high", "low", "abnormal"]
    distance: Decimal
    basis: Basis
    bound: Decimal | None
    source: Source | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the review.

    ``order`` is 0 for a critical value, 1 for a change, 2 for a critical value of the past, 3 for
    an abnormal one and 4 for an old abnormal one; ``weight`` orders lines of one class, the
    largest first.
    """

    order: int
    weight: Decimal
    words: Words
    measures: tuple[Measure, ...]
    source: Source | None
    standing: Standing | None = None

    @property
    def newest(self) -> Measure:
        """The result that the line is about."""
        return self.measures[-1]


def standing_of(facts: Facts, measure: Measure) -> Standing | None:
    """None for a normal value, and where nothing says what is normal."""
    own = measure.range
    if measure.flag == "N":
        return None
    if own is not None and (outside := _outside(measure, own.low, own.high, Decimal(0))):
        side, distance, bound = outside
        return Standing(side, distance, "range", bound, None)
    if measure.flag:
        high, low = measure.flag in ("H", "HH"), measure.flag in ("L", "LL")
        return Standing(
            "high" if high else "low" if low else "abnormal", Decimal(0), "flag", None, None
        )
    if own is not None:
        return None
    age = facts.person.age(measure.when.at.date())
    usual = default_interval(measure.analyte.key, facts.person.sex, age)
    if usual is None:
        return None
    outside = _outside(measure, usual.low, usual.high, usual.margin)
    return (
        Standing(outside[0], outside[1], "default", outside[2], usual.source) if outside else None
    )


def _outside(
    measure: Measure, low: Decimal | None, high: Decimal | None, margin: Decimal
) -> tuple[Literal["high", "low"], Decimal, Decimal] | None:
    """Side, relative distance from the limit, and the limit."""
    if high is not None and measure.value > high + margin and measure.may_exceed:
        return "high", (measure.value - high) / max(abs(high), Decimal("0.1")), high
    if low is not None and measure.value < low - margin and measure.may_undercut:
        return "low", (low - measure.value) / max(abs(low), Decimal("0.1")), low
    return None


def results(
    facts: Facts, thresholds: Thresholds, covered: Collection[Evidence]
) -> tuple[Finding, ...]:
    """At most one finding.

    ``covered`` is what other findings already speak of: it is listed here, but the review is
    neither proposed nor made urgent for its sake.
    """
    found = _lines(facts, thresholds)
    own = [line for line in found if shown(line.newest)[0] not in covered]
    if not own:
        return ()
    return (_finding(facts, found, _URGENCY.get(own[0].order, Urgency.ROUTINE), thresholds),)


def _lines(facts: Facts, thresholds: Thresholds) -> list[Line]:
    moved = changes(facts, thresholds)
    found = [_change(change) for change in moved]
    told = {change.newest.analyte.key for change in moved}
    for key, measures in facts.measures.items():
        line = _line(facts, measures[-1], thresholds)
        if line and (line.order == 0 or key not in told):
            found.append(line)
    return sorted(found, key=lambda line: (line.order, -line.weight, line.words.en))


def _change(change: Change) -> Line:
    return Line(1, Decimal(0), change.words, (change.earlier, change.newest), change.source)


def _line(facts: Facts, newest: Measure, thresholds: Thresholds) -> Line | None:
    said = result(newest)
    breach = breach_of(facts, newest, thresholds)
    days = facts.days(newest.when)
    if breach is not None:
        why = against(newest, breach)
        if is_current(facts, newest, thresholds):
            words = Words(f"{said.en}: {why.en}", f"{said.zh}：{why.zh}")
            return Line(0, Decimal(0), words, (newest,), thresholds.critical_source)
        words = Words(
            f"{said.en}: {why.en}, {days} days ago and not repeated since",
            f"{said.zh}：{why.zh}，{days}天前，此后未复查",
        )
        return Line(2, Decimal(-days), words, (newest,), thresholds.critical_source)
    standing = standing_of(facts, newest)
    if standing is None:
        return None
    old = days > thresholds.stable_days
    if old and standing.basis == "default" and standing.distance < _FAR:
        return None
    order = 4 if old else 3
    words = _describe(said, standing, newest)
    return Line(order, standing.distance, words, (newest,), standing.source, standing)


def _describe(said: Words, standing: Standing, newest: Measure) -> Words:
    side = {
        "high": Words("high", "偏高"),
        "low": Words("low", "偏低"),
        "abnormal": Words("abnormal", "异常"),
    }[standing.side]
    if standing.bound is None:
        return Words(
            f"{said.en}: {side.en} (laboratory's flag)", f"{said.zh}：{side.zh}（检验科标记）"
        )
    bound = quantity(_tidy(standing.bound, newest), newest.analyte.shown)
    if standing.basis == "range":
        return Words(
            f"{said.en}: {side.en} (laboratory's limit {bound})",
            f"{said.zh}：{side.zh}（本实验室界值{bound}）",
        )
    return Words(
        f"{said.en}: {side.en} (usual limit {bound})", f"{said.zh}：{side.zh}（通用界值{bound}）"
    )


def _tidy(bound: Decimal, newest: Measure) -> Decimal:
    """A limit with no more decimals than its results have."""
    places = Decimal(1).scaleb(-newest.analyte.places)
    return Decimal(plain(bound.quantize(places))) if bound != bound.to_integral() else bound


def _finding(facts: Facts, found: list[Line], urgency: Urgency, thresholds: Thresholds) -> Finding:
    shown_lines, hidden = found[: thresholds.review_lines], found[thresholds.review_lines :]
    listed = [Words(f"• {line.words.en}", f"• {line.words.zh}") for line in shown_lines]
    if hidden:
        listed.append(
            Words(f"… and {len(hidden)} more abnormal results.", f"……另有{len(hidden)}项异常。")
        )
    only = value(found[0].newest)
    count = len(found)
    title = Words(
        f"Review of results: {count} abnormal" if count > 1 else f"Abnormal: {only.en}",
        f"检验结果回顾：{count}项异常" if count > 1 else f"异常结果：{only.zh}",
    )
    used = [measure for line in shown_lines for measure in line.measures]
    argument = Argument(
        rationale=_rationale(found),
        sources=_sources(found),
        evidence=shown(*used),
        limits=_limits(facts, found, thresholds),
        alternatives=(
            Words(
                "Known and stable abnormalities of this patient, or errors of the specimen.",
                "患者已知且稳定的异常，或标本误差。",
            ),
        ),
    )
    words = (title, lines(listed))
    return propose(facts, "results", (urgency, Risk.LOW), words, argument)


def _rationale(found: list[Line]) -> Words:
    by_default = any(line.standing and line.standing.basis == "default" for line in found)
    usual = Words(
        " Values without an interval of their own were held against usual adult intervals with a "
        "margin.",
        "未附参考区间的结果按通用成人区间并留余量判断。",
    )
    return Words(
        "The newest result of each kind was held against its laboratory's flag or interval and "
        f"against earlier results.{usual.en if by_default else ''}",
        f"各项目最近一次结果与实验室标记或参考区间及既往结果比较。{usual.zh if by_default else ''}",
    )


def _sources(found: list[Line]) -> tuple[Source, ...]:
    named = dict.fromkeys(line.source for line in found if line.source is not None)
    return tuple(named) or (OWN_RECORD,)


def _limits(facts: Facts, found: list[Line], thresholds: Thresholds) -> list[Words]:
    said: list[Words] = []
    old = [line for line in found if facts.days(line.newest.when) > thresholds.stable_days]
    if old:
        days = max(facts.days(line.newest.when) for line in old)
        said.append(
            Words(
                f"{len(old)} of these results {'are' if len(old) > 1 else 'is'} more than "
                f"{thresholds.stable_days} days old "
                f"(up to {days} days): consider repeating them before acting.",
                f"其中{len(old)}项结果已超过{thresholds.stable_days}天（最长{days}天）："
                "建议复查后再处置。",
            )
        )
    measures = [line.newest for line in found[: thresholds.review_lines]]
    said += limits.of_measures(facts, measures, 10**6)
    if any(item.range and item.range.unit_assumed for item in measures):
        said.append(
            Words(
                "A reference range came without a unit; the unit of its result was assumed.",
                "有参考区间未注明单位，按结果单位处理。",
            )
        )
    if any(line.standing and line.standing.basis == "default" for line in found):
        said.append(
            Words(
                "The usual intervals are not this laboratory's; fasting is unknown.",
                "通用区间并非本实验室区间；是否空腹未知。",
            )
        )
    return [*said, *limits.of_person(facts), limits.ONLY_THIS_CHART]
