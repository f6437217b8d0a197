"""What the rules must know of a patient; what is not known is None and is said to be missing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .drugs import Named


@dataclass(frozen=True, slots=True)
class Taken:
    """An active medicine or a recorded allergy as the chart writes it."""

    name: str
    drug: Named
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """An active problem: its words, and its codes of any system."""

    name: str
    codes: frozenset[str] = frozenset()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A number of the chart with where it stands and how it was come by."""

    number: float
    reference: str = ""
    day: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """Age in years, weight in kg, clearance in mL/min, QTc in ms, potassium in mmol/L.

    ``pregnant`` and ``lactating`` are None where nobody recorded it. ``inputs`` are the
    references of all that was read.
    """

    age: float | None = None
    sex: str | None = None
    weight: Value | None = None
    clearance: Value | None = None
    egfr: Value | None = None
    qtc: Value | None = None
    potassium: Value | None = None
    pregnant: bool | None = None
    lactating: bool | None = None
    liver: bool = False
    medicines: tuple[Taken, ...] = ()
    allergies: tuple[Taken, ...] = ()
    problems: tuple[Problem, ...] = ()
    inputs: tuple[str, ...] = field(default=(), compare=False)

    @property
    def could_bear(self) -> bool:
        """Whether pregnancy is a question: not for men, girls under 12 and women over 55."""
        return self.sex != "male" and (self.age is None or 12 <= self.age <= 55)

    def told(
        self,
        pregnant: bool | None = None,
        lactating: bool | None = None,
        weight: float | None = None,
    ) -> Patient:
        """The same patient with what the physician says now, which goes before the chart."""
        said = Value(weight, by="told") if weight is not None else self.weight
        return replace(
            self,
            pregnant=self.pregnant if pregnant is None else pregnant,
            lactating=self.lactating if lactating is None else lactating,
            weight=said,
        )
