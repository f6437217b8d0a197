"""What can stand between a draft and a signature, each with what to do about it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

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


class ModelRecalled(CountersignError):
    code = "signoff.model_recalled"
    status = 409
    message = (
        "What this draft rests on is recalled, so that it is neither proposed nor signed."
        " Reject it, or decide without it."
    )


class AlreadyRecalled(CountersignError):
    code = "signoff.already_recalled"
    status = 409
    message = "This is recalled already. Open the recall from the list."


class NothingToRecall(CountersignError):
    code = "signoff.nothing_to_recall"
    status = 422
    message = "Choose what to recall from the list of models and documents."


class WhyRecall(CountersignError):
    code = "signoff.why_recall"
    status = 422
    message = "Say in at least {least} characters why it is recalled; every signer reads it."


class UnknownRecall(CountersignError):
    code = "signoff.unknown_recall"
    status = 404
    message = "There is no such recall. Open it from the list of recalls."


class UnknownReview(CountersignError):
    code = "signoff.unknown_review"
    status = 404
    message = "There is no such review, or it is not yours. Open it from your list."


class AlreadyReviewed(CountersignError):
    code = "signoff.already_reviewed"
    status = 409
    message = "You have answered this already. A further correction is a new draft."


class ImpressionFirst(CountersignError):
    code = "signoff.impression_first"
    status = 409
    message = "Record your own impression first; the draft is shown after that."


class BadImpression(CountersignError):
    code = "signoff.bad_impression"
    status = 422
    message = "{problem}"


class SeenAlready(CountersignError):
    code = "signoff.seen_already"
    status = 409
    message = "You have seen this draft already, or recorded an impression. Open it and read it."


class UnknownCase(CountersignError):
    code = "signoff.unknown_case"
    status = 404
    message = "There is no such case, or you have no part in it. Open it from your list."


class NotYourCase(CountersignError):
    code = "signoff.not_your_case"
    status = 403
    message = "Another colleague was named to decide this case. You see the outcome here."


class AlreadyAdjudicated(CountersignError):
    code = "signoff.already_adjudicated"
    status = 409
    message = "This case was decided or passed on meanwhile. Open it again."


class BadOutcome(CountersignError):
    code = "signoff.bad_outcome"
    status = 422
    message = "{problem}"


class UnknownCheck(CountersignError):
    code = "signoff.unknown_check"
    status = 404
    message = "There is no such check of an order, or it is a colleague's. Check the order again."


class AlreadyAnswered(CountersignError):
    code = "signoff.already_answered"
    status = 409
    message = "This check was answered already. Check the order again to change the answer."


class BadAnswer(CountersignError):
    code = "signoff.bad_answer"
    status = 422
    message = "{problem}"


class BadRule(CountersignError):
    code = "signoff.bad_rule"
    status = 422
    message = "{problem}"


class NewAlerts(CountersignError):
    """``page`` is the address of what is to be read and answered."""

    code = "signoff.new_alerts"
    status = 409
    message = (
        "Nothing was signed: since this order was checked, the chart has brought what you have not"
        " seen. Read it, then keep the order with a reason for each alert that interrupts and sign"
        " it, or reject it and write another."
    )

    @property
    def page(self) -> str:
        return str(self.details.get("page", ""))


class NotRechecked(CountersignError):
    code = "signoff.not_rechecked"
    status = 409
    message = (
        "Nothing was signed: this order could not be checked against the chart as it is now. Try"
        " again; if it stays so, reject it, order by the hospital's other way, and tell IT."
    )


class NotStandingIn(CountersignError):
    code = "signoff.not_standing_in"
    status = 409
    message = (
        "You see this patient for a colleague on leave, and that delegation does not allow this"
        " signature. Ask another colleague, or load the page again."
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
    "CSG14": ModelRecalled,
    "CSI02": StepUpNeeded,
    **dict.fromkeys(("CSD10", "CSD11", "CSD12", "CSD13", "CSD14"), NotStandingIn),
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


@contextmanager
def refusals() -> Generator[None]:
    """Says in words why the database refuses a proposal, at the end of its transaction too."""
    try:
        yield
    except psycopg.errors.DatabaseError as problem:
        raise proposal_refused(problem) from problem


def translated(problem: psycopg.Error) -> Exception:
    """The error for a refusal of a decision; anything else unchanged."""
    known = _STATES.get(problem.sqlstate or "")
    return known() if known else problem


class UnknownCard(CountersignError):
    code = "signoff.unknown_card"
    status = 404
    message = "This system was not shown a card of this identifier."


class AlreadyTold(CountersignError):
    code = "signoff.card_already_told"
    status = 409
    message = "Another outcome of this card was told before; that one stays."


class BadOutcomeOfCard(CountersignError):
    code = "signoff.bad_outcome_of_card"
    status = 400
    message = "An outcome is “accepted” or “overridden”, with a comment of 4,000 signs at most."
