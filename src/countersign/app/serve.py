"""The web server's first module: guards its processes before they do anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .guarding import guard
from .settings import from_environment

if TYPE_CHECKING:
    from fastapi import FastAPI


def application() -> FastAPI:
    """What each web process calls: guarded first, then built."""
    guard(from_environment())
    from .web import application as build

    return build()


if __name__ == "__main__":
    from uvicorn.main import main

    guard(from_environment())
    main()
