"""What a room is told when a physician acts in another system, and what it may answer: drafts.

A room names the moments that it answers in its manifest::

    hooks=(Hook(HookName.PATIENT_VIEW, answer_view),)

    def answer_view(floor: Floor) -> HookHandler:
        room = MyService(floor.chart, floor.signoff, …)

        def answer(call: HookCall) -> HookAnswer:
            return HookAnswer(tuple(map(HookCard, room.drafts_for(call.patient))))

        return answer

The door of CDS Hooks calls it within a deadline, shows the drafts that the one who asks may see,
each after its receipt, and says on the card where a room did not answer in time. A room hands
over identifiers of drafts that it proposed and nothing to be read, so that whatever stands on
another system's screen was a draft first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from countersign.kit.json import JSON
from countersign.kit.words import Words

if TYPE_CHECKING:
    from countersign.ground.identity import Principal
    from countersign.ground.signoff import Warned

    from .floor import Floor


class HookName(StrEnum):
    """The moments of CDS Hooks 2.0 that are answered here."""

    PATIENT_VIEW = "patient-view"
    ORDER_SELECT = "order-select"
    ORDER_SIGN = "order-sign"
    ENCOUNTER_START = "encounter-start"
    ENCOUNTER_DISCHARGE = "encounter-discharge"


@dataclass(frozen=True, slots=True)
class HookCall:
    """One moment. ``patient`` is the identifier in our chart, and certain.

    ``principal`` is the physician where the calling system identifies her, else that system
    itself. ``orders`` are FHIR R4 orders that are being written and stand in no chart; they are
    valid, and their patient is ``patient``. ``selected`` are the identifiers of those of them
    that were just chosen (order-select). ``deadline`` is when an answer comes too late. ``user``
    is what the calling system itself calls the one at its screen.
    """

    hook: HookName
    patient: str
    principal: Principal
    now: datetime
    deadline: datetime
    orders: tuple[JSON, ...] = ()
    selected: tuple[str, ...] = ()
    user: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that the physician can take over into her own system by a click.

    ``create`` are FHIR R4 resources without identifiers, ``delete`` the identifiers of orders of
    the call (``Type/id``). It is offered only where her acceptance counts as a signature.
    """

    label: Words
    create: tuple[JSON, ...] = ()
    delete: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HookCard:
    """A draft of this room that belongs on the card. Without ``indicator`` its urgency decides:
    critical, urgent (warning), and everything else (info). ``warned`` names the rule of an alert,
    which is counted when the card is shown and when it is answered.
    """

    draft: str
    indicator: Literal["info", "warning", "critical"] | None = None
    suggestions: tuple[Suggestion, ...] = ()
    warned: Warned | None = None


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """``limits`` say what the room could not take into account this time."""

    cards: tuple[HookCard, ...] = ()
    limits: tuple[Words, ...] = ()


HookHandler = Callable[[HookCall], HookAnswer]


@dataclass(frozen=True, slots=True)
class Hook:
    """A moment that a room answers; ``answer`` builds its handler from the floor."""

    name: HookName
    answer: Callable[[Floor], HookHandler]
