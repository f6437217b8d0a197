"""Turns a template and what a room knows into a page with menu, banners and languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from countersign.ground.identity import Principal
from countersign.ground.models import Switch, SwitchState
from countersign.kit.errors import CountersignError
from countersign.kit.words import LANGUAGES, Language, Words

from .assets import Assets, built
from .environment import environment
from .formats import Formats
from .languages import chosen, translations
from .navigation import Navigation
from .site import Site
from .tokens import cookie_name, form_token

LOCALE = Path(__file__).parent / "locale"
LANGUAGE_COOKIE = "language"


class Pages:
    """Renders every page of the house.

    ``templates`` gives each room's folder by the room's name, so that a room's
    ``list.html`` is asked for as ``inbox/list.html``; ``locales`` are the rooms' own
    translations.
    """

    def __init__(
        self,
        site: Site,
        navigation: Navigation,
        switch: Switch,
        templates: Mapping[str, Path] | None = None,
        locales: Iterable[Path] = (),
        assets: Assets | None = None,
    ) -> None:
        self.site = site
        self.navigation = navigation
        self._switch = switch
        self._cookie = cookie_name(LANGUAGE_COOKIE, site.secure)
        self._assets = assets or built()
        self._translations = translations([LOCALE, *locales])
        self._formats = {name: Formats(name, site.zone) for name in LANGUAGES}
        self._environments = {name: self._environment(name, templates or {}) for name in LANGUAGES}

    def render(
        self, request: Request, template: str, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """A page in the language of the request; ``context`` is what the template names.

        Every template also knows ``principal``, ``csrf``, ``nav``, ``site``, ``ai`` and
        ``here``. Raises jinja2.UndefinedError for a name that is neither.
        """
        language = self.language(request)
        found = self._environments[language].get_template(template)
        html = found.render(**self._common(request), **context)
        return HTMLResponse(html, status, {"content-language": language, "vary": "cookie"})

    def language(self, request: Request) -> Language:
        """The language in which this person reads."""
        headers = request.headers
        cookie = request.cookies.get(self._cookie)
        return chosen(cookie, headers.get("accept-language"), self.site.language)

    def formats(self, request: Request) -> Formats:
        """The ways of writing dates and numbers for this request, for use in Python."""
        return self._formats[self.language(request)]

    def sentence(self, request: Request, error: CountersignError) -> str:
        """What an error says, in the language of the request, with details that are said."""
        language = self.language(request)
        known = self._translations[language].gettext

        def told(value: object) -> object:
            if isinstance(value, Words):
                return value.into(language)
            return known(value) if isinstance(value, str) and value else value

        said = {name: told(value) for name, value in error.details.items()}
        return CountersignError(**said).sentence(known(error.message))

    def stopped(self) -> SwitchState | None:
        """Whether AI is stopped; None while that cannot be known."""
        try:
            return self._switch.state()
        except CountersignError:
            return None

    def _environment(self, language: Language, templates: Mapping[str, Path]) -> Environment:
        return environment(
            self._formats[language],
            self._translations[language],
            templates,
            {"site": self.site, "assets": self._assets},
        )

    def _common(self, request: Request) -> dict[str, Any]:
        principal: Principal | None = getattr(request.state, "principal", None)
        secret: str | None = getattr(request.state, "form_secret", None)
        return {
            "principal": principal,
            "csrf": form_token(secret) if secret else "",
            "nav": self.navigation.items(principal),
            "current": self.navigation.current(principal, request.url.path),
            "ai": self.stopped(),
            "path": request.url.path,
            "here": here(request),
        }


def here(request: Request) -> str:
    """The address to come back to, without the host; for a sent form, the page it was on."""
    if request.method in ("GET", "HEAD"):
        query = request.url.query
        return f"{request.url.path}?{query}" if query else request.url.path
    before = urlsplit(request.headers.get("referer", ""))
    if before.netloc != request.headers.get("host"):
        return "/"
    return f"{before.path}?{before.query}" if before.query else before.path


def with_query(path: str, **parameters: str | int | None) -> str:
    """A path with the parameters that are given."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path
