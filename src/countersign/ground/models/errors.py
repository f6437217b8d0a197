"""What the registry and the switch refuse."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class IncompleteCard(CountersignError):
    code = "models.incomplete-card"
    status = 500
    message = "The card of {name} is not complete: {what}. Fill it in before registering it."


class VersionTaken(CountersignError):
    code = "models.version-taken"
    status = 409
    message = (
        "{name} {version} is already registered with another {what}. "
        "Raise the version of what was changed."
    )


class UnknownModel(CountersignError):
    code = "models.unknown"
    status = 404
    message = "{name} {version} is not registered here. Look at the list of models."


class AIStopped(CountersignError):
    code = "models.ai-stopped"
    status = 503
    message = (
        "AI is stopped: nothing is proposed until somebody resumes it. "
        "The chart and everything signed stay available."
    )


class NotStopped(CountersignError):
    code = "models.not-stopped"
    status = 409
    message = "AI is running already. Reload the page to see who resumed it."


class ReasonTooShort(CountersignError):
    code = "models.reason-too-short"
    status = 422
    message = "Say in at least {least} characters why AI may run again."


class NoLanguageModel(CountersignError):
    code = "models.no-language-model"
    status = 503
    message = (
        "No language model is assigned to this kind of work ({work}), so the path without one "
        "goes. An administrator can connect a server of the hospital."
    )


class ModelsAway(CountersignError):
    code = "models.away"
    status = 503
    message = (
        "None of the assigned language models gave a good answer in time ({why}). Go on without "
        "it, or try again; if it stays so, tell IT."
    )


class BudgetSpent(CountersignError):
    code = "models.budget-spent"
    status = 429
    message = (
        "The language models' budget for this kind of work is spent until {until}. Go on "
        "without them, or ask an administrator to raise it."
    )


class AnswerUnfinished(CountersignError):
    code = "models.unfinished"
    status = 409
    message = "The answer is not finished yet, so it is not given out. Wait for its end."


UNANSWERED = (NoLanguageModel, ModelsAway, BudgetSpent)
"""Why a language model gave no answer; a room then says so and takes its other path."""
