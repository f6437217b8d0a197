"""Catches what nobody foresaw: a page with a reference for the person, a place for IT."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from jinja2 import TemplateError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from countersign.ground.shell.errors import Unexpected
from countersign.kit.ids import NewId

from .fence import Refuse, turn_away

log = logging.getLogger(__name__)


class LastResort:
    """Answers 500 without a trace; logs where it happened, never what the data were.

    The text of an exception may quote a row or a document, so only its type and the
    places it passed are written down.
    """

    def __init__(self, app: ASGIApp, new_id: NewId, refuse: Refuse) -> None:
        self._app = app
        self._new_id = new_id
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answered = False

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as problem:  # noqa: BLE001 - the last place where anything can be caught
            reference = self._new_id()[-12:]
            log.error("reference %s: %s", reference, _places(problem))
            if answered:
                raise ConnectionAbortedError from None
            await turn_away(self._refuse, Unexpected(reference=reference), scope, receive, send)


def _places(problem: BaseException) -> str:
    chain: list[str] = []
    current: BaseException | None = problem
    while current is not None:
        frames = traceback.extract_tb(current.__traceback__)
        ours = [frame for frame in frames[:-1] if "countersign" in Path(frame.filename).parts]
        passed = " > ".join(f"{frame.filename}:{frame.lineno}" for frame in [*ours, *frames[-1:]])
        # A template's complaint names variables and blocks, never what they hold.
        said = f" ({current})" if isinstance(current, TemplateError) else ""
        chain.append(f"{type(current).__module__}.{type(current).__qualname__}{said} at {passed}")
        current = current.__cause__ or current.__context__
    return " | after ".join(chain)
