"""What workstations of other makers are refused."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class NoSuchCdsClient(CountersignError):
    code = "identity.no_such_cds_client"
    status = 404
    message = "No such workstation system is registered here, or it was revoked."


class NotProved(CountersignError):
    """``reason`` is for whoever runs the calling system."""

    code = "identity.cds_client_not_proved"
    status = 401
    message = "The calling system did not prove who it is: {reason}."


class SwitchedOff(CountersignError):
    code = "identity.cds_client_switched_off"
    status = 403
    message = "The administrator has switched off the cards for this system."
