"""What a configuration costs: machines over their years, power, people and place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

HOURS = 8766.0
"""Hours of a year."""
BUSIEST = 0.2
"""Share of a day's answers that the busiest hour brings, where no arrivals were recorded."""


@dataclass(frozen=True, slots=True)
class HardwarePrice:
    """One server or card as it is bought. Money in the list's currency, power in watts.

    ``noted`` is a date (ISO 8601) and ``source`` whose figure it is; ``assumed`` that nobody
    quoted it.
    """

    key: str
    label: str
    purchase: float
    years: float
    watts: float
    noted: str
    source: str
    assumed: bool = True


@dataclass(frozen=True, slots=True)
class Prices:
    """A price list. ``energy`` a kilowatt-hour; ``pue`` power usage effectiveness of the room.

    ``people`` is a year's pay for each server (a part of an engineer), ``place`` rack, network,
    maintenance and licences a year for each server; ``host_watts`` what a server draws beside its
    cards. ``busiest`` is the share of a day that the busiest hour brings.
    """

    currency: str
    energy: float
    pue: float
    people: float
    place: float
    host_watts: float
    hardware: Mapping[str, HardwarePrice]
    busiest: float = BUSIEST
    noted: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """Money for a year and for a unit. ``servers`` carry the busiest hour of ``daily`` answers.

    ``full_*`` is when one server works at its capacity without pause, the least that a unit can
    cost; ``real_*`` at the hospital's own load. ``parts`` of one server's year.
    """

    yearly: float
    parts: Mapping[str, float]
    servers: int
    full_thousand: float
    full_million_tokens: float
    real_thousand: float
    real_million_tokens: float
    real_yearly: float
    busy: float


def cost(
    prices: Prices,
    hardware: str,
    cards: int,
    requests_a_second: float,
    tokens_an_answer: float,
    daily: int,
) -> Cost | None:
    """The cost of a server with ``cards`` cards that keeps ``requests_a_second`` within its level.

    None where the price list does not have the hardware or the server keeps no request.
    """
    price = prices.hardware.get(hardware)
    if price is None or requests_a_second <= 0:
        return None
    parts = {
        "hardware": cards * price.purchase / price.years,
        "power": (cards * price.watts + prices.host_watts)
        / 1000
        * HOURS
        * prices.pue
        * prices.energy,
        "people": prices.people,
        "place": prices.place,
    }
    yearly = sum(parts.values())
    peak = daily * prices.busiest / 3600
    servers = max(1, math.ceil(peak / requests_a_second))
    answers_at_most = requests_a_second * 3600 * HOURS
    full = yearly / answers_at_most * 1000
    answers = daily * HOURS / 24
    real = servers * yearly / answers * 1000
    tokens = max(tokens_an_answer, 1.0)
    return Cost(
        yearly=yearly,
        parts=parts,
        servers=servers,
        full_thousand=full,
        full_million_tokens=full * 1000 / tokens,
        real_thousand=real,
        real_million_tokens=real * 1000 / tokens,
        real_yearly=servers * yearly,
        busy=answers / (servers * answers_at_most),
    )
