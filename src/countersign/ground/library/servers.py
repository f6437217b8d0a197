"""Asks a hospital's own embedding or re-ranking server, and notices when it is away or lies."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from countersign.ground.egress import Egress, EgressFailed, EgressRefused

from .errors import AidAway

PAUSE: Final = 30.0
"""Seconds for which a server that failed is left alone, so that no search waits for it again."""

TEACHING: Final = 60.0
"""Seconds that passages may take, which are encoded in the background."""

AT_ONCE = 32
"""Texts of one request."""

LARGEST = 32 * 1024 * 1024
"""Bytes of an answer."""

DIMENSIONS = 8192
"""Of a vector, at most."""

UNTRUE = (
    EgressRefused,
    EgressFailed,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    RecursionError,
)
"""What asking a server, and reading an answer that cannot be true, may end in."""

Array = npt.NDArray[np.float32]
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class ModelServer:
    """``address`` ends before ``/embeddings`` or ``/rerank``, such as ``http://llm:8000/v1``."""

    address: str
    model: str
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a server does: ``answered`` requests; ``problem`` of the last one, none when it was good.

    A problem is ``forbidden`` (not on the list of egress), ``away`` or ``wrong``.
    """

    answered: int
    problem: str | None


class Caller:
    """One server; safe to use from many threads. ``now`` only goes forward, in seconds."""

    def __init__(
        self,
        egress: Egress,
        server: ModelServer,
        seconds: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.server = server
        self.seconds = seconds
        self._egress = egress
        self._now = now
        self._lock = threading.Lock()
        self._until = -math.inf
        self._standing = Standing(0, None)

    @property
    def standing(self) -> Standing:
        """How the server did the last time."""
        if not self._egress.allows(self.server.address):
            return Standing(self._standing.answered, "forbidden")
        return self._standing

    def ask(
        self, path: str, body: dict[str, Any], read: Callable[[Any], _Read], seconds: float
    ) -> _Read:
        """What ``read`` makes of the answer. Raises AidAway, at once while the server rests.

        ``read`` raises one of UNTRUE for an answer that cannot be true.
        """
        with self._lock:
            if self._now() < self._until:
                raise AidAway(place=self.server.address)
            if self._standing.problem:
                self._until = self._now() + PAUSE  # one tries, the others go on without it
        problem = "away"
        try:
            answer = self._post(path, body, seconds)
            problem = "wrong"
            found = read(json.loads(answer))
        except UNTRUE:
            with self._lock:
                self._until = self._now() + PAUSE
                self._standing = Standing(self._standing.answered, problem)
            raise AidAway(place=self.server.address) from None
        with self._lock:
            self._until = -math.inf
            self._standing = Standing(self._standing.answered + 1, None)
        return found

    def _post(self, path: str, body: dict[str, Any], seconds: float) -> bytes:
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self.server.token:
            headers["authorization"] = f"Bearer {self.server.token}"
        content = json.dumps({"model": self.server.model, **body}, ensure_ascii=False).encode()
        address = f"{self.server.address.rstrip('/')}/{path}"
        answer = self._egress.request(
            "POST", address, headers=headers, content=content, timeout=seconds, largest=LARGEST
        )
        if answer.status != 200:
            raise EgressFailed(place=self.server.address, problem=str(answer.status))
        return answer.content


class Embedding:
    """A server that speaks ``/v1/embeddings``, as vLLM, SGLang, llama.cpp and Ollama do."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.dimensions: int | None = None

    def encode(self, texts: Sequence[str]) -> Array:
        """One row of length 1 for each text of a person who waits. Raises AidAway."""
        return self._encode(texts, self.caller.seconds)

    def teach(self, texts: Sequence[str]) -> Array:
        """The same for passages, for which nobody waits. Raises AidAway."""
        return self._encode(texts, TEACHING)

    def _encode(self, texts: Sequence[str], seconds: float) -> Array:
        parts = [texts[at : at + AT_ONCE] for at in range(0, len(texts), AT_ONCE)]
        return np.concatenate([self._asked(part, seconds) for part in parts])

    def _asked(self, texts: Sequence[str], seconds: float) -> Array:
        body = {"input": list(texts), "encoding_format": "float"}
        return self.caller.ask(
            "embeddings", body, lambda told: self._read(told, len(texts)), seconds
        )

    def _read(self, told: Any, size: int) -> Array:
        """Raises ValueError where a vector is missing, is none, or is of another length."""
        rows = _by_index(told["data"], size, "embedding")
        width = self.dimensions or len(rows[0])
        if not 1 <= width <= DIMENSIONS or any(len(row) != width for row in rows):
            raise ValueError("vectors of different lengths")
        with np.errstate(all="ignore"):
            found = np.array(rows, np.float32)
            norms = np.linalg.norm(found, axis=1, keepdims=True)
        if found.ndim != 2 or not np.isfinite(norms).all() or not (norms > 0).all():
            raise ValueError("no direction")
        self.dimensions = width
        return found / norms


class Reranking:
    """A server that speaks ``/v1/rerank``, as vLLM and llama.cpp do after Jina and Cohere."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        """A score for each text, higher is nearer. Raises AidAway."""

        def read(told: Any) -> list[float]:
            named = "results" in told  # some servers answer the list alone
            rows: Any = told["results"] if named else told
            name = "relevance_score" if "relevance_score" in rows[0] else "score"
            found = [float(one) for one in _by_index(rows, len(texts), name)]
            if not all(map(math.isfinite, found)):
                raise ValueError("no number")
            return found

        body = {"query": question, "documents": list(texts), "top_n": len(texts)}
        return self.caller.ask("rerank", body, read, self.caller.seconds)


def _by_index(rows: Any, size: int, name: str) -> list[Any]:
    """What each text was given, in their order. Raises ValueError unless each has exactly one."""
    found = {int(one["index"]): one[name] for one in rows}
    if len(rows) != size or found.keys() != set(range(size)):
        raise ValueError("not one for each text")
    return [found[at] for at in range(size)]
