"""What cannot be done with a message, and what to do instead."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class NoSuchMessage(CountersignError):
    code = "messages.unknown"
    status = 404
    message = "There is no such message, or it was cleared away after its time."


class NotInThisState(CountersignError):
    code = "messages.state"
    status = 409
    message = "This message is not in a state in which that can be done. Load the page again."
