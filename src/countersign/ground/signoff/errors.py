"""What can stand between a draft and a signature, each with what to do about it."""

from __future__ import annotations

import psycopg

from countersign.ground.models import AIStopped
from countersign.kit.errors import CountersignError


class UnknownDraft(CountersignError):
    code = "signoff.unknown_draft"
    status = 404
    message = "There is no such draft, or it is not yours to see. Open it from the inbox."


class AlreadyDecided(CountersignError):
    code = "signoff.already_decided"
    status = 409
    message = "This draft was decided meanwhile. A correction is a new draft."


class Expired(CountersignError):
    code = "signoff.expired"
    status = 409
    message = "This draft has expired. It stays readable; new data bring a new draft."


class NotLicensed(CountersignError):
    code = "signoff.not_licensed"
    status = 403
    message = (
        "This draft needs a licence valid today that you do not hold. Ask a colleague to sign."
    )


class NotViewed(CountersignError):
    code = "signoff.not_viewed"
    status = 409
    message = "Open the draft and read it before you decide."


class NothingToCountersign(CountersignError):
    code = "signoff.nothing_to_countersign"
    status = 409
    message = "There is no first signature to confirm, or the second signer must be another senior."


class BadDecision(CountersignError):
    code = "signoff.bad_decision"
    status = 422
    message = "{problem}"


_STATES: dict[str, type[CountersignError]] = {
    "CSG01": NotLicensed,
    "CSG02": NotLicensed,
    "CSG03": Expired,
    "CSG04": AIStopped,
    "CSG05": NotViewed,
    "CSG06": NothingToCountersign,
    "CSG07": NothingToCountersign,
    "CSG08": NothingToCountersign,
    "CSG09": AlreadyDecided,
    "23505": AlreadyDecided,
    "23514": NotLicensed,
    "23503": NotLicensed,
}


def translated(problem: psycopg.Error) -> Exception:
    """The error for a refusal of the database; anything else unchanged."""
    known = _STATES.get(problem.sqlstate or "")
    return known() if known else problem
