"""Answers C-ECHO and C-STORE of those who are known: success means that the instance is durable."""

from __future__ import annotations

import logging
import threading
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association
from pynetdicom.transport import RequestHandler, ThreadedAssociationServer

from countersign.ground.egress import Tls, share_port, welcome
from countersign.ground.imaging import SYNTAXES, WHOLE_SLIDE, ImageMismatch, Received
from countersign.kit.errors import CountersignError

from .settings import DicomSettings
from .spooling import LARGEST_UNIT, Spooling, bound
from .statuses import NOT_UNDERSTOOD, OUT_OF_RESOURCES, SUCCESS, status_of

logger = logging.getLogger(__name__)

ACTOR = "system:dicom"
VERIFICATION = "1.2.840.10008.1.1"
"""Verification SOP class: C-ECHO (DICOM PS3.4 annex A)."""

SPARE = 8
"""Connections beyond the associations, which are told that there are too many."""

LEAVE = 20.0
"""Seconds in which associations may end by themselves when the listener is asked to end."""


class Receiver:
    """The storage provider of one installation. Build it, ``start`` it, ``stop`` it."""

    def __init__(self, received: Received, settings: DicomSettings, tls: Tls | None = None) -> None:
        if not settings.callers:
            raise ValueError("an empty list of callers would let everybody in")
        self._received = received
        self._settings = settings
        self._tls = tls
        self._server: Server | None = None

    def start(self) -> int:
        """Listens from now on, in threads of its own; returns the port. Raises OSError."""
        wanted = self._settings
        entity = ApplicationEntity(wanted.title)
        entity.require_called_aet = True
        entity.require_calling_aet = list(wanted.callers)
        entity.maximum_associations = wanted.associations
        entity.maximum_pdu_size = LARGEST_UNIT
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = wanted.idle
        entity.add_supported_context(VERIFICATION)
        entity.add_supported_context(WHOLE_SLIDE, list(SYNTAXES))
        handlers: list[Any] = [
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_CONN_CLOSE, _closed),
        ]
        self._server = Server(
            entity,
            (wanted.host, wanted.port),
            wanted.title,
            entity.supported_contexts,
            evt_handlers=handlers,
            request_handler=Handler,
        )
        self._server.open_to(self._received, wanted, self._tls)
        serving: Any = entity
        serving._servers.append(self._server)  # its shutdown takes itself out of there
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        return int(self._server.server_address[1])

    def stop(self) -> None:
        """Accepts no more; who is sending may finish, and is aborted when that takes too long."""
        if (server := self._server) is None:
            return
        server.shutdown()
        for association in server.active_associations:
            association.join(LEAVE)
            if association.is_alive():
                association.abort()
                association.join(LEAVE)

    def _store(self, event: evt.Event) -> int | Dataset:
        """Keeps one instance. Never lets an error's own words out: they may name a patient."""
        dimse = event.assoc.dimse
        arrival = dimse.arrived() if isinstance(dimse, Spooling) else None
        if arrival is None or arrival.spool is None:
            problem = arrival.problem if arrival else None
            return _refusal(problem) if problem else NOT_UNDERSTOOD
        request: Any = event.request
        announced = str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID)
        peer = str(event.assoc.requestor.ae_title).strip()
        try:
            found = self._received.read(arrival.spool)
            if (found.sop_class, found.sop_instance) != announced:
                raise ImageMismatch
            self._received.keep(arrival.spool, found, ACTOR, peer)
        except CountersignError as problem:
            return _refusal(problem)
        except Exception as problem:  # noqa: BLE001 - the sender is told, whatever it is
            logger.error("an instance was not kept: %s", type(problem).__name__)
            return OUT_OF_RESOURCES
        finally:
            arrival.spool.discard()
        return SUCCESS


def _refusal(problem: CountersignError) -> Dataset:
    """A status with the code of the error, which fits the 64 signs of a comment."""
    logger.warning("an instance was not kept: %s", problem.code)
    answer = Dataset()
    answer.Status = status_of(problem)
    answer.ErrorComment = problem.code[:64]
    return answer


def _closed(event: evt.Event) -> None:
    """Whoever is gone sends no rest; who asked for nothing yet is waited for no longer."""
    association: Any = event.assoc
    if isinstance(association.dimse, Spooling):
        association.dimse.close()
    if association.requestor.primitive is None:
        association.dul.to_user_queue.put(None)


class Server(ThreadedAssociationServer):
    """A listening socket that lets in known networks, and so many connections at once."""

    daemon_threads = True
    received: Received
    wanted: DicomSettings
    tls: Tls | None = None

    def open_to(self, received: Received, wanted: DicomSettings, tls: Tls | None) -> None:
        """Where instances go, and who may come."""
        self.received, self.wanted, self.tls = received, wanted, tls

    def server_bind(self) -> None:
        """As pynetdicom's. A reload's new process listens before the old one ends."""
        listening: Any = self.socket
        share_port(listening)
        super().server_bind()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether this connection is answered at all."""
        good = welcome(self.wanted.peers, str(client_address[0]))
        many = len(self.active_associations) >= self.wanted.associations + SPARE
        if not good or many:
            logger.warning("a connection from %s was refused", client_address[0])
        return good and not many

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In a thread of its own: a peer that is slow to shake hands holds up nobody."""
        request.settimeout(self.wanted.idle)
        if self.tls is not None:
            try:
                request = self.tls.wrap_socket(request, server_side=True)
            except OSError as problem:
                logger.warning("TLS failed: %s", type(problem).__name__)
                request.close()
                return
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that failed is closed; its words are not written anywhere."""
        logger.warning("a connection from %s failed", client_address[0])


class Handler(RequestHandler):
    """Makes associations whose data sets flow to the disk."""

    def _create_association(self) -> Association:
        association, server = super()._create_association(), self.server
        wire: Any = association.dul.socket
        bound(wire)
        if isinstance(server, Server):
            association.dimse = Spooling(association, server.received.spool)
        return association
