"""The shell's own pages: sign-in, the person's account, help, language, the way home."""

from .account import account_routes
from .factors import factor_routes
from .hospital import hospital_routes
from .house import house_routes
from .presence import presence_routes
from .second import second_routes
from .signin import signin_routes

__all__ = [
    "account_routes",
    "factor_routes",
    "hospital_routes",
    "house_routes",
    "presence_routes",
    "second_routes",
    "signin_routes",
]
