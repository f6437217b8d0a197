"""Every setting of the house in one frozen object, built here and passed down."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from countersign.doors.dicom.settings import DicomSettings
from countersign.doors.hl7v2.settings import Hl7v2Settings
from countersign.ground.egress import Place, Server, places, server
from countersign.ground.identity import ProviderSettings, SecondFactor
from countersign.ground.ledger import NoteRefused, Verifier
from countersign.ground.ledger import Place as WitnessPlace
from countersign.ground.ledger import places as witness_places
from countersign.ground.library import ModelServer, SearchAids
from countersign.ground.vault import Suite
from countersign.kit.words import Language

from .given import BadSetting, Given
from .listeners import dicom, hl7v2

LEAST_TOKEN = 16
"""Characters that a token has at least."""


KeyProviderName = Literal["file", "transit", "pkcs11"]
CIPHERS = {"aes": Suite.AES_256_GCM, "sm4": Suite.SM4_GCM}
PROVIDERS: dict[str, KeyProviderName] = {"file": "file", "transit": "transit", "pkcs11": "pkcs11"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation may choose; each field names the variable that sets it.

    ``home`` (COUNTERSIGN_HOME) holds keys and, without ``database``, the embedded
    PostgreSQL. ``database`` (COUNTERSIGN_DATABASE) is the connection string of the owner.
    ``web_processes`` (COUNTERSIGN_WEB_PROCESSES) share one port. ``bundle_megabytes``
    (COUNTERSIGN_BUNDLE_MEGABYTES) bounds one FHIR bundle, ``library_megabytes``
    (COUNTERSIGN_LIBRARY_MEGABYTES) one document of the library; ``library_folder``
    (COUNTERSIGN_LIBRARY_FOLDER) is watched for new documents; below ``library_root``
    (COUNTERSIGN_LIBRARY_ROOT) curators choose folders to be watched, and ``search_aids``
    (COUNTERSIGN_SEARCH_SYNONYMS, …_HPO, …_ICD10, …_QUESTIONS, …_ENCODER, …) are what
    the hospital gives the search beside words. ``disease_names``
    (COUNTERSIGN_DISEASE_NAMES) is a table of Chinese names of rare diseases, ``conditions_folder``
    (COUNTERSIGN_CONDITIONS_FOLDER) the hospital's own common conditions.
    ``assistants_folder`` (COUNTERSIGN_ASSISTANTS_FOLDER) holds the hospital's own assistants of
    departments, ``medical_sets`` (COUNTERSIGN_MEDICAL_SETS) its copies of medical question sets,
    ``records_folder`` (COUNTERSIGN_RECORDS_FOLDER) its kinds of records and what it trained for
    them. ``slides_folder`` (COUNTERSIGN_SLIDES_FOLDER) is watched for whole slides, which are
    read where they are; ``slides_kept`` (COUNTERSIGN_SLIDES_KEPT) holds those that were sent, and
    all that is measured. ``compute_processes`` (COUNTERSIGN_COMPUTE_PROCESSES) is how many
    processes compute; ``ray`` (COUNTERSIGN_RAY) is the address of a Ray cluster that computes in
    their place. ``demonstration`` (COUNTERSIGN_DEMONSTRATION) fills an empty house with
    invented patients. ``origin`` (COUNTERSIGN_ORIGIN) is the name under which the ledger
    signs; it never changes.
    ``secure_cookies`` (COUNTERSIGN_SECURE_COOKIES) is for service over TLS, and
    ``trusted_hosts`` (COUNTERSIGN_TRUSTED_HOSTS) are the names under which browsers come.
    ``egress`` (COUNTERSIGN_EGRESS) are the addresses of the intranet that may be contacted, and
    ``authorities`` (COUNTERSIGN_AUTHORITIES) a file of CA certificates that vouch for them.
    ``witnesses`` (COUNTERSIGN_WITNESSES) cosign the ledger's checkpoints.
    ``signer_command`` (COUNTERSIGN_SIGNER_COMMAND) is the hospital's device that signs them too,
    and ``signer_key`` (COUNTERSIGN_SIGNER_KEY) its public key. ``syslog`` (COUNTERSIGN_SYSLOG) is
    the collector that every event is forwarded to.
    ``cipher`` (COUNTERSIGN_CIPHER) is the suite of new keys. ``key_provider``
    (COUNTERSIGN_KEY_PROVIDER) says what keeps the wrapping keys; the fields that begin with
    its name say how it is reached.
    ``address`` (COUNTERSIGN_ADDRESS) is what stands before the path in the browsers' address
    line; without it, what each browser names. ``openid`` (COUNTERSIGN_OPENID_ISSUER,
    …_CLIENT, …_SECRET_FILE) is the hospital's own sign-in; ``local_accounts``
    (COUNTERSIGN_LOCAL_ACCOUNTS) leaves passwords beside it. ``second_factor``
    (COUNTERSIGN_SECOND_FACTOR) says of whom one is demanded. ``step_up_minutes``
    (COUNTERSIGN_STEP_UP_MINUTES) is how long a proof counts before the highest risk is signed.
    ``archive`` (COUNTERSIGN_ARCHIVE) is the folder into which the embedded PostgreSQL copies
    its log. ``log`` (COUNTERSIGN_LOG) is the form of the lines that are written, and
    ``metrics_token`` (COUNTERSIGN_METRICS_TOKEN) opens ``/metrics``. ``hl7v2``
    (COUNTERSIGN_HL7V2_PORT, …_HOST, …_PEERS, …_CERTIFICATE, …_KEY, …_CLIENTS, …_DEPARTMENTS,
    …_SEND, …_MEGABYTES) is the listener for HL7 v2 messages, and ``dicom``
    (COUNTERSIGN_DICOM_PORT, …_HOST, …_TITLE, …_CALLERS, …_PEERS, …_CERTIFICATE, …_KEY, …_CLIENTS,
    …_MEGABYTES, …_QUIET) what takes pictures in.
    """

    home: Path
    database: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    web_processes: int = 2
    language: Language = "zh"
    time_zone: str = "Asia/Shanghai"
    bundle_megabytes: int = 64
    library_megabytes: int = 200
    library_folder: Path | None = None
    library_root: Path | None = None
    disease_names: Path | None = None
    conditions_folder: Path | None = None
    search_aids: SearchAids = field(default_factory=SearchAids)
    assistants_folder: Path | None = None
    medical_sets: Path | None = None
    records_folder: Path | None = None
    slides_folder: Path | None = None
    slides_kept: Path | None = None
    compute_processes: int = 2
    ray: str | None = None
    demonstration: bool = True
    secure_cookies: bool = False
    trusted_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    egress: tuple[Place, ...] = ()
    witnesses: tuple[WitnessPlace, ...] = ()
    signer_command: tuple[str, ...] = ()
    signer_key: Verifier | None = None
    syslog: Server | None = None
    address: str | None = None
    openid: ProviderSettings | None = None
    local_accounts: bool = True
    second_factor: SecondFactor = SecondFactor.NO
    step_up_minutes: int = 10
    authorities: Path | None = None
    archive: Path | None = None
    log: Literal["text", "json"] = "text"
    metrics_token: str | None = field(default=None, repr=False)
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
    hl7v2: Hl7v2Settings = field(default_factory=Hl7v2Settings)
    dicom: DicomSettings = field(default_factory=DicomSettings)

    @property
    def keys(self) -> Path:
        """The folder of key files; back it up apart from the database."""
        return self.home / "keys"

    @property
    def slides(self) -> Path:
        """The folder of slides that were sent, and of all results."""
        return self.slides_kept or self.home / "slides"

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
    given = Given(os.environ if environment is None else environment)
    return Settings(
        home=Path(given.text("HOME", ".data")).resolve(),
        database=given.text("DATABASE", "") or None,
        host=given.text("HOST", "127.0.0.1"),
        port=given.number("PORT", 8000, 1, 65535),
        web_processes=given.number("WEB_PROCESSES", 2, 1, 64),
        language=_language(given.text("LANGUAGE", "zh")),
        time_zone=_zone(given.text("TIME_ZONE", "Asia/Shanghai")),
        bundle_megabytes=given.number("BUNDLE_MEGABYTES", 64, 1, 1024),
        library_megabytes=given.number("LIBRARY_MEGABYTES", 200, 1, 2048),
        library_folder=_folder(given.text("LIBRARY_FOLDER", "")),
        library_root=_root(given),
        disease_names=given.file("DISEASE_NAMES"),
        conditions_folder=_folder(given.text("CONDITIONS_FOLDER", "")),
        search_aids=_search_aids(given),
        assistants_folder=_folder(given.text("ASSISTANTS_FOLDER", "")),
        medical_sets=_folder(given.text("MEDICAL_SETS", "")),
        records_folder=_folder(given.text("RECORDS_FOLDER", "")),
        slides_folder=_folder(given.text("SLIDES_FOLDER", "")),
        slides_kept=_folder(given.text("SLIDES_KEPT", "")),
        compute_processes=given.number("COMPUTE_PROCESSES", 2, 1, 256),
        ray=_ray(given.text("RAY", "")),
        demonstration=given.yes("DEMONSTRATION", True),
        secure_cookies=given.yes("SECURE_COOKIES", False),
        trusted_hosts=tuple(given.text("TRUSTED_HOSTS", "127.0.0.1,localhost").split(",")),
        egress=places(given.text("EGRESS", "").split(",")),
        witnesses=witness_places(given.text("WITNESSES", "")),
        signer_command=_command(given.text("SIGNER_COMMAND", "")),
        signer_key=_signer_key(given.text("SIGNER_KEY", "")),
        syslog=server(syslog) if (syslog := given.text("SYSLOG", "")) else None,
        address=_address(given.text("ADDRESS", "")),
        openid=_openid(given),
        local_accounts=given.yes("LOCAL_ACCOUNTS", True),
        second_factor=_second_factor(given.text("SECOND_FACTOR", "no")),
        step_up_minutes=given.number("STEP_UP_MINUTES", 10, 1, 60),
        authorities=given.file("AUTHORITIES"),
        archive=_folder(given.text("ARCHIVE", "")),
        log=_form(given.text("LOG", "text")),
        metrics_token=_token(given.text("METRICS_TOKEN", "")),
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
        hl7v2=hl7v2(given),
        dicom=dicom(given),
    )


