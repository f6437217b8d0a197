"""What this server offers to apps, as SMART and OpenID Connect look it up."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from countersign.ground.shell import Floor, SharedWith, smart_addresses
from countersign.kit.json import JSON

from .keysets import ALGORITHMS
from .signing import ALGORITHM

CAPABILITIES = (
    "launch-ehr",
    "launch-standalone",
    "client-public",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-banner",
    "context-ehr-patient",
    "context-standalone-patient",
    "permission-offline",
    "permission-online",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
)


def root_of(request: Request) -> str:
    """Scheme, host and port under which the app came; the fence of hosts has let it pass."""
    return f"{request.url.scheme}://{request.url.netloc}"


def issuer_of(request: Request) -> str:
    """The FHIR address, which is also the issuer of codes and ID tokens."""
    return f"{root_of(request)}/fhir"


def discovery(floor: Floor) -> ASGIApp:
    """The application to be mounted at ``/fhir/.well-known``."""
    routes = [
        Route("/smart-configuration", _smart, methods=["GET"]),
        Route("/openid-configuration", _openid, methods=["GET"]),
    ]
    return SharedWith(Starlette(routes=routes), floor.apps.registry.origins)


def configuration(root: str) -> JSON:
    """The content of ``smart-configuration`` (SMART App Launch 2.2, "Conformance")."""
    at = smart_addresses(root)
    return {
        "issuer": f"{root}/fhir",
        "jwks_uri": at.jwks,
        "authorization_endpoint": at.authorize,
        "token_endpoint": at.token,
        "introspection_endpoint": at.introspect,
        "revocation_endpoint": at.revoke,
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": [
            "openid",
            "fhirUser",
            "launch",
            "launch/patient",
            "offline_access",
            "online_access",
            "patient/*.rs",
            "user/*.rs",
            "system/*.cruds",
        ],
        "capabilities": list(CAPABILITIES),
    }


def _smart(request: Request) -> Response:
    return JSONResponse(configuration(root_of(request)))


def _openid(request: Request) -> Response:
    more = {
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "fhirUser"],
    }
    return JSONResponse({**configuration(root_of(request)), **more})
