"""The headers that keep a page from loading, embedding or leaking anything it should not."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

INLINE = Path(__file__).parents[1] / "templates" / "shell"
"""Style and script of patients' pages, and the microphone's, which physicians' pages share. They
stand in each page, so that a slow phone asks once: the policy names what they are, and nothing
else that stands in a page is used."""


def _named(file: str) -> str:
    content = (INLINE / file).read_text(encoding="utf-8").removesuffix("\n")
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        f"script-src 'self' {_named('visit/visit.js')} {_named('speaking.js')}",
        f"style-src 'self' {_named('visit/visit.css')}",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_ALWAYS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


SPOKEN = ("/visit/", "/records/")
"""Pages on which somebody may speak; the browser asks the person first."""


class SecurityHeaders:
    """Adds the headers; whatever names no caching of its own is stored nowhere."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app = app
        self._headers = dict(_ALWAYS)
        if secure:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                if scope["path"].startswith(SPOKEN):
                    policy = _ALWAYS["permissions-policy"]
                    headers["permissions-policy"] = policy.replace(
                        "microphone=()", "microphone=(self)"
                    )
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)
