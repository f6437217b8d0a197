"""Makes bundles by hand, genuine ones and forged ones, without a database."""

from __future__ import annotations

import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from countersign.ground.ledger import Signer, merkle
from ground.ledger.known import ORIGIN

SIGNER = Signer(ORIGIN, b"\x11" * 32)
KEY = SIGNER.verifier.text


def packed(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def unpacked(archive: bytes) -> dict[str, bytes]:
    """The files of a ZIP archive."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def exported(manifest: bytes) -> str:
    """The body of an event that commits to ``manifest``."""
    said = {"actor": "person:1", "at": "2026-11-22T08:00:00.000Z", "kind": "exported"}
    return json.dumps(said | {"commits": {"manifest": sha256(manifest).hexdigest()}})


def bundle(
    bodies: Sequence[str], manifest: Any = None, files: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """A bundle whose signature, proofs and manifest hash are right, whatever it says.

    ``manifest`` overrides single entries of the manifest, or is a manifest of any kind.
    """
    files = {"key.txt": KEY.encode(), **(files or {})}
    said: Any = {
        "v": 1,
        "origin": ORIGIN,
        "query": {},
        "events": list(range(len(bodies))),
        "earlier": [],
        "files": {name: sha256(content).hexdigest() for name, content in files.items()},
    }
    said = said | manifest if isinstance(manifest, dict) else said if manifest is None else manifest
    raw = json.dumps(said).encode()
    texts = [*bodies, exported(raw)]
    leaves = [merkle.leaf_hash(text.encode()) for text in texts]
    size = len(leaves)
    layers = merkle.layers(leaves, 10)
    nodes = {(level, i): node for level, row in enumerate(layers) for i, node in enumerate(row)}
    lines = [
        {
            "index": index,
            "body": text,
            "proof": [
                b64encode(item).decode()
                for item in merkle.assemble(merkle.inclusion_plan(index, size), nodes)
            ],
        }
        for index, text in enumerate(texts)
    ]
    return {
        "manifest.json": raw,
        "checkpoint.txt": SIGNER.sign(size, merkle.root(leaves)).note.encode(),
        "events.jsonl": "".join(json.dumps(line) + "\n" for line in lines).encode(),
        **files,
    }
