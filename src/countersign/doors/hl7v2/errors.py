"""Why a message cannot be processed, each with what a person can do."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class Unprocessable(CountersignError):
    """A code of ``reasons`` by which the page says it."""

    code = "hl7v2.unprocessable"
    status = 422
    message = "This message cannot be processed ({reason})."


class PeerRefused(CountersignError):
    code = "hl7v2.peer-refused"
    status = 502
    message = "The other system refused the message ({answer})."


class PeerUnclear(CountersignError):
    code = "hl7v2.peer-unclear"
    status = 502
    message = "The other system answered something that is no acknowledgement of this message."
