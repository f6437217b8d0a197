"""The shell's own pages: sign-in, the person's account, help, language, the way home."""

from .account import account_routes
from .house import house_routes
from .signin import signin_routes

__all__ = ["account_routes", "house_routes", "signin_routes"]
