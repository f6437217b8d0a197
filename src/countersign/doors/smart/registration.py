"""Reads what an administrator enters about an app, on the page or at the command line."""

from __future__ import annotations

from collections.abc import Iterable

from countersign.ground.identity import AppKind, BadValue, NewApp, read_scopes

from .keysets import public_keys


def new_app(
    name: str,
    kind: str,
    scopes: str,
    *,
    redirect_uris: str = "",
    launch_uri: str = "",
    departments: Iterable[str] = (),
    jwks: str = "",
    jwks_url: str = "",
    introspects: bool = False,
    identifier: str = "",
) -> NewApp:
    """What is to be registered; lists are separated by spaces or lines. Raises BadValue,
    BadScope, BadKeys.
    """
    if kind not in set(AppKind):
        raise BadValue(field="kind")
    if jwks.strip():
        public_keys(jwks)
    return NewApp(
        name=name.strip(),
        kind=AppKind(kind),
        scopes=read_scopes(" ".join(scopes.split())),
        redirect_uris=tuple(dict.fromkeys(redirect_uris.split())),
        launch_uri=launch_uri.strip() or None,
        departments=frozenset(departments),
        jwks=jwks.strip() or None,
        jwks_url=jwks_url.strip() or None,
        introspects=introspects,
        id=identifier.strip() or None,
    )
