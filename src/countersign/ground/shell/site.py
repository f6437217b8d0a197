"""What the pages and the HTTP edge need to know of one installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from countersign.kit.words import Language, Words

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Site:
    """Settings that the app reads once and hands down.

    ``language`` is spoken where neither the person nor the browser asks for one. ``hosts``
    are the host names (without port) under which browsers may come; ``secure`` says that
    they come over TLS; ``address`` is the one address under which they do (scheme and host),
    None where each browser's own word is taken; ``body_limit`` is the largest request in
    bytes, and ``body_limits`` gives other limits to paths that begin so.
    """

    hospital: Words
    version: str
    demo: bool = False
    language: Language = "zh"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    secure: bool = False
    address: str | None = None
    body_limit: int = MEBIBYTE
    body_limits: Mapping[str, int] = field(default_factory=dict[str, int])

    def limit_for(self, path: str) -> int:
        """The largest request body in bytes for a path: the longest prefix decides."""
        fitting = [prefix for prefix in self.body_limits if path.startswith(prefix)]
        return self.body_limits[max(fitting, key=len)] if fitting else self.body_limit
