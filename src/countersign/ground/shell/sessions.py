"""Who sits behind a request: the cookies, the session, and the guards that pages depend on."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from countersign.ground.identity import Accounts, Action, Facts, Party, Policy, Principal
from countersign.kit.errors import CountersignError

from .errors import NotSignedIn
from .site import Site
from .tokens import cookie_name, new_visitor

SIGN_IN = "/sign-in"
guards: dict[object, Action] = {}
"""Which action each guard asks about, so that pages can be compared with the policy."""
SESSION = "session"
VISITOR = "visitor"
PENDING = "pending"
"""The secret of somebody who still owes the second proof."""
JOURNEY = "journey"
"""The secret of a browser that went to the hospital's own sign-in."""
MINUTES = 600


class Sessions:
    """Reads sessions from cookies; kept on the application's state for the dependencies."""

    def __init__(self, accounts: Accounts, policy: Policy, secure: bool) -> None:
        self._accounts = accounts
        self.policy = policy
        self._secure = secure

    def principal(self, request: Request) -> Principal | None:
        """The person of this request; looked up once, None when signed out."""
        if not hasattr(request.state, "principal"):
            token = self.token(request)
            session = self._accounts.principal_for(token) if token else None
            request.state.principal = session.principal if session else None
            request.state.form_secret = token if session else None
        return request.state.principal

    def token(self, request: Request) -> str | None:
        """The session's secret as the browser keeps it."""
        return request.cookies.get(self._name(SESSION))

    def visitor(self, request: Request) -> str | None:
        """The secret of a browser that has not signed in yet."""
        return request.cookies.get(self._name(VISITOR))

    def pending(self, request: Request) -> str | None:
        """The secret of a sign-in that is half done."""
        return request.cookies.get(self._name(PENDING))

    def journey(self, request: Request) -> str | None:
        """The secret with which this browser went to the hospital's own sign-in."""
        return request.cookies.get(self._name(JOURNEY))

    def secret(self, request: Request) -> str | None:
        """What the form token of this request must be made from; None where none is needed.

        Sign-in is protected with a secret of its own, so that nobody can be signed in to a
        stranger's account by a foreign page.
        """
        if request.url.path == SIGN_IN:
            return self.visitor(request) or new_visitor()
        if request.url.path.startswith(f"{SIGN_IN}/"):
            return self.pending(request) or new_visitor()
        return self.token(request)

    def remember(self, response: Response, name: str, value: str, seconds: int | None) -> None:
        """Sets a cookie that scripts cannot read and other sites cannot send with a form."""
        response.set_cookie(
            self._name(name),
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def forget(self, response: Response, name: str) -> None:
        """Removes a cookie."""
        response.delete_cookie(
            self._name(name), path="/", secure=self._secure, httponly=True, samesite="lax"
        )

    def _name(self, name: str) -> str:
        return cookie_name(name, self._secure)


def sessions_of(request: Request) -> Sessions:
    """The sessions of the application that serves this request."""
    return request.app.state.sessions


def known(request: Request) -> Principal | None:
    """The person of this request if that can be told; never fails, for pages about errors."""
    try:
        return sessions_of(request).principal(request)
    except (AttributeError, CountersignError):
        return None


def signed_in(request: Request) -> Principal:
    """Dependency: the person who asks. Raises NotSignedIn."""
    principal = sessions_of(request).principal(request)
    if principal is None:
        raise NotSignedIn
    return principal


SignedIn = Annotated[Principal, Depends(signed_in)]
"""The parameter type of a page that any signed-in person may open."""


def guarded(action: Action) -> Any:
    """Dependency (``Annotated[Principal, guarded(…)]``): the person who asks, once the policy
    allows ``action`` in this house.

    It asks about no patient: whatever concerns one is asked again, with that patient's
    facts, by the part that holds it. Raises NotSignedIn and Forbidden.
    """

    def guard(request: Request, principal: SignedIn) -> Principal:
        sessions_of(request).policy.require(principal, action, Facts.house())
        return principal

    guards[guard] = action
    return Depends(guard)


def local_path(text: str | None, otherwise: str = "/") -> str:
    """A path on this server, or ``otherwise``: nobody is led to a foreign site."""
    if not text or not text.startswith("/") or text[1:2] == "/" or len(text) > 2000:
        return otherwise
    if any(ord(letter) < 0x21 or letter == "\\" for letter in text):
        return otherwise
    parts = urlsplit(text)
    return otherwise if parts.scheme or parts.netloc else text


def party_of(request: Request, site: Site) -> Party:
    """The address under which this browser came; HostGuard let its host name pass."""
    scheme = "https" if site.secure else "http"
    origin = site.address or f"{scheme}://{request.headers.get('host', '')}".lower()
    host = urlsplit(origin).hostname or ""
    return Party(origin, host, f"Countersign · {site.hospital.en}")
