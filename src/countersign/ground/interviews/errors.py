"""What can go wrong between an invitation and what a physician reads of it."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class LinkUnusable(CountersignError):
    code = "interviews.link_unusable"
    status = 404
    message = "This link is not valid any more. Please ask the desk of the hospital for a new one."


class InterviewClosed(CountersignError):
    code = "interviews.closed"
    status = 409
    message = "This was already sent. Please tell the staff if something should be added."


class TooMuch(CountersignError):
    code = "interviews.too_much"
    status = 429
    message = "That was too much at once. Wait a minute and try again."


class NoProtocol(CountersignError):
    code = "interviews.no_protocol"
    status = 409
    message = "No protocol is in force. A senior physician signs one before patients are invited."


class ProtocolState(CountersignError):
    code = "interviews.protocol_state"
    status = 409
    message = "The protocol is no longer in that state. Load the page again and look at it."


class UnknownInterview(CountersignError):
    code = "interviews.unknown"
    status = 404
    message = "There is no such pre-consultation, or it is not yours to see."


class AIRefused(CountersignError):
    code = "interviews.ai_refused"
    status = 409
    message = "The patient refuses processing by AI. Take the history in person."


class UnfitFile(CountersignError):
    code = "interviews.unfit_file"
    status = 422
    message = "Only pictures and PDF files of at most {megabytes} MB can be attached."
