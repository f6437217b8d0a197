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


class AddressRefused(EgressRefused):
    code = "egress.address_refused"
    message = (
        "{place} is on the list, but its name leads to {address}, which is outside the "
        "intranet, so it was not contacted. Let IT look at the name server; if the address is "
        "the hospital's own, add its network to COUNTERSIGN_EGRESS."
    )


class HookRefused(CountersignError):
    code = "egress.hook_refused"
    status = 502
    message = (
        "A part of the program tried to reach {place} by itself. It was stopped and recorded, "
        "because nothing may leave this machine except by the list of COUNTERSIGN_EGRESS. Tell IT."
    )


class EgressFailed(CountersignError):
    code = "egress.failed"
    status = 502
    message = "{place} did not answer as it should ({problem}). Try again; if it stays so, tell IT."
