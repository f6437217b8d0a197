"""Finished consultations as answers: what the patient said unasked, and what came out on asking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt


class Answer(IntEnum):
    """What is known of one finding; ``UNSAID`` means that nobody spoke of it."""

    UNSAID = 0
    YES = 1
    NO = 2
    UNSURE = 3


@dataclass(frozen=True, slots=True)
class Case:
    """``told`` is what the patient reported unasked, ``asked`` what the questions brought out.

    The two are kept apart because they mean different things: which findings are spoken of at all
    already depends on the diagnosis.
    """

    told: Mapping[str, Answer]
    asked: Mapping[str, Answer]
    diagnosis: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The findings that enough cases speak of, in a fixed order, and the diagnoses."""

    told: tuple[str, ...]
    asked: tuple[str, ...]
    diagnoses: tuple[str, ...]

    @classmethod
    def of(cls, cases: Sequence[Case], least_told: int, least_asked: int) -> Vocabulary:
        """Findings told in ``least_told`` cases or more, or asked in ``least_asked`` or more."""
        told = Counter(name for case in cases for name in case.told)
        asked = Counter(name for case in cases for name in case.asked)
        return cls(
            tuple(sorted(name for name, count in told.items() if count >= least_told)),
            tuple(sorted(name for name, count in asked.items() if count >= least_asked)),
            tuple(sorted({case.diagnosis for case in cases})),
        )

    def told_row(self, told: Mapping[str, Answer]) -> npt.NDArray[np.intp]:
        """The answers (0 to 3) to the findings that may be told."""
        return np.array([told.get(name, Answer.UNSAID) for name in self.told], dtype=np.intp)

    def asked_row(self, asked: Mapping[str, Answer]) -> npt.NDArray[np.intp]:
        """The answers (0 to 3) to the questions; what was not spoken of is ``UNSAID``."""
        return np.array([asked.get(name, Answer.UNSAID) for name in self.asked], dtype=np.intp)


def one_hot(rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
    """(cases, findings) of answers as (cases, findings × 4) of zeros and ones."""
    flat = np.zeros((*rows.shape, len(Answer)), dtype=np.float32)
    np.put_along_axis(flat, rows[..., None], 1.0, axis=-1)
    return flat.reshape(len(rows), -1)
