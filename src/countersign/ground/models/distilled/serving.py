"""Answers rooms with the small model that is live, and with none while AI is stopped."""

from __future__ import annotations

import logging
from threading import Lock

from countersign.ground.models.card import ModelRef
from countersign.ground.models.switch import Switch
from countersign.kit.errors import CountersignError

from .asked import Opens, Passed, Student, Sure
from .kept import Distilled

logger = logging.getLogger(__name__)


class Students:
    """The live small models, and ``kept``, where all of them are.

    Opens each live model once in a process; which one is live is looked up at every question.
    """

    def __init__(self, kept: Distilled, switch: Switch, opens: Opens) -> None:
        self.kept = kept
        self._switch = switch
        self._opens = opens
        self._lock = Lock()
        self._open: dict[str, tuple[str, Student | None]] = {}

    def classify(self, work: str, text: str) -> Sure | Passed:
        """As ``Classifying.classify``."""
        live = self.kept.live(work)
        if live is None:
            return Passed("nothing-live")
        if self._switch.state().stopped:
            return Passed("ai-stopped")
        task, model = live
        student = self._student(work, task, model)
        if student is None:
            return Passed("damaged")
        (said,) = student.classify([text])
        if said is None:
            return Passed("unsure")
        label, rung, confidence = said
        return Sure(label, confidence, rung, model)

    def _student(self, work: str, task: str, model: ModelRef) -> Student | None:
        """Also a model that cannot be opened is remembered, so that it is tried once."""
        with self._lock:
            found = self._open.get(work)
            if found is None or found[0] != task:
                found = self._open[work] = task, self._opened(task, model)
            return found[1]

    def _opened(self, task: str, model: ModelRef) -> Student | None:
        try:
            return self._opens(self.kept.artefact(task))
        except CountersignError as problem:
            logger.warning("the small model %s cannot be opened: %s", model.label, problem.code)
            return None
