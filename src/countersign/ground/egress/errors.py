"""What egress refuses, and what may go wrong on the way."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class EgressRefused(CountersignError):
    code = "egress.refused"
    status = 502
    message = (
        "{place} is not on the list of intranet addresses, so it was not contacted. If it is a "
        "server of this hospital, let the administrator add it to COUNTERSIGN_EGRESS."
    )


class EgressFailed(CountersignError):
    code = "egress.failed"
    status = 502
    message = "{place} did not answer as it should ({problem}). Try again; if it stays so, tell IT."
