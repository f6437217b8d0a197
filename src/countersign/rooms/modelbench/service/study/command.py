"""A study at the command line: started here and now, said in words, written as files."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from countersign.ground.identity import Principal
from countersign.ground.jobs import JobContext, NotNow
from countersign.ground.models import STUDY_RUN
from countersign.ground.shell import Floor
from countersign.kit.words import Language
from countersign.rooms.modelbench.domain.study.reading import written

from .exporting import as_csv, as_json
from .opening import open_running
from .planning import example_plan, plan_from_toml
from .printing import as_pdf
from .reading import Result, StudyResults
from .wording import advice, reason

WAIT = 5.0
"""Seconds between two looks while AI is stopped or an older study runs."""
Tell = Callable[[str], None]


class StudyCommand:
    """What an installer does with studies at this machine. ``tell`` hears how far it is."""

    def __init__(self, floor: Floor, by: Principal, tell: Tell) -> None:
        self._floor = floor
        self._by = by
        self._tell = tell

    @staticmethod
    def example() -> str:
        """A plan to begin with."""
        return example_plan()

    def start(self, text: str) -> str:
        """Keeps the plan in ``text`` (TOML) as a study that no worker takes. Raises BadPlan."""
        plan = plan_from_toml(text)
        return self._floor.studies.start(self._by, plan.title, written(plan), queue=False)

    def run(self, study: str) -> Result:
        """Carries it on to its end, or to the error that stops it. Raises UnknownStudy."""
        self._floor.studies.one(self._by, study)
        running = open_running(self._floor)
        while True:
            try:
                running.carry_on(study, JobContext(0, STUDY_RUN, report=self._report))
                break
            except NotNow:
                self._tell("waits: AI is stopped, or an older study still runs")
                time.sleep(WAIT)
        return StudyResults(self._floor.studies).of(self._by, study)

    def files(self, result: Result, language: Language) -> Mapping[str, bytes]:
        """The report and the figures by the names of their files."""
        site, today = self._floor.site, self._floor.clock().date().isoformat()
        return {
            "report.pdf": as_pdf(result, language, site.hospital, today),
            "figures.csv": as_csv(result).encode("utf-8-sig"),
            "figures.json": as_json(result),
        }

    def _report(self, done: int, total: int | None, note: str) -> None:
        self._tell(f"{done} of at most {total}")


def said(result: Result, language: Language) -> list[str]:
    """The recommendations with their reasons, one line each."""
    lines: list[str] = []
    for one in result.recommendations:
        lines.append(advice(result, one).into(language))
        lines += [
            f"  {result.row(judged.key).configuration.label}: "
            f"{reason(result, one, judged).into(language)}"
            for judged in one.judged
        ]
    return lines
