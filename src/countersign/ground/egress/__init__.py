"""The only network client of the house; it reaches what the hospital allows and nothing else."""

from .answering import Tls, answering, share_port, welcome
from .children import Children
from .client import Answer, Egress, Streamed
from .delivery import BadServer, Server, server
from .errors import AddressRefused, EgressFailed, EgressRefused, HookRefused
from .guard import GUARD, Guard
from .loop import guarded_loop
from .pace import Ended
from .places import BadPlace, Place, places

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
