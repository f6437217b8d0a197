"""A roofline of serving: what memory, arithmetic and links allow, whichever is least.

Williams, Waterman and Patterson 2009 (Roofline); the split into prefill, which arithmetic bounds,
and decoding, which memory bounds, follows Pope et al. 2022 (arXiv 2211.05102).
"""

from __future__ import annotations

from dataclasses import dataclass

from countersign.kit.errors import CountersignError

from .architecture import Architecture, Quantisation
from .hardware import Hardware, Link

GIGABYTE = 1e9
USED = 0.92
"""Share of a card's memory that a server takes (vLLM's default is 0.9, SGLang's near it)."""
RESERVED = 2.0 * GIGABYTE
"""Bytes a card keeps for activations, graphs and the runtime."""
BANDWIDTH_SHARE = 0.8
"""Share of the data sheet's bandwidth that large reads reach."""
ARITHMETIC_SHARE = 0.5
"""Share of the data sheet's arithmetic that prefill reaches."""
LAYER_SECONDS = 15e-6
"""Launching a dense layer's kernels."""
EXPERT_LAYER_SECONDS = 400e-6
"""The same for a layer of routed experts: set by two public measurements, see measured.toml."""
STEP_SECONDS = 1e-3
"""Scheduling and sampling, for each step."""
HOP = {Link.NONE: 0.0, Link.FAST: 10e-6, Link.PCIE: 30e-6}
NETWORK_HOP, NETWORK = 40e-6, 25 * GIGABYTE
"""One exchange between servers: its delay, and bytes a second for each card (200 Gbit/s)."""
MOST_BATCH = 1024


class TooSmall(CountersignError):
    code = "planner.too_small"
    status = 422
    message = (
        "The model does not fit: its weights take {weights} GB and the cards have room for {room} "
        "GB. Take more cards, larger ones, or a narrower quantisation."
    )


@dataclass(frozen=True, slots=True)
class Shape:
    """A request: tokens in, tokens out."""

    prompt: int
    output: int

    @property
    def mean_context(self) -> float:
        """Tokens in the cache, on average over the answer."""
        return self.prompt + self.output / 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is to be expected. Bytes, seconds, tokens; ``batch`` is the one within the level.

    ``alone_*`` is one user on an idle server; ``token_seconds`` and ``first_token_seconds`` are at
    ``batch``. ``bound`` names what limits decoding: memory, arithmetic, links or overhead.
    """

    weights: float
    cache_a_request: float
    room: float
    most_batch: int
    batch: int
    alone_first_token: float
    alone_token: float
    first_token_seconds: float
    token_seconds: float
    requests_a_second: float
    output_tokens_a_second: float
    bound: str


def estimate(
    model: Architecture,
    width: Quantisation,
    card: Hardware,
    cards: int,
    shape: Shape,
    first_token: float = 1.5,
    per_token: float = 0.06,
) -> Estimate:
    """Memory and speed of ``model`` on ``cards`` cards. Raises TooSmall where it does not fit."""
    weights = model.params * width.bits / 8
    room = cards * (card.memory * USED - RESERVED)
    if weights >= room:
        raise TooSmall(weights=round(weights / GIGABYTE), room=round(max(room, 0) / GIGABYTE))
    cache = model.cache_bytes() * (shape.prompt + shape.output) * model.copies(cards)
    most = int(min(MOST_BATCH, (room - weights) / cache))
    if most < 1:
        raise TooSmall(weights=round((weights + cache) / GIGABYTE), room=round(room / GIGABYTE))
    machine = _Machine(model, width, card, cards)
    prefill = machine.prefill(shape.prompt)
    batch = _largest(machine, shape, prefill, most, first_token, per_token)
    token = machine.steady(batch, shape, prefill)
    return Estimate(
        weights=weights,
        cache_a_request=cache,
        room=room,
        most_batch=most,
        batch=batch,
        alone_first_token=prefill + machine.step(1, shape.prompt),
        alone_token=machine.step(1, shape.mean_context),
        first_token_seconds=prefill + token,
        token_seconds=token,
        requests_a_second=batch / (shape.output * token),
        output_tokens_a_second=batch / token,
        bound=machine.bound(batch, shape.mean_context),
    )


@dataclass(frozen=True, slots=True)
class _Machine:
    model: Architecture
    width: Quantisation
    card: Hardware
    cards: int

    def parts(self, batch: float, context: float) -> dict[str, float]:
        """Seconds of one decoding step by what takes them."""
        model, card = self.model, self.card
        cache = batch * context * model.cache_bytes() * model.copies(self.cards)
        read = model.read_params(batch) * self.width.bits / 8 + cache
        memory = read / (self.cards * card.bandwidth * BANDWIDTH_SHARE)
        operations = batch * (2 * model.active + 4 * model.layers * model.hidden * context)
        arithmetic = operations / (self.cards * card.rate(self.width.compute) * ARITHMETIC_SHARE)
        return {
            "memory": memory,
            "arithmetic": arithmetic,
            "links": self._links(batch),
            "overhead": self._overhead(),
        }

    def step(self, batch: float, context: float) -> float:
        """Seconds of one decoding step: reading and computing overlap, the rest adds up."""
        parts = self.parts(batch, context)
        return max(parts["memory"], parts["arithmetic"]) + parts["links"] + parts["overhead"]

    def bound(self, batch: float, context: float) -> str:
        """What takes most of a step."""
        parts = self.parts(batch, context)
        return max(parts, key=lambda name: parts[name])

    def prefill(self, tokens: int) -> float:
        """Seconds to read a prompt alone, never faster than reading the weights once."""
        model, card = self.model, self.card
        operations = tokens * (2 * model.active + 2 * model.layers * model.hidden * tokens)
        arithmetic = operations / (self.cards * card.rate(self.width.compute) * ARITHMETIC_SHARE)
        return (
            max(arithmetic, self.parts(tokens, 0)["memory"])
            + self._links(tokens)
            + self._overhead()
        )

    def steady(self, batch: float, shape: Shape, prefill: float) -> float:
        """Seconds between tokens of one user when as many come as go.

        In each step batch/output answers end, and as many prompts are read in between.
        """
        return self.step(batch, shape.mean_context) + batch / shape.output * prefill

    def _overhead(self) -> float:
        model = self.model
        dense = model.layers - model.expert_layers
        return STEP_SECONDS + dense * LAYER_SECONDS + model.expert_layers * EXPERT_LAYER_SECONDS

    def _links(self, tokens: float) -> float:
        """Two exchanges of all cards for each layer (Shoeybi et al. 2019, arXiv 1909.08053)."""
        if self.cards == 1:
            return 0.0
        model, card = self.model, self.card
        near, far = min(self.cards, card.in_server), self.cards > card.in_server
        sent = tokens * model.hidden * 2 * 2 * (near - 1) / near
        seconds = HOP[card.link] + sent / max(card.link_bandwidth, 1.0)
        if far:
            seconds += NETWORK_HOP + tokens * model.hidden * 2 * 2 / (NETWORK * near)
        return 2 * model.layers * seconds


def _largest(
    machine: _Machine,
    shape: Shape,
    prefill: float,
    most: int,
    first_token: float,
    per_token: float,
) -> int:
    """The largest batch within the level, at least 1; times only rise with the batch."""
    low, high = 1, most
    while low < high:
        middle = (low + high + 1) // 2
        token = machine.steady(middle, shape, prefill)
        if token <= per_token and prefill + token <= first_token:
            low = middle
        else:
            high = middle - 1
    return low
