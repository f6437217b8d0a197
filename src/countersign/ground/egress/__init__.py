"""The only network client of the house; it reaches what the hospital allows and nothing else.

A process that computes takes the guard from here, and no client.
"""

from typing import TYPE_CHECKING

from .answering import Tls, answering, share_port, welcome
from .children import Children
from .errors import AddressRefused, EgressFailed, EgressRefused, HookRefused
from .guard import GUARD, Guard
from .pace import Ended
from .places import BadPlace, Place, places

if TYPE_CHECKING:
    from .client import Answer, Egress, Streamed
    from .delivery import BadServer, Server, server
    from .loop import guarded_loop
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import client, delivery, loop

        return next(getattr(one, name) for one in (client, delivery, loop) if hasattr(one, name))


__all__ = [
    "GUARD",
    "AddressRefused",
    "Answer",
    "BadPlace",
    "BadServer",
    "Children",
    "Egress",
    "EgressFailed",
    "EgressRefused",
    "Ended",
    "Guard",
    "HookRefused",
    "Place",
    "Server",
    "Streamed",
    "Tls",
    "answering",
    "guarded_loop",
    "places",
    "server",
    "share_port",
    "welcome",
]