def _search_aids(given: Given) -> SearchAids:
    token = _secret("SEARCH_TOKEN_FILE", given.text("SEARCH_TOKEN_FILE", ""))
    aids = SearchAids(
        synonyms=given.file("SEARCH_SYNONYMS"),
        hpo=given.file("SEARCH_HPO"),
        icd10=given.file("SEARCH_ICD10"),
        questions=given.file("SEARCH_QUESTIONS"),
        encoder=_folder(given.text("SEARCH_ENCODER", "")),
        embedding=_model_server(
            "SEARCH_EMBEDDING",
            given.text("SEARCH_EMBEDDING", ""),
            given.text("SEARCH_EMBEDDING_MODEL", ""),
            token,
        ),
        reranking=_model_server(
            "SEARCH_RERANKING",
            given.text("SEARCH_RERANKING", ""),
            given.text("SEARCH_RERANKING_MODEL", ""),
            token,
        ),
        seconds=given.number("SEARCH_SECONDS", 2, 1, 30),
        helpful=given.yes("SEARCH_HELPFUL", True),
    )
    if aids.encoder is not None and (aids.embedding is not None or not aids.encoder.is_dir()):
        problem = "name a folder that is there, and no embedding server beside it"
        raise BadSetting(name="COUNTERSIGN_SEARCH_ENCODER", problem=problem)
    return aids


