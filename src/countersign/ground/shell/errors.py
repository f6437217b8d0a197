"""What can go wrong between a browser and a room, each with what to do about it."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class NotSignedIn(CountersignError):
    code = "shell.not_signed_in"
    status = 401
    message = "You are not signed in, or your session has ended. Sign in and try again."


class NoSuchPage(CountersignError):
    code = "shell.no_such_page"
    status = 404
    message = "There is nothing at this address. Check it, or start again from the home page."


class WrongMethod(CountersignError):
    code = "shell.wrong_method"
    status = 405
    message = "This address does not accept {method}. Go back and use the buttons of the page."


class RequestTooLarge(CountersignError):
    code = "shell.request_too_large"
    status = 413
    message = (
        "This is larger than the {limit} that can be sent here at once. Nothing was saved. "
        "Send it in smaller parts, or ask IT to import it from a file."
    )


class UnfitRequest(CountersignError):
    code = "shell.unfit_request"
    status = 422
    message = "Something on this form is missing or does not fit: {fields}. Go back and correct it."


class ForgedRequest(CountersignError):
    code = "shell.forged_request"
    status = 403
    message = (
        "It is not certain that this came from the page you had open. Nothing was saved. "
        "Go back, reload the page and send it again."
    )


class UnknownHost(CountersignError):
    code = "shell.unknown_host"
    status = 421
    message = "This server does not answer under the name {host}. Ask IT for the right address."


class RefusedRequest(CountersignError):
    code = "shell.refused_request"
    status = 400
    message = "The server could not work with this request. Go back and try again."


class Unexpected(CountersignError):
    code = "shell.unexpected"
    status = 500
    message = (
        "Something went wrong on the server. What you did last may not be saved: check it "
        "before you repeat it, and tell IT the reference {reference}."
    )
