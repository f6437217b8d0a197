"""Wrapping keys in a hardware security module, through PKCS#11."""

from __future__ import annotations

import re
from collections.abc import Callable
from secrets import token_bytes
from threading import Lock
from typing import Any, TypeVar

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import PKCS11Error, UserAlreadyLoggedIn

from .errors import KeysMissing, KeysUnavailable, Unreadable
from .provider import OneByOne
from .suites import NONCE, TAG

WRAPPING = re.compile(r"countersign-wrapping-(\d{4})")
INDEX = "countersign-index"
CONSTANT = b"countersign search index 1"
"""What the index key is the keyed hash of; it never changes."""

T = TypeVar("T")


class Pkcs11Provider(OneByOne):
    """AES-256 keys ``countersign-wrapping-0001`` … and ``countersign-index`` in one token.

    The keys are made in the token, sensitive and not extractable. Data keys are wrapped with
    AES-GCM inside it; the index key is the token's HMAC-SHA-256 of a constant. ``library`` is
    the vendor's PKCS#11 library. Raises KeysUnavailable for whatever the token refuses.
    """

    def __init__(self, library: str, token: str, pin: str) -> None:
        self._where = f"token “{token}” by {library}"
        self._lock = Lock()
        self._wrapping: dict[int, Any] = {}
        self._open: Callable[[], Any] = lambda: _session(library, token, pin)
        self._session: Any = None
        self.refresh()

    def make_first(self) -> None:
        """Makes both keys where they are missing; for a database that has no keys yet."""
        if not self._wrapping:
            self._in_token(lambda session: self._index(session) or _make_index(session))
            self._in_token(lambda session: _make(session, 1))
            self.refresh()

    def current_version(self) -> int:
        if not self._wrapping:
            raise KeysMissing(folder=self._where)
        return max(self._wrapping)

    def refresh(self) -> None:
        self._in_token(self._look)

    def add_version(self) -> int:
        self.refresh()
        version = self.current_version() + 1
        self._in_token(lambda session: _make(session, version))
        self.refresh()
        return version

    def wrap(self, version: int, key: bytes) -> bytes:
        nonce = token_bytes(NONCE)

        def seal(session: Any) -> bytes:
            return self._wrapping[version].encrypt(
                key, mechanism=Mechanism.AES_GCM, mechanism_param=_parameters(nonce, version)
            )

        self._known(version)
        return nonce + self._in_token(seal)

    def unwrap(self, version: int, wrapped: bytes) -> bytes:
        if len(wrapped) <= NONCE + TAG:
            raise Unreadable
        nonce, box = wrapped[:NONCE], wrapped[NONCE:]

        def unseal(session: Any) -> bytes | None:
            try:
                return self._wrapping[version].decrypt(
                    box, mechanism=Mechanism.AES_GCM, mechanism_param=_parameters(nonce, version)
                )
            except PKCS11Error:
                return None

        self._known(version)
        key = self._in_token(unseal)
        if key is None:
            # Tokens answer an altered box with any error at all: only one that can still
            # wrap in a session of its own has judged the box.
            self._in_token(lambda session: self._close())
            self.wrap(version, bytes(32))
            raise Unreadable
        return key

    def index_key(self) -> bytes:
        def sign(session: Any) -> bytes | None:
            key = self._index(session)
            return key and key.sign(CONSTANT, mechanism=Mechanism.SHA256_HMAC)

        found = self._in_token(sign)
        if not found:
            raise KeysMissing(folder=self._where)
        return found

    def describe(self) -> str:
        return f"{self._where}, {len(self._wrapping)} wrapping keys"

    def _known(self, version: int) -> None:
        if version not in self._wrapping:
            self.refresh()  # another process may have made it since
        if version not in self._wrapping:
            raise KeysMissing(folder=self._where)

    @staticmethod
    def _index(session: Any) -> Any:
        found = session.get_objects(
            {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: INDEX}
        )
        return next(iter(found), None)

    def _look(self, session: Any) -> None:
        """Finds the wrapping keys; what was found belongs to this session."""
        keys = session.get_objects(
            {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES}
        )
        named = [(WRAPPING.fullmatch(key.label or ""), key) for key in keys]
        self._wrapping = {int(match[1]): key for match, key in named if match}

    def _in_token(self, work: Callable[[Any], T]) -> T:
        """One thing at a time, in one session, which is opened again after trouble."""
        with self._lock:
            try:
                if self._session is None:
                    self._session = self._open()
                    self._look(self._session)
                return work(self._session)
            except PKCS11Error as problem:
                self._close()
                raise KeysUnavailable(where=self._where, problem=type(problem).__name__) from None

    def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            try:
                session.close()
            except PKCS11Error:
                return


def _session(library: str, token: str, pin: str) -> Any:
    kept = pkcs11.lib(library).get_token(token_label=token)
    try:
        return kept.open(rw=True, user_pin=pin)
    except UserAlreadyLoggedIn:  # by another session of this process, which counts for all
        return kept.open(rw=True)


def _parameters(nonce: bytes, version: int) -> Any:
    return GCMParams(nonce=nonce, aad=f"wrapping\0{version}".encode(), tag_bits=TAG * 8)


def _make(session: Any, version: int) -> None:
    session.generate_key(
        KeyType.AES,
        256,
        label=f"countersign-wrapping-{version:04d}",
        store=True,
        template={**_KEPT, Attribute.ENCRYPT: True, Attribute.DECRYPT: True},
    )


def _make_index(session: Any) -> None:
    session.generate_key(
        KeyType.GENERIC_SECRET,
        256,
        label=INDEX,
        store=True,
        template={
            **_KEPT,
            Attribute.SIGN: True,
            Attribute.VERIFY: True,
            Attribute.ENCRYPT: False,
            Attribute.DECRYPT: False,
        },
    )


_KEPT = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.WRAP: False,
    Attribute.UNWRAP: False,
}