def _model_server(name: str, address: str, model: str, token: str | None) -> ModelServer | None:
    if not address and not model:
        return None
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.username or not model:
        problem = f"write an address such as http://HOST:8000/v1, and COUNTERSIGN_{name}_MODEL"
        raise BadSetting(name=f"COUNTERSIGN_{name}", problem=problem)
    return ModelServer(address.rstrip("/"), model, token)


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        problem = "write a time zone such as Asia/Shanghai"
        raise BadSetting(name="COUNTERSIGN_TIME_ZONE", problem=problem) from None
    return text


def _command(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        problem = "its quotation marks do not match"
        raise BadSetting(name="COUNTERSIGN_SIGNER_COMMAND", problem=problem) from None


def _signer_key(text: str) -> Verifier | None:
    try:
        return Verifier.parse(text) if text else None
    except NoteRefused:
        problem = "write the key as “countersign ledger signer” prints it"
        raise BadSetting(name="COUNTERSIGN_SIGNER_KEY", problem=problem) from None


def _folder(text: str) -> Path | None:
    return Path(text).resolve() if text else None


def _root(given: Given) -> Path | None:
    root, folder = (
        _folder(given.text("LIBRARY_ROOT", "")),
        _folder(given.text("LIBRARY_FOLDER", "")),
    )
    if root and folder and (root.is_relative_to(folder) or folder.is_relative_to(root)):
        problem = "name a folder that neither holds COUNTERSIGN_LIBRARY_FOLDER nor lies in it"
        raise BadSetting(name="COUNTERSIGN_LIBRARY_ROOT", problem=problem)
    return root


def _ray(text: str) -> str | None:
    host, _, port = text.rpartition(":")
    if text and (not host or not port.isdecimal() or not 0 < int(port) < 65536):
        raise BadSetting(name="COUNTERSIGN_RAY", problem="write HOST:PORT of the cluster's head")
    return text or None


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


def _address(text: str) -> str | None:
    parts = urlsplit(text)
    whole = parts.scheme in ("http", "https") and parts.netloc and parts.path in ("", "/")
    if text and (not whole or parts.query or parts.fragment or parts.username):
        problem = "write https:// and the host name, such as https://countersign.hospital.internal"
        raise BadSetting(name="COUNTERSIGN_ADDRESS", problem=problem)
    return f"{parts.scheme}://{parts.netloc}" if text else None


def _openid(given: Given) -> ProviderSettings | None:
    issuer, client = given.text("OPENID_ISSUER", ""), given.text("OPENID_CLIENT", "")
    secret = _secret("OPENID_SECRET_FILE", given.text("OPENID_SECRET_FILE", ""))
    if bool(issuer) != bool(client):
        problem = "set COUNTERSIGN_OPENID_ISSUER and COUNTERSIGN_OPENID_CLIENT, or neither"
        raise BadSetting(name="COUNTERSIGN_OPENID_ISSUER", problem=problem)
    if not issuer:
        if not given.yes("LOCAL_ACCOUNTS", True):
            problem = "without the hospital's own sign-in nobody could come in: write yes"
            raise BadSetting(name="COUNTERSIGN_LOCAL_ACCOUNTS", problem=problem)
        return None
    if urlsplit(issuer).scheme not in ("http", "https") or not urlsplit(issuer).netloc:
        problem = "write the provider's address exactly as its tokens name it"
        raise BadSetting(name="COUNTERSIGN_OPENID_ISSUER", problem=problem)
    return ProviderSettings(issuer, client, secret)


def _secret(name: str, file: str) -> str | None:
    """A secret stands in a file, where no list of processes and no log shows it."""
    if not file:
        return None
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as problem:
        raise BadSetting(
            name=f"COUNTERSIGN_{name}", problem="this file cannot be read"
        ) from problem


def _second_factor(text: str) -> SecondFactor:
    try:
        return SecondFactor(text)
    except ValueError:
        raise BadSetting(
            name="COUNTERSIGN_SECOND_FACTOR", problem="write no, signers or everybody"
        ) from None
