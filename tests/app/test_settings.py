"""Settings: every variable is read, a wrong one is named with what to write instead."""

from __future__ import annotations

import stat
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from countersign.app.secret import SecretExposed, derived, installation_secret
from countersign.app.settings import BadSetting, Settings, from_environment
from countersign.ground.ledger import Cosigner, Signer
from countersign.ground.library import ModelServer, SearchAids

WITNESS = Cosigner("w1.example", bytes(32)).verifier.text
DEVICE = Signer("ward.example/ledger", bytes(32)).verifier.text

MESSAGES = {
    "HL7V2_PORT": "2575",
    "HL7V2_HOST": "10.0.0.7",
    "HL7V2_PEERS": "10.1.0.0/16, 10.2.0.9",
    "HL7V2_CERTIFICATE": __file__,
    "HL7V2_KEY": __file__,
    "HL7V2_CLIENTS": __file__,
    "HL7V2_DEPARTMENTS": "cardiology, surgery",
    "HL7V2_SEND": "tls://his.example:2576",
    "HL7V2_MEGABYTES": "4",
}
PICTURES = {
    "DICOM_PORT": "11112",
    "DICOM_HOST": "10.0.0.7",
    "DICOM_TITLE": "WARD",
    "DICOM_CALLERS": "SCANNER1, PACS",
    "DICOM_PEERS": "10.1.0.0/16",
    "DICOM_CERTIFICATE": __file__,
    "DICOM_KEY": __file__,
    "DICOM_CLIENTS": __file__,
    "DICOM_MEGABYTES": "4",
    "DICOM_QUIET": "5",
}
LISTENING = {**MESSAGES, **PICTURES}


LIBRARY = {
    "LIBRARY_MEGABYTES": "50",
    "LIBRARY_FOLDER": "/guidelines",
    "LIBRARY_ROOT": "/choosable",
}
SLIDES = {
    "SLIDES_FOLDER": "/slides",
    "SLIDES_KEPT": "/kept",
    "COMPUTE_PROCESSES": "6",
    "RAY": "10.0.0.8:6379",
}


def test_nothing_needs_to_be_set() -> None:
    settings = from_environment({})
    assert settings.home == Path(".data").resolve()
    assert settings.database is None
    assert settings == Settings(home=settings.home)
    assert (settings.keys.parent, settings.postgres.parent) == (settings.home, settings.home)


HARDWARE = {
    "PKCS11_LIBRARY": "/usr/lib/hsm.so",
    "PKCS11_TOKEN": "ward",
    "PKCS11_PIN_FILE": __file__,
}


def test_every_setting_has_its_variable(tmp_path: Path) -> None:
    given = {
        "HOME": str(tmp_path),
        "DATABASE": "postgresql://elsewhere/countersign",
        "HOST": "0.0.0.0",  # noqa: S104 - a value to be read, not an address to listen on
        "PORT": "9000",
        "WEB_PROCESSES": "5",
        "LANGUAGE": "en",
        "TIME_ZONE": "Asia/Urumqi",
        "BUNDLE_MEGABYTES": "128",
        **LIBRARY,
        "DISEASE_NAMES": __file__,
        "CONDITIONS_FOLDER": "/conditions",
        "SEARCH_SYNONYMS": __file__,
        "ASSISTANTS_FOLDER": "/assistants",
        "MEDICAL_SETS": "/sets",
        "RECORDS_FOLDER": "/records",
        **SLIDES,
        "DEMONSTRATION": "no",
        "SECURE_COOKIES": "yes",
        "TRUSTED_HOSTS": "ward.example,10.0.0.7",
        "ADDRESS": "https://ward.example",
        "OPENID_ISSUER": "https://login.example/hospital",
        "OPENID_CLIENT": "countersign",
        "LOCAL_ACCOUNTS": "no",
        "SECOND_FACTOR": "signers",
        "STEP_UP_MINUTES": "5",
        "EGRESS": "llm.example:8000, 10.20.0.0/16",
        "WITNESSES": f"http://w1.example:8090/ {WITNESS}",
        "SIGNER_COMMAND": "/opt/hsm/sign --slot 1",
        "SIGNER_KEY": DEVICE,
        "SYSLOG": "tls://log.example:6514",
        "AUTHORITIES": __file__,
        "ARCHIVE": "/archive",
        "LOG": "json",
        "METRICS_TOKEN": "0123456789abcdef",
        "ORIGIN": "ward.example/ledger",
        "HOSPITAL_EN": "First Hospital",
        "HOSPITAL_ZH": "第一医院",
        "CIPHER": "sm4",
        "KEY_PROVIDER": "transit",
        "TRANSIT_ADDRESS": "https://bao.example/v1/transit",
        "TRANSIT_KEY": "ward",
        "TRANSIT_TOKEN_FILE": __file__,
        **HARDWARE,
        **LISTENING,
    }
    variables = {f"COUNTERSIGN_{name}": value for name, value in given.items()}
    settings = from_environment(variables)
    plain = from_environment({})
    named = [one.name for one in fields(Settings)]
    same = [name for name in named if getattr(settings, name) == getattr(plain, name)]
    assert same == [], "read from no variable"
    assert settings.trusted_hosts == ("ward.example", "10.0.0.7")
    assert (settings.hl7v2.port, settings.hl7v2.departments) == (2575, ("cardiology", "surgery"))
    assert str(settings.hl7v2.send) == "tls://his.example:2576" and len(settings.hl7v2.peers) == 2
    assert (settings.dicom.callers, settings.dicom.quiet) == (("SCANNER1", "PACS"), 5.0)
    assert settings.dicom.largest == 4 * 1024 * 1024 and settings.dicom.title == "WARD"
    assert (settings.port, settings.demonstration, settings.secure_cookies) == (9000, False, True)


