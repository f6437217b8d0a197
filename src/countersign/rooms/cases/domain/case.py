"""What a case is: a course of illness that names nobody."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final, Literal, cast

from countersign.kit.json import JSON
from countersign.kit.words import Words

Kind = Literal["problem", "result", "medicine", "procedure"]
Outcome = Literal["died", "transferred", "left", "home"]

OUTCOMES: Final[dict[Outcome, Words]] = {
    "home": Words("Went home", "回家"),
    "transferred": Words("Moved to another institution", "转往其他机构"),
    "left": Words("Left against advice", "自动离院"),
    "died": Words("Died", "死亡"),
}
OLDEST = 90
"""Ages from here on are one group: 45 CFR 164.514(b)(2)(i)(C), as of 2026."""
BAND = 5
"""Years of a group of ages: our own starting point, coarser than the rule asks."""


@dataclass(frozen=True, slots=True)
class Item:
    """A coded problem, an abnormal result, a medicine or a procedure.

    ``state`` of a result is ``H``, ``L`` or ``A`` (high, low, abnormal), of a problem
    ``active`` or ``resolved``. ``worst`` and ``last`` are values of a result in ``unit``,
    rounded to three digits.
    """

    kind: Kind
    system: str
    code: str
    words: Words
    state: str = ""
    worst: float | None = None
    last: float | None = None
    unit: str = ""
    normal_again: bool = False

    @property
    def key(self) -> str:
        """What two cases share when they share this item."""
        side = self.state if self.kind == "result" else ""
        return f"{self.kind}|{self.system}|{self.code}|{side}"


@dataclass(frozen=True, slots=True)
class Case:
    """One course of illness. ``age`` is the lowest age of its group, None where unknown.

    ``stays`` are admissions, ``longest`` the days of the longest. ``items`` are sorted by
    kind and code and name each key once.
    """

    age: int | None
    sex: str
    departments: tuple[str, ...]
    items: tuple[Item, ...]
    stays: int
    longest: int | None
    outcome: Outcome

    @property
    def principal(self) -> str:
        """The key of the first problem: what groups cases when small groups are counted."""
        return next((one.key for one in self.items if one.kind == "problem"), "")

    def of(self, kind: Kind) -> tuple[Item, ...]:
        """The items of one kind."""
        return tuple(one for one in self.items if one.kind == kind)


def age_group(years: int) -> int:
    """The lowest age of the group: 67 is 65, 93 is 90."""
    return OLDEST if years >= OLDEST else max(0, years) // BAND * BAND


def as_json(case: Case) -> JSON:
    """The case as it is sealed."""
    return asdict(case)


def from_json(said: JSON) -> Case:
    """The case of ``as_json``. Raises KeyError, TypeError where it is none."""
    items = tuple(_item(one) for one in said["items"])
    return Case(
        said["age"],
        said["sex"],
        tuple(said["departments"]),
        items,
        said["stays"],
        said["longest"],
        cast("Outcome", said["outcome"]),
    )


def _item(said: JSON) -> Item:
    return Item(
        kind=said["kind"],
        system=said["system"],
        code=said["code"],
        words=Words(**said["words"]),
        state=said["state"],
        worst=None if said["worst"] is None else float(said["worst"]),
        last=None if said["last"] is None else float(said["last"]),
        unit=said["unit"],
        normal_again=said["normal_again"],
    )
