"""The public keys of an app, refused in the words of OAuth 2."""

from __future__ import annotations

from joserfc.jwk import KeySet

from countersign.ground.identity import ALGORITHMS as ALGORITHMS
from countersign.ground.identity import App, BadKeys, KeysUnreached, public_keys
from countersign.ground.identity import KeySets as Keys

from .errors import NotThisClient

__all__ = ["ALGORITHMS", "BadKeys", "KeySets", "public_keys"]


class KeySets(Keys):
    """Gives the keys of an app. Safe to share among threads; one for each process."""

    def of(self, app: App, key_id: str | None) -> KeySet:
        """The keys that it registered. Raises BadKeys, NotThisClient."""
        if app.jwks is None and app.jwks_url is None:
            raise NotThisClient(reason="it registered no key")
        try:
            return self.find(app.jwks, app.jwks_url, key_id)
        except KeysUnreached as problem:
            raise NotThisClient(reason="its keys could not be fetched") from problem
