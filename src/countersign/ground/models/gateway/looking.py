"""Looks at a server as thoroughly as a probe can, and says what keeps it from being one."""

from __future__ import annotations

import random

from countersign.kit.json import JSON

from .access import Access
from .errors import ServerAway, ServerFailed, ServerRefused, Trouble
from .probe import over, probe

EACH, WITHIN = 15.0, 60.0
"""Seconds of one request, and about of everything: an administrator waits for it."""

_TROUBLES: dict[str, type[Trouble]] = {
    "refused": ServerAway,
    "away": ServerAway,
    "late": ServerAway,
    "broken": ServerAway,
    "key": ServerRefused,
}


def thorough(access: Access) -> JSON:
    """What ``Probed.as_json`` keeps. Raises ServerAway, ServerRefused, ServerFailed where the
    server lists no model.
    """
    post = over(access.egress, access.address, access.headers)
    found = probe(post, random.Random(), seconds=EACH, within=WITHIN)  # noqa: S311 - no secret
    if not found.models:
        code = next(iter(found.problems), "")
        raise _TROUBLES.get(code, ServerFailed)(server=access.name)
    return found.as_json()
