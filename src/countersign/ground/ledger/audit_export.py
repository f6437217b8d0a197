"""Writes the events of a time as FHIR AuditEvent or syslog, and records that it did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO, Literal

from countersign.kit.json import encode

from .auditevent import audit_event
from .event import Event, EventKind
from .ledger import Ledger
from .merkle import leaf_hash
from .query import EventQuery
from .syslog import framed, line

Format = Literal["fhir", "syslog", "syslog-tcp"]
PAGE = 1000


class AuditExport:
    """``host`` is the name under which this machine appears in what is written."""

    def __init__(self, ledger: Ledger, host: str) -> None:
        self._ledger = ledger
        self._host = host

    def write(
        self,
        actor: str,
        form: Format,
        since: datetime | None,
        until: datetime | None,
        out: BinaryIO,
    ) -> int:
        """Writes events, the newest first: NDJSON, lines, or frames of RFC 6587; how many.

        The export is recorded before anything is written and commits to what was asked.
        Raises LedgerUnavailable.
        """
        query = EventQuery(since=since, until=until, limit=PAGE)
        asked = encode({**query.as_json(), "format": form})
        receipt = self._ledger.record(
            Event(
                EventKind.EXPORTED,
                actor,
                commits={"asked": sha256(asked).hexdigest()},
                detail={"format": form},
            )
        )
        count = 0
        for piece in self._pieces(form, replace(query, before=receipt.index)):
            out.write(piece)
            count += 1
        return count

    def _pieces(self, form: Format, query: EventQuery | None) -> Iterator[bytes]:
        while query is not None:
            page = self._ledger.events(query)
            for event in page.events:
                told = (event, leaf_hash(event.body).hex(), self._ledger.origin, self._host)
                if form == "fhir":
                    yield encode(audit_event(*told)) + b"\n"
                elif form == "syslog":
                    yield line(*told).encode() + b"\n"
                else:
                    yield framed(line(*told))
            query = query.following(page)
