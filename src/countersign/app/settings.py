"""Every setting of the house in one frozen object, built here and passed down."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from countersign.ground.egress import Place, places
from countersign.kit.errors import CountersignError
from countersign.kit.words import Language

LEAST_TOKEN = 16
"""Characters that a token has at least."""


class BadSetting(CountersignError):
    code = "settings.bad"
    status = 500
    message = "The setting {name} is not usable: {problem}. Correct it and start again."


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation may choose; each field names the variable that sets it.

    ``home`` (COUNTERSIGN_HOME) holds keys and, without ``database``, the embedded
    PostgreSQL. ``database`` (COUNTERSIGN_DATABASE) is the connection string of the owner.
    ``web_processes`` (COUNTERSIGN_WEB_PROCESSES) share one port. ``bundle_megabytes``
    (COUNTERSIGN_BUNDLE_MEGABYTES) bounds one FHIR bundle. ``demonstration``
    (COUNTERSIGN_DEMONSTRATION) fills an empty house with invented patients. ``origin``
    (COUNTERSIGN_ORIGIN) is the name under which the ledger signs; it never changes.
    ``secure_cookies`` (COUNTERSIGN_SECURE_COOKIES) is for service over TLS, and
    ``trusted_hosts`` (COUNTERSIGN_TRUSTED_HOSTS) are the names under which browsers come.
    ``egress`` (COUNTERSIGN_EGRESS) are the addresses of the intranet that may be contacted.
    ``archive`` (COUNTERSIGN_ARCHIVE) is the folder into which the embedded PostgreSQL copies
    its log. ``log`` (COUNTERSIGN_LOG) is the form of the lines that are written, and
    ``metrics_token`` (COUNTERSIGN_METRICS_TOKEN) opens ``/metrics``.
    """

    home: Path
    database: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    web_processes: int = 2
    language: Language = "zh"
    time_zone: str = "Asia/Shanghai"
    bundle_megabytes: int = 64
    demonstration: bool = True
    secure_cookies: bool = False
    trusted_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    egress: tuple[Place, ...] = ()
    archive: Path | None = None
    log: Literal["text", "json"] = "text"
    metrics_token: str | None = field(default=None, repr=False)
    origin: str = "countersign.local/ledger"
    hospital_en: str = "Demonstration Hospital"
    hospital_zh: str = "演示医院"

    @property
    def keys(self) -> Path:
        """The folder of key files; back it up apart from the database."""
        return self.home / "keys"

    @property
    def postgres(self) -> Path:
        """The folder of the embedded PostgreSQL."""
        return self.home / "postgres"

    @property
    def running(self) -> Path:
        """The folder that exists while this installation runs: one for each port."""
        return self.home / "running" / str(self.port)


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings that the environment asks for. Raises BadSetting."""
    given = _Given(os.environ if environment is None else environment)
    return Settings(
        home=Path(given.text("HOME", ".data")).resolve(),
        database=given.text("DATABASE", "") or None,
        host=given.text("HOST", "127.0.0.1"),
        port=given.number("PORT", 8000, 1, 65535),
        web_processes=given.number("WEB_PROCESSES", 2, 1, 64),
        language=_language(given.text("LANGUAGE", "zh")),
        time_zone=given.text("TIME_ZONE", "Asia/Shanghai"),
        bundle_megabytes=given.number("BUNDLE_MEGABYTES", 64, 1, 1024),
        demonstration=given.yes("DEMONSTRATION", True),
        secure_cookies=given.yes("SECURE_COOKIES", False),
        trusted_hosts=tuple(given.text("TRUSTED_HOSTS", "127.0.0.1,localhost").split(",")),
        egress=places(given.text("EGRESS", "").split(",")),
        archive=_folder(given.text("ARCHIVE", "")),
        log=_form(given.text("LOG", "text")),
        metrics_token=_token(given.text("METRICS_TOKEN", "")),
        origin=given.text("ORIGIN", "countersign.local/ledger"),
        hospital_en=given.text("HOSPITAL_EN", "Demonstration Hospital"),
        hospital_zh=given.text("HOSPITAL_ZH", "演示医院"),
    )


class _Given:
    """Reads one variable after the other and says which one is wrong."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str) -> str:
        return self._environment.get(f"COUNTERSIGN_{name}", default).strip()

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if not text.isdecimal() or not low <= int(text) <= high:
            problem = f"write a whole number from {low} to {high}"
            raise BadSetting(name=f"COUNTERSIGN_{name}", problem=problem)
        return int(text)

    def yes(self, name: str, default: bool) -> bool:
        text = self.text(name, "yes" if default else "no").lower()
        if text not in ("yes", "no"):
            raise BadSetting(name=f"COUNTERSIGN_{name}", problem="write yes or no")
        return text == "yes"


def _folder(text: str) -> Path | None:
    return Path(text).resolve() if text else None


def _form(text: str) -> Literal["text", "json"]:
    if text == "text" or text == "json":
        return text
    raise BadSetting(name="COUNTERSIGN_LOG", problem="write text or json")


def _token(text: str) -> str | None:
    if text and (len(text) < LEAST_TOKEN or not text.isascii()):
        problem = f"write at least {LEAST_TOKEN} letters and digits that nobody can guess"
        raise BadSetting(name="COUNTERSIGN_METRICS_TOKEN", problem=problem)
    return text or None


def _language(text: str) -> Language:
    if text == "zh" or text == "en":
        return text
    raise BadSetting(name="COUNTERSIGN_LANGUAGE", problem="write zh or en")
