"""Takes what was stored into the chart, one message after the other, in their order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from countersign.ground.chart import Chart, ConcurrentChange, Deleted, NotFound
from countersign.ground.messages import Due, Messages
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON

from . import overlay
from .errors import Unprocessable
from .events import PAIRED, Meaning
from .judging import Judged, identifiers_of, judge, local_authority
from .mapping import Context, Mapped, mapped
from .merging import INTERFACE, merge
from .moving import move
from .pairing import pair
from .renumbering import renumber

logger = logging.getLogger(__name__)

SOURCE = "hl7v2"
TRIES = 4


@dataclass(frozen=True, slots=True)
class Processor:
    """``known_departments`` answers the codes of the house, ``departments`` are those of whoever
    comes without one.
    """

    messages: Messages
    chart: Chart
    known_departments: Callable[[], frozenset[str]]
    departments: tuple[str, ...]

    def run(self, stopping: Callable[[], bool]) -> int:
        """Everything that is due; returns how many were looked at.

        A message that cannot be taken in fails and holds up its own patient alone. Raises what
        says that nothing can be taken in now (DatabaseUnavailable, LedgerUnavailable): then the
        message waits.
        """
        done = 0
        while due := self.messages.inbox.due():
            for identifier in due:
                if stopping():
                    return done
                done += 1
                if not self.one(identifier):
                    break  # what waits behind it may be in this list
        return done

    def one(self, identifier: str) -> bool:
        """One message; False when it failed."""
        notes: list[str] = []
        try:
            due = self.messages.inbox.open(identifier)
            patient = self._patiently(due, notes)
            self.messages.inbox.processed(due, patient, notes)
        except Unprocessable as problem:
            self.messages.inbox.failed(identifier, str(problem.details["reason"]), notes)
        except CountersignError as problem:
            if problem.status == 503:
                raise
            self.messages.inbox.failed(identifier, problem.code, notes)
        except Exception as problem:  # noqa: BLE001 - each is a message that failed
            # One message must not stop the others. Its words may be clinical: the type alone.
            logger.error("message %s: %s", identifier, type(problem).__name__)  # noqa: TRY400
            self.messages.inbox.failed(identifier, "hl7v2.unexpected", notes)
        else:
            return True
        return False

    def _patiently(self, due: Due, notes: list[str]) -> str:
        """Somebody else may be writing the same patient."""
        for attempt in range(TRIES):
            try:
                return self._take(due, notes)
            except ConcurrentChange:
                if attempt == TRIES - 1:
                    raise
        raise ConcurrentChange

    def _take(self, due: Due, notes: list[str]) -> str:
        judged = judge(due.raw, tests=True)
        if judged.message is None or judged.faults or judged.meaning is None:
            raise Unprocessable(reason=judged.faults[0].code if judged.faults else "hl7v2.not-hl7")
        if judged.meaning is Meaning.MERGE:
            return merge(self, judged, notes)
        if judged.meaning is Meaning.MOVE:
            return move(self, judged, notes)
        if judged.meaning is Meaning.NUMBER:
            return renumber(self, judged)
        if judged.meaning in PAIRED:
            return pair(self, judged, notes)
        return self.take(judged, notes)

    def take(self, judged: Judged, notes: list[str]) -> str:
        """A message about one patient; returns whose chart it is. Raises Unprocessable."""
        assert judged.message is not None  # noqa: S101 - judged before
        pid, local = judged.message.segment("PID"), local_authority(judged.message)
        people = identifiers_of(pid, local)
        patient, new = self.whose(people)
        context = self.context(judged, patient)
        said = mapped(judged.message, context)
        notes.extend(said.notes)
        self._receive(judged, said, patient, new)
        self.messages.inbox.link(self.messages.naming.keys(people), patient)
        return patient

    def context(self, judged: Judged, patient: str) -> Context:
        """What the maps need for this patient."""
        return Context(
            patient,
            self.messages.naming.identifier,
            self.chart.limits.zone,
            self.known_departments(),
        )

    def whose(self, people: Sequence[str]) -> tuple[str, bool]:
        """The chart of these identifiers, and whether it is to be made.

        Raises Unprocessable where they lead to two charts: that needs a merge.
        """
        keys = self.messages.naming.keys(people)
        found = set(self.messages.inbox.patients(keys).values()) or self._searched(people)
        if len(found) > 1:
            raise Unprocessable(reason="hl7v2.two-charts")
        if found:
            return next(iter(found)), False
        return self.messages.naming.patient(people), True

    def _searched(self, people: Sequence[str]) -> set[str]:
        """Charts that came by another way, such as an import, with such an identifier."""
        reader, found = self.chart.reader(INTERFACE), set[str]()
        for one in people:
            page = reader.search("Patient", [("identifier", one)])
            found |= {version.id for version in page.versions if _bears(version.resource, one)}
        return found

    def read(self, kind: str, identifier: str) -> JSON | None:
        """A resource of the chart as it is now; None where there is none."""
        try:
            return self.chart.reader(INTERFACE).read(kind, identifier).resource
        except (NotFound, Deleted):
            return None

    def _receive(self, judged: Judged, said: Mapped, patient: str, new: bool) -> None:
        message = judged.message
        assert message is not None  # noqa: S101 - judged before
        known = None if new else self.read("Patient", patient)
        if known is not None and not said.snapshot and overlay.contradicts(known, said.patient):
            raise Unprocessable(reason="hl7v2.other-person")
        entries: list[JSON] = []
        if known is None or said.snapshot:
            entries.append(overlay.patient(known, said.patient, patient))
        entries += self._visit(said, message.event)
        for one in said.entries:
            kind = str(one["resourceType"])
            if kind in overlay.LAID_OVER:
                entries.append(overlay.order(self.read(kind, str(one["id"])), one))
            else:
                entries.append(one)
        if entries:
            self.receive(entries, () if known is not None else self._placed(said))

    def _visit(self, said: Mapped, event: str) -> list[JSON]:
        if said.encounter is None:
            return []
        known = self.read("Encounter", str(said.encounter["id"]))
        if known is not None and not said.snapshot:
            return []
        return [overlay.encounter(known, said.encounter, event if said.snapshot else "A08")]

    def _placed(self, said: Mapped) -> tuple[str, ...]:
        """The departments of somebody new whose visit names none of the house."""
        service = (said.encounter or {}).get("serviceType", {}).get("coding", [])
        if any(one.get("system") == "urn:countersign:department" for one in service):
            return ()
        return self.departments

    def receive(self, entries: Sequence[JSON], departments: Sequence[str] = ()) -> None:
        """All of them or nothing."""
        bundle: JSON = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {
                    "resource": one,
                    "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
                }
                for one in entries
            ],
        }
        self.chart.receive(INTERFACE, bundle, source=SOURCE, departments=departments)


def _bears(patient: JSON, person: str) -> bool:
    """A comma or a bar in a number means something else to a search: the patient itself decides."""
    given = cast("list[JSON]", patient.get("identifier", []))
    return any(f"{one.get('system')}|{one.get('value')}" == person for one in given)
