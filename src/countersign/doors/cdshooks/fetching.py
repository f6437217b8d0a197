"""Fetches what a workstation did not send, with the token of its call and from one address only."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from countersign.ground.egress import Egress
from countersign.ground.identity import CdsClient
from countersign.kit.errors import CountersignError
from countersign.kit.json import decode
from countersign.kit.words import Words

from .request import Asked

LARGEST = 2 * 1024 * 1024
LEAST = 0.02
"""Seconds below which it is not worth while to ask."""

FOREIGN = Words(
    "The FHIR address in the call is not the one that is registered for this workstation; "
    "nothing was fetched from it.",
    "调用中的 FHIR 地址与该工作站登记的地址不一致，未从该地址获取数据。",
)


class Fetching:
    """Reads from the FHIR server of a call through the one network client of the house."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    def allowed(self, client: CdsClient, asked: Asked) -> bool:
        """Whether the call brought a token for the address that the administrator registered."""
        return asked.token is not None and not self.foreign(client, asked)

    def foreign(self, client: CdsClient, asked: Asked) -> bool:
        """Whether a token was brought for another address: it might be a trap for us or for it."""
        said = (asked.fhir_server or "").rstrip("/")
        return asked.token is not None and said != (client.fhir_server or "").rstrip("/")

    def get(self, asked: Asked, template: str, seconds: float) -> Any | None:
        """The resource behind a prefetch template, or None for whatever reason."""
        if seconds < LEAST or asked.fhir_server is None:
            return None
        query = template.replace("{{context.patientId}}", quote(asked.patient, safe=""))
        headers = {
            "accept": "application/fhir+json",
            "authorization": f"Bearer {asked.token}",
        }
        try:
            answer = self._egress.request(
                "GET",
                f"{asked.fhir_server.rstrip('/')}/{query}",
                headers=headers,
                timeout=seconds,
                largest=LARGEST,
            )
            return decode(answer.content) if answer.status == 200 else None
        except CountersignError:
            return None
