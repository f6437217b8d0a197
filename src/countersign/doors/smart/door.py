"""The door of SMART on FHIR: its pages as a manifest, its addresses as applications to mount."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter
from starlette.types import ASGIApp

from countersign.ground.identity import Action
from countersign.ground.shell import Floor, Manifest, NavItem
from countersign.kit.words import Words

from .administration import add_administration
from .discovery import discovery
from .endpoints import endpoints
from .pages import add_pages

HERE = Path(__file__).parent


def door(floor: Floor, keys: Path) -> Mapping[str, ASGIApp]:
    """What is mounted where, before ``/fhir`` itself; ``keys`` is the folder of key files."""
    return {"/fhir/.well-known": discovery(floor), "/oauth": endpoints(floor, keys)}


def _pages(floor: Floor) -> APIRouter:
    router = APIRouter(prefix="/smart")
    add_pages(router, floor)
    add_administration(router, floor)
    return router


manifest = Manifest(
    name="smart",
    title=Words("Apps", "应用"),
    summary=Words(
        "Apps that people let read for them, and services that prove who they are.",
        "经人员授权读取的应用，以及可证明身份的后台服务。",
    ),
    pages=_pages,
    nav=(NavItem("/smart/apps", Words("Apps", "应用"), (Action.CLIENTS_READ,)),),
    templates=HERE / "templates" / "smart",
    locale=HERE / "locale",
)
