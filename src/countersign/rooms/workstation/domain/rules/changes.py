"""Delta checks: changes between results that matter whatever the absolute values are.

Sodium: a rise of more than 10 mmol/L in 24 hours or 18 in 48 from hyponatraemia, and a documented
fall to below 130 within 48 hours, which makes it acute (Spasovski G et al. Eur J Endocrinol
2014;170:G1-G47, 25 February 2014). Haemoglobin: a fall of 20 g/L (ISTH major bleeding, Schulman
S, Kearon C. J Thromb Haemost 2005;3:692-694, April 2005). Platelets: a fall of more than half
(4Ts score, Lo GK et al. J Thromb Haemost 2006;4:759-765, April 2006). Creatinine has a rule of
its own. For potassium no published limit is certain; a hospital may set one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from countersign.kit.words import Words
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.measures import Measure
from countersign.rooms.workstation.domain.prose import amount
from countersign.rooms.workstation.domain.sources import ISTH_2005, LO_2006, SPASOVSKI_2014, Source
from countersign.rooms.workstation.domain.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class Change:
    """Two results of one analyte and what their difference means."""

    earlier: Measure
    newest: Measure
    meaning: Words
    source: Source | None

    @property
    def words(self) -> Words:
        """Both values, both times and the meaning."""
        name, then, now = self.newest.analyte.name, self.earlier, self.newest
        return Words(
            f"{name.en} {amount(then)} ({then.when.minute}) → {amount(now)} ({now.when.minute}): "
            f"{self.meaning.en}",
            f"{name.zh} {amount(then)}（{then.when.minute}）→{amount(now)}（{now.when.minute}）："
            f"{self.meaning.zh}",
        )


def changes(facts: Facts, thresholds: Thresholds) -> tuple[Change, ...]:
    """The changes up to each newest result, if that result is recent; adults only."""
    if facts.is_minor:
        return ()
    found = (
        _sodium(_recent(facts, "sodium", thresholds)),
        _haemoglobin(_recent(facts, "haemoglobin", thresholds)),
        _platelets(_recent(facts, "platelets", thresholds)),
        _potassium(_recent(facts, "potassium", thresholds), thresholds),
    )
    return tuple(change for change in found if change is not None)


def _recent(facts: Facts, key: str, thresholds: Thresholds) -> list[Measure]:
    points = [item for item in facts.of(key) if item.is_point]
    if not points or facts.days(points[-1].when) > thresholds.critical_days:
        return []
    newest = points[-1]
    return [item for item in points if item.when.at < newest.when.at] + [newest]


def _within(points: list[Measure], hours: int) -> list[Measure]:
    """The earlier results no further back from the newest than that."""
    newest = points[-1]
    return [p for p in points[:-1] if newest.when.at - p.when.at <= timedelta(hours=hours)]


def _sodium(points: list[Measure]) -> Change | None:
    if len(points) < 2:
        return None
    newest = points[-1]
    for hours, limit in ((24, 10), (48, 18)):
        low = min(_within(points, hours), key=lambda p: p.exact, default=None)
        if low and low.exact < 135 and newest.exact - low.exact > limit:
            meaning = Words(
                f"risen by more than {limit} mmol/L within {hours} hours from hyponatraemia; "
                "over-rapid correction",
                f"低钠血症{hours}小时内上升超过{limit} mmol/L，纠正过快",
            )
            return Change(low, newest, meaning, SPASOVSKI_2014)
    high = max(_within(points, 48), key=lambda p: p.exact, default=None)
    if high and high.exact >= 135 and newest.exact < 130:
        meaning = Words(
            "fallen below 130 mmol/L within 48 hours; acute hyponatraemia",
            "48小时内降至130 mmol/L以下，属急性低钠血症",
        )
        return Change(high, newest, meaning, SPASOVSKI_2014)
    return None


def _haemoglobin(points: list[Measure]) -> Change | None:
    if len(points) < 2:
        return None
    high = max(_within(points, 7 * 24), key=lambda p: p.exact, default=None)
    if high is None or high.exact - points[-1].exact < 20:
        return None
    meaning = Words(
        "fallen by 20 g/L or more within 7 days; bleeding, haemolysis or dilution?",
        "7天内下降≥20 g/L，出血、溶血或稀释？",
    )
    return Change(high, points[-1], meaning, ISTH_2005)


def _platelets(points: list[Measure]) -> Change | None:
    if len(points) < 2:
        return None
    high = max(_within(points, 14 * 24), key=lambda p: p.exact, default=None)
    if high is None or points[-1].exact * 2 >= high.exact:
        return None
    meaning = Words(
        "fallen by more than half within 14 days; heparin, sepsis, consumption or clumping?",
        "14天内下降超过50%，肝素、脓毒症、消耗或聚集？",
    )
    return Change(high, points[-1], meaning, LO_2006)


def _potassium(points: list[Measure], thresholds: Thresholds) -> Change | None:
    limit = thresholds.potassium_change
    if limit is None or len(points) < 2:
        return None
    earlier = _within(points, 48)
    far = max(earlier, key=lambda p: abs(p.exact - points[-1].exact), default=None)
    if far is None or abs(far.exact - points[-1].exact) < limit:
        return None
    bound = Decimal(limit)
    meaning = Words(
        f"changed by {bound:f} mmol/L or more within 48 hours (the hospital's own limit)",
        f"48小时内变化≥{bound:f} mmol/L（本院界值）",
    )
    return Change(far, points[-1], meaning, None)
