"""What keeping and serving distilled models refuses."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class UnknownDistillation(CountersignError):
    code = "models.unknown-distillation"
    status = 404
    message = "There is no such distillation. Choose one from the list."


class BadDistillation(CountersignError):
    code = "models.bad-distillation"
    status = 422
    message = "The distillation cannot begin: {what}"


class NotInThatState(CountersignError):
    code = "models.distillation-state"
    status = 409
    message = "This small model is no longer in that state. Load the page again and look at it."


class FrozenSetRefuses(CountersignError):
    code = "models.frozen-set-refuses"
    status = 409
    message = (
        "On the frozen set this small model was not shown to be as good as its teacher, so it "
        "does not go live. Give it more labelled text and distil again."
    )
