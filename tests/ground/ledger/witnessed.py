"""A real witness behind a real socket, and a ledger that sends it checkpoints."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from countersign.app.witness import application
from countersign.ground.db import Database, DbRole
from countersign.ground.egress import Egress
from countersign.ground.ledger import Cosigner, Ledger, Place, Signer, Witness, Witnesses
from countersign.kit.clock import utc_now


@contextmanager
def listening(witness: Witness, cosigner: Cosigner) -> Iterator[Place]:
    """The witness on a free port of this machine."""
    config = uvicorn.Config(application(witness), port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Place(f"http://127.0.0.1:{port}/", cosigner.verifier)
    server.should_exit = True
    thread.join()


def witness(folder: Path, signer: Signer, cosigner: Cosigner) -> Witness:
    return Witness(cosigner, folder, [signer.verifier], utc_now)


def asking(ledger: Ledger, database: Database, egress: Egress, *wanted: Place) -> Witnesses:
    return Witnesses(ledger, database.pool(DbRole.LEDGER), egress, wanted, utc_now)
