"""Every setting of the house in one frozen object, built here and passed down."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from countersign.ground.egress import Place, places
from countersign.ground.ledger import Place as WitnessPlace
from countersign.ground.ledger import places as witness_places
from countersign.ground.vault import Suite
from countersign.kit.errors import CountersignError
from countersign.kit.words import Language


class BadSetting(CountersignError):
    code = "settings.bad"
    status = 500
    message = "The setting {name} is not usable: {problem}. Correct it and start again."


KeyProviderName = Literal["file", "transit", "pkcs11"]
CIPHERS = {"aes": Suite.AES_256_GCM, "sm4": Suite.SM4_GCM}
PROVIDERS: dict[str, KeyProviderName] = {"file": "file", "transit": "transit", "pkcs11": "pkcs11"}


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
    ``witnesses`` (COUNTERSIGN_WITNESSES) cosign the ledger's checkpoints.
    ``cipher`` (COUNTERSIGN_CIPHER) is the suite of new keys. ``key_provider``
    (COUNTERSIGN_KEY_PROVIDER) says what keeps the wrapping keys; the fields that begin with
    its name say how it is reached.
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
    witnesses: tuple[WitnessPlace, ...] = ()
    origin: str = "countersign.local/ledger"
    hospital_en: str = "Demonstration Hospital"
    hospital_zh: str = "演示医院"
    cipher: Suite = Suite.AES_256_GCM
    key_provider: KeyProviderName = "file"
    transit_address: str = ""
    transit_key: str = "countersign"
    transit_token_file: Path | None = None
    pkcs11_library: str = ""
    pkcs11_token: str = ""
    pkcs11_pin_file: Path | None = None

    @property
    def keys(self) -> Path:
        """The folder of key files; back it up apart from the database."""
        return self.home / "keys"

    @property
    def postgres(self) -> Path:
        """The folder of the embedded PostgreSQL."""
        return self.home / "postgres"


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
        time_zone=_zone(given.text("TIME_ZONE", "Asia/Shanghai")),
        bundle_megabytes=given.number("BUNDLE_MEGABYTES", 64, 1, 1024),
        demonstration=given.yes("DEMONSTRATION", True),
        secure_cookies=given.yes("SECURE_COOKIES", False),
        trusted_hosts=tuple(given.text("TRUSTED_HOSTS", "127.0.0.1,localhost").split(",")),
        egress=places(given.text("EGRESS", "").split(",")),
        witnesses=witness_places(given.text("WITNESSES", "")),
        origin=given.text("ORIGIN", "countersign.local/ledger"),
        hospital_en=given.text("HOSPITAL_EN", "Demonstration Hospital"),
        hospital_zh=given.text("HOSPITAL_ZH", "演示医院"),
        cipher=given.choice("CIPHER", "aes", CIPHERS),
        key_provider=given.choice("KEY_PROVIDER", "file", PROVIDERS),
        transit_address=given.text("TRANSIT_ADDRESS", ""),
        transit_key=given.text("TRANSIT_KEY", "countersign"),
        transit_token_file=given.file("TRANSIT_TOKEN_FILE"),
        pkcs11_library=given.text("PKCS11_LIBRARY", ""),
        pkcs11_token=given.text("PKCS11_TOKEN", ""),
        pkcs11_pin_file=given.file("PKCS11_PIN_FILE"),
    )


_Choice = TypeVar("_Choice")


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

    def file(self, name: str) -> Path | None:
        text = self.text(name, "")
        return Path(text).resolve() if text else None

    def choice(self, name: str, default: str, known: Mapping[str, _Choice]) -> _Choice:
        text = self.text(name, default).lower()
        if text not in known:
            problem = f"write {' or '.join(known)}"
            raise BadSetting(name=f"COUNTERSIGN_{name}", problem=problem)
        return known[text]

    def yes(self, name: str, default: bool) -> bool:
        text = self.text(name, "yes" if default else "no").lower()
        if text not in ("yes", "no"):
            raise BadSetting(name=f"COUNTERSIGN_{name}", problem="write yes or no")
        return text == "yes"


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        problem = "write a time zone such as Asia/Shanghai"
        raise BadSetting(name="COUNTERSIGN_TIME_ZONE", problem=problem) from None
    return text


def _language(text: str) -> Language:
    if text == "zh" or text == "en":
        return text
    raise BadSetting(name="COUNTERSIGN_LANGUAGE", problem="write zh or en")
