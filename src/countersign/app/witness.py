"""The small server with which a second installation cosigns a ledger's checkpoints."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from countersign.ground.ledger import Verifier, Witness, open_cosigner
from countersign.kit.clock import Clock

STATE = "witness"


def open_witness(home: Path, name: str, logs: tuple[str, ...], clock: Clock) -> tuple[Witness, str]:
    """The witness whose key and state lie in ``home``, and its public key.

    ``logs`` are verifier keys. Raises KeyUnsafe, NoteRefused, WitnessUnfit.
    """
    cosigner = open_cosigner(home / "keys", name)
    known = [Verifier.parse(log) for log in logs]
    return Witness(cosigner, home / STATE, known, clock), cosigner.verifier.text


def application(witness: Witness) -> Starlette:
    """``POST /add-checkpoint`` and nothing else."""

    async def add(request: Request) -> Response:
        body = bytearray()
        try:
            async for part in request.stream():
                body += part
                if len(body) > witness.most_bytes:
                    return PlainTextResponse("The request is too large.\n", 413)
        except ClientDisconnect:
            return Response(status_code=400)
        answer = await run_in_threadpool(witness.add_checkpoint, bytes(body))
        return Response(answer.content, answer.status, headers={"content-type": answer.media_type})

    return Starlette(routes=[Route("/add-checkpoint", add, methods=["POST"])])


def serve(witness: Witness, host: str, port: int) -> None:
    """Serves until the process is asked to end."""
    import uvicorn

    uvicorn.run(application(witness), host=host, port=port, log_level="warning", access_log=False)
