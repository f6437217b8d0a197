"""What every request passes before a page sees it: host, size and origin, and its headers."""

from .fence import Refuse
from .forgery import ForgeryGuard
from .headers import CONTENT_POLICY, SecurityHeaders
from .hosts import HostGuard
from .limits import SizeLimit
from .net import LastResort

__all__ = [
    "CONTENT_POLICY",
    "ForgeryGuard",
    "HostGuard",
    "LastResort",
    "Refuse",
    "SecurityHeaders",
    "SizeLimit",
]
