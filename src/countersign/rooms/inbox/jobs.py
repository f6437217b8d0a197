"""What the inbox does by itself: expiry, and releases that a breakdown interrupted."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.jobs import Handler, JobContext, Periodic
from countersign.ground.shell import Floor
from countersign.kit.json import JSON

from .service import Inbox

EXPIRE = "inbox.expire"
RELEASE = "inbox.release"

PERIODIC = (Periodic(EXPIRE, 60), Periodic(RELEASE, 15))


def handlers(floor: Floor) -> Mapping[str, Handler]:
    """The tasks of this room."""
    inbox = Inbox(floor.signoff, floor.release)

    def expire(context: JobContext, args: JSON) -> None:
        context.progress(inbox.expire(), None)

    def release(context: JobContext, args: JSON) -> None:
        context.progress(inbox.release_waiting(), None)

    return {EXPIRE: expire, RELEASE: release}
