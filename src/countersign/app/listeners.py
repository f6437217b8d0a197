"""Reads the settings of what listens beside the pages: for messages, and for pictures."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from countersign.doors.dicom.settings import DicomSettings, is_title
from countersign.doors.hl7v2.settings import Hl7v2Settings
from countersign.ground.egress import server

from .given import BadSetting, Given

Network = IPv4Network | IPv6Network


def hl7v2(given: Given) -> Hl7v2Settings:
    """The listener for HL7 v2 messages. Raises BadSetting."""
    certificate, key = given.file("HL7V2_CERTIFICATE"), given.file("HL7V2_KEY")
    clients = given.file("HL7V2_CLIENTS")
    _check("HL7V2", certificate, key, clients)
    peers = _networks("HL7V2_PEERS", given.text("HL7V2_PEERS", "127.0.0.0/8"))
    return Hl7v2Settings(
        host=given.text("HL7V2_HOST", "127.0.0.1"),
        port=given.number("HL7V2_PORT", 0, 0, 65535),
        peers=peers,
        certificate=certificate,
        key=key,
        clients=clients,
        departments=tuple(_listed(given.text("HL7V2_DEPARTMENTS", "general-medicine"))),
        send=server(send) if (send := given.text("HL7V2_SEND", "")) else None,
        largest=given.number("HL7V2_MEGABYTES", 16, 1, 256) * 1024 * 1024,
    )


def dicom(given: Given) -> DicomSettings:
    """What takes pictures in. Raises BadSetting."""
    certificate, key = given.file("DICOM_CERTIFICATE"), given.file("DICOM_KEY")
    clients = given.file("DICOM_CLIENTS")
    _check("DICOM", certificate, key, clients)
    peers = _networks("DICOM_PEERS", given.text("DICOM_PEERS", "127.0.0.0/8"))
    port, title = given.number("DICOM_PORT", 0, 0, 65535), given.text("DICOM_TITLE", "COUNTERSIGN")
    callers = tuple(_listed(given.text("DICOM_CALLERS", "")))
    if port and not callers or not all(map(is_title, (title, *callers))):
        problem = (
            "with COUNTERSIGN_DICOM_PORT name the AE titles that may send, such as SCANNER1,PACS, "
            "each of 16 signs at most"
        )
        raise BadSetting(name="COUNTERSIGN_DICOM_CALLERS", problem=problem)
    return DicomSettings(
        host=given.text("DICOM_HOST", "127.0.0.1"),
        port=port,
        title=title,
        callers=callers,
        peers=peers,
        certificate=certificate,
        key=key,
        clients=clients,
        largest=given.number("DICOM_MEGABYTES", 8192, 1, 65536) * 1024 * 1024,
        quiet=float(given.number("DICOM_QUIET", 30, 1, 3600)),
    )


def _check(name: str, certificate: Path | None, key: Path | None, clients: Path | None) -> None:
    if (certificate is None) != (key is None) or clients is not None and certificate is None:
        problem = f"set COUNTERSIGN_{name}_CERTIFICATE and COUNTERSIGN_{name}_KEY, or neither"
        raise BadSetting(name=f"COUNTERSIGN_{name}_CERTIFICATE", problem=problem)


def _networks(name: str, text: str) -> tuple[Network, ...]:
    try:
        return tuple(map(ip_network, _listed(text)))
    except ValueError:
        problem = "write addresses or networks, such as 10.1.2.3,10.2.0.0/16"
        raise BadSetting(name=f"COUNTERSIGN_{name}", problem=problem) from None


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
