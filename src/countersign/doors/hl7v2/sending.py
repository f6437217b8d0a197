"""Sends what physicians signed to the configured system: in order, until it is acknowledged.

Nothing but a release is ever written into a message: what waits for a signature has none, and the
queue is filled from the table of releases alone.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import cast

from countersign.ground.chart import Deleted, NotFound, Version
from countersign.ground.egress import EgressFailed, EgressRefused, Server
from countersign.ground.identity import SENSITIVE
from countersign.ground.messages import Outgoing
from countersign.ground.shell import Floor
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON

from .charsets import NotInCharset, UnknownCharset, text
from .composing import Result, message
from .errors import PeerRefused, PeerUnclear, Unprocessable
from .framing import END, START, framed
from .message import NotAMessage, parse
from .processing import INTERFACE

PATIENCE = 20.0
"""Seconds that the other system has for its acknowledgement."""

ACCEPTED = frozenset({"AA", "CA"})
FINAL = frozenset({"AE", "CE"})
"""Refused for what the message says: sending it again changes nothing (HL7 v2 2.9.2.2)."""


class Sender:
    """One way out, to one system. ``peer`` stands on the allow-list of egress too."""

    def __init__(self, floor: Floor, peer: Server) -> None:
        self._floor = floor
        self._peer = peer
        self._name = str(peer)

    def run(self, stopping: Callable[[], bool]) -> int:
        """Sends what waits and may go now; returns how many were acknowledged.

        What the other system refuses for good is left to a person, and the next one goes; what
        it cannot take now holds up everything behind it, so that the order is kept.
        """
        box, sent = self._floor.messages.outbox, 0
        box.plan(self._name)
        while not stopping() and (one := box.next(self._name)) is not None:
            try:
                self._send(one)
                sent += 1
            except Unprocessable as problem:
                box.settle(one, "withheld", str(problem.details["reason"]))
            except PeerRefused as problem:
                box.settle(one, "refused", problem.code)
            except (EgressFailed, EgressRefused, PeerUnclear) as problem:
                box.later(one, problem.code)
                break
        return sent

    def _send(self, one: Outgoing) -> None:
        versions = self._released(one)
        result = self._result(one, versions)
        raw = message(result, self._floor.site.hospital.en).encode()
        answer = self._floor.egress.ask(
            self._peer, framed(raw), end=END, timeout=PATIENCE, largest=1024 * 1024
        )
        _check(answer, result.control_id)
        digest = sha256(raw).hexdigest()
        self._floor.messages.outbox.sent(one, digest, [version.versioned for version in versions])

    def _released(self, one: Outgoing) -> list[Version]:
        """What this release wrote, as it wrote it. Raises Unprocessable."""
        reader, found = self._floor.chart.reader(INTERFACE), list[Version]()
        for target in one.targets:
            kind, _, identifier = target.partition("/")
            if kind == "Provenance":
                continue
            try:
                history = reader.history(kind, identifier)
            except (NotFound, Deleted, CountersignError) as problem:
                if problem.status == 503:
                    raise
                raise Unprocessable(reason="hl7v2.nothing-to-send") from None
            found += [each for each in history if each.release_id == one.release]
        if not found:
            raise Unprocessable(reason="hl7v2.nothing-to-send")
        return found

    def _result(self, one: Outgoing, versions: list[Version]) -> Result:
        """Raises Unprocessable for what other systems may not have."""
        facts = self._floor.chart.named(one.patient)
        own = {code for version in versions for code in _labels(version.resource)}
        if (own | facts.sensitivity) & (SENSITIVE - {"EMP"}):
            raise Unprocessable(reason="hl7v2.labelled")
        if any(refused.startswith("department:") for refused in facts.refused):
            raise Unprocessable(reason="hl7v2.refused-by-patient")
        patient = self._floor.chart.reader(INTERFACE).read("Patient", one.patient).resource
        author = versions[0].author.removeprefix("person:")
        names = self._floor.people.names({author})
        return Result(
            control_id=one.release.replace("-", "")[:20],
            at=one.released_at.astimezone(self._floor.chart.limits.zone),
            signer=author,
            signer_name=names.get(author, ""),
            patient=patient,
            resources=[version.resource for version in versions],
            correction=any(version.version > 1 for version in versions),
        )


def _labels(resource: JSON) -> list[str]:
    security = cast("list[JSON]", resource.get("meta", {}).get("security", []))
    return [str(one.get("code", "")) for one in security]


def _check(answer: bytes, control_id: str) -> None:
    """Raises PeerRefused for good, PeerUnclear where it should be tried again."""
    body = answer.partition(START)[2].partition(END)[0]
    try:
        said = parse(text(body)).segment("MSA")
    except (NotAMessage, NotInCharset, UnknownCharset):
        raise PeerUnclear from None
    code = said.get(1)
    if said.get(2) != control_id or code not in ACCEPTED | FINAL | {"AR", "CR"}:
        raise PeerUnclear
    if code in FINAL:
        raise PeerRefused(answer=code)
    if code not in ACCEPTED:
        raise PeerUnclear  # rejected for a reason outside the message: again later
