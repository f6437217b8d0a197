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
