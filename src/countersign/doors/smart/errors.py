"""What SMART apps are refused, in the words of OAuth 2 and in sentences for the person."""

from __future__ import annotations

from typing import ClassVar

from countersign.ground.identity import AssertionUsed, BadGrant, BadScope, NoSuchApp
from countersign.ground.identity import BadKeys as BadKeys
from countersign.kit.errors import CountersignError


class BadRedirect(CountersignError):
    """Shown to the person: nobody is sent to an address that was not registered."""

    code = "smart.bad_redirect"
    status = 400
    message = (
        "The app asked to be answered at an address that is not registered for it. Nothing was "
        "sent there. Tell the administrator the name of the app."
    )


class ForeignLaunch(CountersignError):
    code = "smart.foreign_launch"
    status = 403
    message = "Open the app from the patient's chart, not from another site."


class OAuthError(CountersignError):
    """``error`` is the code of RFC 6749 (5.2, 4.1.2.1) that the app receives."""

    code = "smart.refused"
    status = 400
    error: ClassVar[str] = "invalid_request"
    message = "The request cannot be answered: {reason}."


class NotThisClient(OAuthError):
    code = "smart.not_this_client"
    status = 401
    error = "invalid_client"
    message = "The app did not prove who it is: {reason}."


class UnsupportedGrant(OAuthError):
    code = "smart.unsupported_grant"
    error = "unsupported_grant_type"
    message = "Use authorization_code, refresh_token or, for services, client_credentials."


class UnsupportedResponse(OAuthError):
    code = "smart.unsupported_response"
    error = "unsupported_response_type"
    message = "Only response_type=code is offered."


class NotForThisApp(OAuthError):
    code = "smart.not_for_this_app"
    error = "unauthorized_client"
    message = "This app is not registered for that."


class NoScope(OAuthError):
    code = "smart.no_scope"
    error = "invalid_scope"
    message = "None of these scopes is registered for the app, or they are of the wrong level."


class MustAsk(OAuthError):
    code = "smart.must_ask"
    error = "interaction_required"
    message = "The person is always asked here; prompt=none is not offered."


def oauth_code(problem: CountersignError) -> str:
    """What an app is told of any error of the house."""
    if isinstance(problem, OAuthError):
        return problem.error
    if isinstance(problem, BadScope):
        return "invalid_scope"
    if isinstance(problem, BadGrant):
        return "invalid_grant"
    if isinstance(problem, NoSuchApp | AssertionUsed):
        return "invalid_client"
    return "temporarily_unavailable" if problem.status == 503 else "invalid_request"


def oauth_status(problem: CountersignError) -> int:
    """The HTTP status that goes with ``oauth_code``."""
    if oauth_code(problem) == "invalid_client":
        return 401
    return problem.status if problem.status >= 500 else 400
