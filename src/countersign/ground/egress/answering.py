"""TLS for what listens here beside the pages, made where the network is spoken to."""

from __future__ import annotations

import ssl
from pathlib import Path

Tls = ssl.SSLContext
"""By this name elsewhere, where the network is not spoken to."""


def answering(certificate: Path, key: Path, clients: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer. With ``clients``, a file of CA certificates, whoever connects must show
    a certificate that one of them signed. Raises OSError (ssl.SSLError) for unusable files.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if clients is not None:
        context.load_verify_locations(cafile=str(clients))
        context.verify_mode = ssl.CERT_REQUIRED
    return context
