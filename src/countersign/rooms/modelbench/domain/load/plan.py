"""What a load is made of: who asks what and when, of which server, within which service level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Poisson:
    """Requests come independently of each other, ``rate`` a second on average."""

    rate: float


@dataclass(frozen=True, slots=True)
class Gamma:
    """As Poisson, with gamma-distributed pauses of shape ``burstiness``.

    1 is Poisson, below 1 comes in bursts, above 1 is more even: vLLM's ``--burstiness``.
    """

    rate: float
    burstiness: float


@dataclass(frozen=True, slots=True)
class Replay:
    """Requests come at recorded moments: ``times`` in seconds from the first, rising.

    ``speed`` 2 replays them in half the time.
    """

    times: tuple[float, ...]
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Closed:
    """``streams`` clients, each of which asks again as soon as it was answered."""

    streams: int


Arrivals = Poisson | Gamma | Replay | Closed


class Endpoint(StrEnum):
    """The two ways of asking an OpenAI-compatible server, below its base address."""

    CHAT = "chat/completions"
    TEXT = "completions"


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """One thing to ask. ``tokens`` bounds the answer; ``prefix`` is what requests share."""

    text: str = field(repr=False)
    tokens: int
    prefix: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """What a request must keep to count as good; None asks nothing. Seconds.

    The level holds while at least ``share`` of all requests, the failed ones among them, are good.
    """

    ttft: float | None = None
    tpot: float | None = None
    e2el: float | None = None
    share: float = 0.95


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """One load. ``requests`` are asked in turn, from the first again when more are needed.

    ``count`` requests are measured, after ``warm_up`` that are not. ``seconds`` ends the sending
    earlier; what is under way then still counts. ``each`` is the deadline of one request in
    seconds, ``at_once`` the most requests that are under way at any time: what would be more
    waits, and the waiting is reported. ``whole_length`` asks the server to go on past the end
    mark (``ignore_eos``: vLLM, SGLang, llama.cpp), so that every answer is of the same length.
    """

    arrivals: Arrivals
    requests: tuple[LoadRequest, ...]
    count: int
    seconds: float | None = None
    warm_up: int = 0
    each: float = 120.0
    at_once: int = 256
    level: ServiceLevel | None = None
    endpoint: Endpoint = Endpoint.CHAT
    whole_length: bool = True
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """The server under load: its base address (``http://host:port/v1``) and the model to ask.

    ``headers`` may carry a key. ``extra`` goes into the body of every request.
    """

    url: str
    model: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
