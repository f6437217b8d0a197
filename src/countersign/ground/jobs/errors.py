"""What the queue refuses."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class BadJob(CountersignError):
    code = "jobs.bad-job"
    status = 500
    message = (
        "{task} cannot be queued: {reason}. A job carries identifiers only, never what they name."
    )


class NotDead(CountersignError):
    code = "jobs.not-dead"
    status = 409
    message = "Job {job} is not among the failed ones any more. Reload the page."
