"""What can stand between a draft and a signature, each with what to do about it."""

from __future__ import annotations

import psycopg

from countersign.ground.identity import StepUpNeeded
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


class BadProposal(CountersignError):
    code = "signoff.bad_proposal"
    status = 422
    message = "This draft cannot be put before anybody ({problem}). Tell whoever looks after it."


class Damaged(CountersignError):
    code = "signoff.damaged"
    status = 500
    message = (
        "This draft is not what was stored: its content and its hash differ. Nothing of it is"
        " shown or released. Tell the security officer."
    )


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
    "CSI02": StepUpNeeded,
    "23505": AlreadyDecided,
    "23514": NotLicensed,
    "23503": NotLicensed,
}


_PROPOSED = {
    "CSG13": "it corrects what was never released",
    "23514": "its signers, its validity or its explanation are not complete",
    "23503": "its model is not registered, or it corrects a draft of another patient",
}


def proposal_refused(problem: psycopg.Error) -> Exception:
    """The error for a refusal of a proposal; anything else unchanged."""
    known = _PROPOSED.get(problem.sqlstate or "")
    return BadProposal(problem=known) if known else translated(problem)


def translated(problem: psycopg.Error) -> Exception:
    """The error for a refusal of a decision; anything else unchanged."""
    known = _STATES.get(problem.sqlstate or "")
    return known() if known else problem
