"""The status of a mention by written rules, where no model has been trained."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from .fact import Status
from .said import Mention
from .turns import Turn

_DENIED = re.compile(r"(?:没有|没|不|无|未|否认|木有|别|没什么)[^，。？！,?!；;]{0,6}$")
_DENIED_AFTER = re.compile(r"^[^，。？！,?!；;]{0,3}(?:没有|不明显|正常|好了|没了|阴性)")
_DOUBT = re.compile(
    r"可能|考虑|如果|若|要是|容易|会不会|是不是|怀疑|排除|引起|导致|预防|避免|防止|的话|或者"
)
_ASKS = re.compile(r"[？?]|吗|么|有没有|呢$|没$")
_NO = re.compile(r"^(?:没|不|无|否|木有|没得|都没|暂时没)")
_YES = re.compile(r"^(?:有|是|对|嗯|恩|会|偶尔|有时|一直)")


def status_of(one: Mention, turns: Sequence[Turn], starts: Sequence[int]) -> Status | None:
    """None where it was only asked and never answered."""
    place = max(0, bisect_right(starts, one.start) - 1)
    turn = turns[place]
    at = one.start - turn.start
    before, after = turn.text[:at], turn.text[one.end - turn.start :]
    denied = _DENIED.search(before) or _DENIED_AFTER.match(after)
    if not turn.staff:
        return Status.ABSENT if denied else Status.PRESENT
    if _ASKS.search(turn.text[at:]) or before.endswith("有没有"):
        answers = [other.text for other in turns[place + 1 : place + 4] if not other.staff]
        for said in answers[:1]:
            if _NO.match(said):
                return Status.ABSENT
            if _YES.match(said):
                return Status.PRESENT
        return None
    if _DOUBT.search(turn.text):
        return Status.UNSURE
    return Status.ABSENT if denied else Status.PRESENT


def together(statuses: Sequence[Status | None]) -> Status | None:
    """Of several mentions a statement counts before a denial, that before a doubt."""
    said = set(statuses)
    for status in (Status.PRESENT, Status.ABSENT, Status.UNSURE):
        if status in said:
            return status
    return None
