"""A study's plan as data: which models on which servers, on what, how hard, at which level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from countersign.kit.errors import CountersignError

MOST_CONFIGURATIONS = 40
MOST_ITEMS = 20_000
LONGEST = 200
"""Characters of a name in a plan."""


class BadPlan(CountersignError):
    code = "study.bad_plan"
    status = 422
    message = "The plan cannot be used: {field} {problem}. Correct it and send it again."


class Arrivals(StrEnum):
    """How requests come: by chance, in bursts, or as they came on a recorded day."""

    POISSON = "poisson"
    BURSTY = "bursty"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Configuration:
    """One line of the comparison: a model as one server runs it.

    ``server`` is a name of the gateway's registry or empty where ``address`` names the server's
    OpenAI-compatible root (``http://host:port/v1``). ``hardware`` is a key of the price list and
    ``cards`` how many of it the server takes. ``like`` is a key of the planner's architectures.
    """

    key: str
    label: str
    model: str
    server: str = ""
    address: str = ""
    quantisation: str = ""
    hardware: str = ""
    cards: int = 1
    like: str = ""


@dataclass(frozen=True, slots=True)
class SetChoice:
    """A medical set and how many of its items are drawn by the plan's seed; 0 means all."""

    name: str
    items: int = 200


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """What a physician in front of a patient bears, in seconds at the 95th percentile."""

    first_token: float = 1.5
    per_token: float = 0.06
    answered: float = 0.99
    """The least share of requests that are answered."""


@dataclass(frozen=True, slots=True)
class Load:
    """Rising load: requests a second at each step, until the service level breaks.

    ``seconds`` is the length of a step; ``prompt_tokens`` and ``output_tokens`` are the shape
    of a request; ``recorded`` names a file of arrival times for recorded arrivals.
    """

    rates: tuple[float, ...] = ()
    seconds: float = 30.0
    arrivals: Arrivals = Arrivals.POISSON
    recorded: str = ""
    prompt_tokens: int = 512
    output_tokens: int = 128


@dataclass(frozen=True, slots=True)
class WorkRule:
    """A kind of work: the sets that stand for it, and how much worse than the best may pass.

    ``sets`` gives each set's weight. ``margin`` is in units of the score (0.02 = two points).
    ``least`` is the score below which nothing is recommended.
    """

    name: str
    sets: Mapping[str, float]
    margin: float = 0.02
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a study does. ``daily`` is the hospital's answers a day, for the price.

    ``concurrency`` is how many questions of a set are asked at once; ``answer_tokens`` bounds
    each answer, ``answer_seconds`` the wait for it.
    """

    title: str
    configurations: tuple[Configuration, ...]
    sets: tuple[SetChoice, ...]
    load: Load
    level: ServiceLevel
    works: tuple[WorkRule, ...]
    seed: int = 1
    daily: int = 3000
    concurrency: int = 4
    temperature: float = 0.0
    answer_tokens: int = 512
    answer_seconds: float = 120.0

    def configuration(self, key: str) -> Configuration:
        """The configuration of that key. Raises KeyError."""
        for one in self.configurations:
            if one.key == key:
                return one
        raise KeyError(key)
