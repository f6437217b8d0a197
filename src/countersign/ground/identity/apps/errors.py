"""What is refused to apps, with a sentence that says what to do."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class NoSuchApp(CountersignError):
    code = "identity.no_such_app"
    status = 404
    message = "No such app is registered here, or it was revoked. Ask the administrator."


class RequestEnded(CountersignError):
    code = "identity.request_ended"
    status = 410
    message = "This request of the app has ended or was answered. Start the app again."


class BadGrant(CountersignError):
    """The same for a code or token that is unknown, expired, used, revoked or another app's."""

    code = "identity.bad_grant"
    status = 400
    message = "This code or token does not hold. Start the app again."


class AssertionUsed(CountersignError):
    code = "identity.assertion_used"
    status = 401
    message = "This assertion was used before. Sign a new one, with a jti of its own."