@pytest.mark.parametrize("folder", ["/choosable", "/choosable/deep", "/"])
def test_what_curators_choose_from_and_what_is_taken_in_whole_lie_apart(folder: str) -> None:
    given = {"COUNTERSIGN_LIBRARY_ROOT": "/choosable", "COUNTERSIGN_LIBRARY_FOLDER": folder}
    with pytest.raises(BadSetting, match="COUNTERSIGN_LIBRARY_ROOT"):
        from_environment(given)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http", "write a whole number from 1 to 65535"),
        ("PORT", "0", "write a whole number from 1 to 65535"),
        ("CIPHER", "des", "write aes or sm4"),
        ("DICOM_PORT", "11112", "name the AE titles that may send"),
        ("DICOM_CALLERS", "A_TITLE_OF_SEVENTEEN", "name the AE titles that may send"),
        ("DICOM_PEERS", "ward", "write addresses or networks"),
        ("DICOM_KEY", __file__, "set COUNTERSIGN_DICOM_CERTIFICATE"),
        ("KEY_PROVIDER", "cloud", "write file or transit or pkcs11"),
        ("WEB_PROCESSES", "-1", "write a whole number from 1 to 64"),
        ("BUNDLE_MEGABYTES", "4096", "write a whole number from 1 to 1024"),
        ("LANGUAGE", "fr", "write zh or en"),
        ("TIME_ZONE", "Mars/Olympus", "write a time zone such as Asia/Shanghai"),
        ("TIME_ZONE", "../etc", "write a time zone such as Asia/Shanghai"),
        ("DEMONSTRATION", "perhaps", "write yes or no"),
        ("SECURE_COOKIES", "1", "write yes or no"),
        ("ADDRESS", "ward.example", "write https:// and the host name"),
        ("ADDRESS", "https://ward.example/below", "write https:// and the host name"),
        ("SECOND_FACTOR", "some", "write no, signers or everybody"),
        ("STEP_UP_MINUTES", "61", "write a whole number from 1 to 60"),
        ("OPENID_ISSUER", "https://login.example", "or neither"),
        ("OPENID_SECRET_FILE", "/nowhere", "cannot be read"),
        ("LOCAL_ACCOUNTS", "no", "nobody could come in"),
        ("AUTHORITIES", "/nowhere/ca.pem", "name a file that is there"),
        ("SEARCH_SYNONYMS", "/nowhere/names.csv", "name a file that is there"),
        ("SEARCH_ENCODER", "/nowhere", "name a folder that is there"),
        ("SEARCH_EMBEDDING", "llm:8000", "http://HOST:8000/v1"),
        ("SEARCH_RERANKING", "http://llm:8000/v1", "COUNTERSIGN_SEARCH_RERANKING_MODEL"),
        ("SEARCH_SECONDS", "0", "write a whole number from 1 to 30"),
        ("SEARCH_TOKEN_FILE", "/nowhere", "cannot be read"),
        ("LOG", "xml", "write text or json"),
        ("METRICS_TOKEN", "short", "at least 16"),
        ("SIGNER_COMMAND", "sign 'PIN", "quotation marks"),
        ("SIGNER_KEY", "ward.example+0+AA", "countersign ledger signer"),
        ("HL7V2_PORT", "66000", "write a whole number from 0 to 65535"),
        ("HL7V2_PEERS", "the ward", "write addresses or networks"),
        ("HL7V2_KEY", __file__, "or neither"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(BadSetting) as refused:
        from_environment({f"COUNTERSIGN_{name}": value})
    assert f"COUNTERSIGN_{name}" in refused.value.sentence()
    assert said in refused.value.sentence()


def test_what_a_hospital_gives_the_search(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n")
    given = {
        **dict.fromkeys(("SYNONYMS", "HPO", "ICD10", "QUESTIONS"), __file__),
        "EMBEDDING": "http://llm:8000/v1/",
        "EMBEDDING_MODEL": "bge-m3",
        "RERANKING": "https://llm/v1",
        "RERANKING_MODEL": "bge-reranker",
        "TOKEN_FILE": str(tmp_path / "token"),
        "SECONDS": "3",
    }
    found = from_environment({f"COUNTERSIGN_SEARCH_{n}": v for n, v in given.items()}).search_aids
    assert found == SearchAids(
        *[Path(__file__).resolve()] * 4,
        embedding=ModelServer("http://llm:8000/v1", "bge-m3", "secret"),
        reranking=ModelServer("https://llm/v1", "bge-reranker", "secret"),
        seconds=3,
    )
    assert "secret" not in repr(found)
    encoder = {"COUNTERSIGN_SEARCH_ENCODER": str(tmp_path)}
    assert from_environment(encoder).search_aids.encoder == tmp_path
    both = {**encoder, "COUNTERSIGN_SEARCH_EMBEDDING": "http://llm:8000/v1"}
    with pytest.raises(BadSetting, match="no embedding server beside it"):
        from_environment({**both, "COUNTERSIGN_SEARCH_EMBEDDING_MODEL": "bge-m3"})


def test_settings_do_not_change(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    secret = installation_secret(folder)
    assert len(secret) == 32
    assert installation_secret(folder) == secret
    assert [file.name for file in folder.iterdir()] == ["installation.secret"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "installation.secret").stat().st_mode) == 0o600
    assert derived(secret, "one") != derived(secret, "another")


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    installation_secret(tmp_path)
    (tmp_path / "installation.secret").chmod(0o644)
    with pytest.raises(SecretExposed, match="chmod 600"):
        installation_secret(tmp_path)
