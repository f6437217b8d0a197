"""What calling systems are refused, each with what their makers should do."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class NoProof(CountersignError):
    code = "cdshooks.no_proof"
    status = 401
    message = "Send a signed JWT of a registered system as bearer token (CDS Hooks 2.0, security)."


class NoSuchService(CountersignError):
    code = "cdshooks.no_such_service"
    status = 404
    message = "There is no such service here. GET /cds-services lists them."


class BadHook(CountersignError):
    """``reason`` names the field and never repeats what was sent."""

    code = "cdshooks.bad_request"
    status = 400
    message = "This is no request of CDS Hooks 2.0: {reason}."


class BadFeedback(CountersignError):
    code = "cdshooks.bad_feedback"
    status = 400
    message = "This is no feedback of CDS Hooks 2.0: {reason}."


class NotLaunchedHere(CountersignError):
    code = "cdshooks.not_launched_here"
    status = 404
    message = (
        "The workstation that opened this page is not registered here, or its patient has no "
        "chart here that it may use. Search for the patient instead."
    )


class LaunchFailed(CountersignError):
    code = "cdshooks.launch_failed"
    status = 400
    message = "The workstation did not hand over a patient. Open the page from there once more."
