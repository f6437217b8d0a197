"""What nurses and physicians do: invite, watch, acknowledge, read; and the protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.interviews import Alert, Entry, Invited, NoProtocol, Protocol, Told
from countersign.ground.reasoning import Person
from countersign.ground.shell import Floor
from countersign.kit.clock import stamp
from countersign.kit.words import Words
from countersign.rooms.preconsult.domain import RedFlag
from countersign.rooms.preconsult.inference import DIGEST, content, departments, flags

from .form import questionnaire
from .interviewing import ELSEWHERE
from .known import about

HOURS = (24, 72, 168)
EVERY = 400
"""Questions of the engine that the form lists at most."""

WHY = {
    "suspected": Words("Words that may speak of a danger", "用词可能提示危险"),
    "unread": Words("Written in a language that no rule reads", "使用了规则无法读取的语言"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """What the desk hands over; the address is told this once."""

    address: str
    interview: str
    hours: int


@dataclass(frozen=True, slots=True)
class Row:
    """An interview on the desk, with its proposal once it was sent."""

    invited: Invited
    leaning: Mapping[str, object]


class Desking:
    """For people of the house, within what the policy allows them."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._parts = floor.interviews

    def invite(
        self, principal: Principal, patient: str, hours: int, base: str, department: str = ""
    ) -> Link:
        """A link for one visit. Raises Forbidden, NoProtocol, AIRefused, NotFound."""
        if not self.in_force():
            raise NoProtocol
        hours = hours if hours in HOURS else HOURS[1]
        held, secret = self._parts.links.make(principal, patient, department, hours)
        chart = self._floor.chart.reader(principal).open(patient)
        now = self._floor.clock().astimezone(self._floor.site.zone)
        self._parts.keeping.put(held, "about", about(chart, now))
        return Link(f"{base}/visit/{secret}", held.id, hours)

    def alerts(self, principal: Principal) -> list[Alert]:
        """Dangers that nobody has acknowledged."""
        return self._parts.desk.alerts(principal)

    def rows(self, principal: Principal) -> list[Row]:
        """Interviews with their proposals; the words are not among them."""
        found: list[Row] = []
        for one in self._parts.desk.invited(principal):
            own = self._parts.desk.leaning(principal, one.id) if one.state == "sent" else None
            found.append(Row(one, own.value if own else {}))
        return found

    def told(self, principal: Principal, interview: str) -> Told:
        """All that was told, for a physician. Raises Forbidden, UnknownInterview."""
        return self._parts.desk.read(principal, interview)

    def in_force(self) -> Protocol | None:
        """The signed protocol, if it is of these very files."""
        try:
            found = self._parts.protocols.in_force()
        except NoProtocol:
            return None
        return found if found.content.get("digest") == DIGEST else None

    def sign_protocol(self, principal: Principal, protocol: str, sha256: str) -> None:
        """Puts it in force, and the form that it asks where other systems find it.

        It decides what patients are told unseen, so it is signed like what bears the highest risk:
        under a fresh proof of presence. Raises StepUpNeeded, ProtocolState, Forbidden.
        """
        self._floor.policy.require(principal, Action.PROTOCOL_SIGN, Facts.house("protocol"))
        self._parts.protocols.one(protocol)
        self._floor.entrance.presences.required(principal)
        self._parts.protocols.sign(principal, protocol, sha256)
        self.publish()

    def publish(self) -> None:
        """The Questionnaire of the protocol in force, as a resource of the house's chart."""
        found = self._floor.reasoning.next_questions([], Person(), EVERY)
        asked = [
            one
            for one in found
            if one.kind == "ask" and len(one.terms) == 1 and not {*one.terms} & ELSEWHERE
        ]
        form = questionnaire(self._floor, asked, stamp(self._floor.clock()))
        self._floor.chart.receive(
            Principal.system("importer"), form, source="preconsult", keep_ids=True
        )

    def draft_protocol(self, principal: Principal) -> str:
        """The shipped protocol as a new draft; the same one where it waits already."""
        self._floor.policy.require(principal, Action.PROTOCOL_SIGN, Facts.house("protocol"))
        for one in self._parts.protocols.all():
            if one.state != "withdrawn" and one.content.get("digest") == DIGEST:
                return one.id
        return self._parts.protocols.draft(principal, content())


def named_flags(alert: Alert) -> list[Words]:
    """What a danger is called on the desk."""
    return [_named(name) for name in alert.flags]


def _named(name: str) -> Words:
    found: RedFlag | None = flags().one(name)
    return found.title if found else WHY.get(name, Words(name, name))


def department(code: object) -> Words:
    """The name of a proposed department."""
    return departments().name(str(code))


def by_item(entries: tuple[Entry, ...]) -> dict[str, Mapping[str, object]]:
    """The newest answer to each item."""
    return {one.item: one.value for one in entries}
