"""What the doors of FHIR and of SMART both need: the addresses, and calls from apps' pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

SENT = ("authorization", "content-type", "if-match", "if-none-match", "if-none-exist", "prefer")
SHOWN = ("etag", "last-modified", "location")


@dataclass(frozen=True, slots=True)
class SmartAddresses:
    """Where apps find what SMART App Launch names."""

    authorize: str
    token: str
    introspect: str
    revoke: str
    jwks: str

    def by_name(self) -> dict[str, str]:
        """The names of the extension ``oauth-uris`` of SMART App Launch 1."""
        return {
            "authorize": self.authorize,
            "token": self.token,
            "introspect": self.introspect,
            "revoke": self.revoke,
        }


def smart_addresses(root: str) -> SmartAddresses:
    """The addresses of a server whose ``root`` is scheme, host and port."""
    return SmartAddresses(
        f"{root}/smart/authorize",
        f"{root}/oauth/token",
        f"{root}/oauth/introspect",
        f"{root}/oauth/revoke",
        f"{root}/oauth/jwks",
    )


class SharedWith(CORSMiddleware):
    """Lets pages of these origins, and of no others, call from a browser; never with cookies."""

    def __init__(self, app: ASGIApp, origins: Callable[[], frozenset[str]]) -> None:
        super().__init__(
            app,
            allow_methods=("GET", "POST", "PUT", "DELETE"),
            allow_headers=SENT,
            expose_headers=SHOWN,
            max_age=600,
        )
        self._origins = origins
        self._known: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "origin" in Headers(scope=scope):
            self._known = await run_in_threadpool(self._origins)
        await super().__call__(scope, receive, send)

    def is_allowed_origin(self, origin: str) -> bool:
        return origin in self._known
