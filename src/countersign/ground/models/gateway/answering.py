"""One asking from its first try to its record: fall-backs, repair, deadline, receipt."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal

from countersign.ground.ledger import Event, EventKind, Ledger, Receipt
from countersign.ground.models.asking import Asked, PassedOver, Priority, Said
from countersign.ground.models.errors import AnswerUnfinished, ModelsAway
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError
from countersign.kit.ids import NewId
from countersign.kit.json import JSON, digest, encode

from .book import Servers
from .breakers import Breakers
from .calls import PATIENCE, Call, Calls
from .errors import (
    AnswerCut,
    AnswerInvalid,
    RequestRefused,
    ServerAway,
    ServerBusy,
    ServerCut,
    ServerFailed,
    ServerHung,
    ServerRefused,
    ServerResting,
    Trouble,
)
from .fence import Boundary, Message, compose, with_schema
from .form import Faulty, parsed
from .planning import Planning
from .queue import Places
from .said import Patience, Round, say
from .serving import Seat

COUNTED = (ServerAway, ServerHung, ServerFailed, ServerCut, ServerRefused)
"""What a breaker counts: a server that is busy or answers badly is not broken."""

THINKING = 4096
"""Tokens that a model which thinks aloud gets beside those of the answer."""

IN_WORDS = 600.0
"""Seconds that a server which did not hold to a schema is told it in words instead."""

REPAIR = "Your answer was refused: {fault}\nAnswer again, with the whole corrected answer alone."


@dataclass(frozen=True, slots=True)
class Means:
    """What every asking of a process stands on."""

    planning: Planning
    places: Places
    breakers: Breakers
    calls: Calls
    servers: Servers
    ledger: Ledger
    clock: Clock
    new_id: NewId
    boundary: Boundary
    plain: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    """Until when (monotonic) a model of a server that ignored a schema is told it in words."""


class Answering:
    """``pieces`` gives the answer out as it comes, or with ``held`` only when it is whole and
    good: until something was given out, the next model may be asked instead.
    """

    def __init__(self, means: Means, asked: Asked, *, held: bool) -> None:
        self._means = means
        self._asked = asked
        self._held = held
        self._begun = time.monotonic()
        self._at = means.clock()
        self._id = means.new_id()
        self._assignment, self._seats = means.planning.seats(asked.prompt.work)
        self._room = asked.prompt.room or asked.prompt.ref.name
        means.planning.watch()
        means.planning.check_bounds(self._assignment, asked.by.actor, self._room)
        self._messages = compose(asked.prompt, asked.values, means.boundary)
        self._last = self._begun + min(asked.seconds, self._assignment.seconds)
        self._priority = Priority(max(asked.priority, self._assignment.cap))
        self._passed: list[PassedOver] = []
        self._tokens = (0, 0)
        self._cost = Decimal(0)
        self._waited = 0.0
        self._first: float | None = None
        self._given = False
        self._recorded = False
        self._said: Said | None = None

    @property
    def said(self) -> Said:
        """The whole answer. Raises AnswerUnfinished before it is there and recorded."""
        if self._said is None:
            raise AnswerUnfinished
        return self._said

    def pieces(self) -> Generator[str]:
        """Raises AIStopped, ModelsAway, LedgerUnavailable, CallsBehind."""
        try:
            for at, seat in enumerate(self._seats):
                try:
                    yield from self._try(seat, another=at + 1 < len(self._seats))
                except Trouble as trouble:
                    self._pass_over(seat, trouble)
                    if self._given or time.monotonic() >= self._last:
                        break
                else:
                    return
            why = self._passed[-1].why if self._passed else "models.no-place"
            self._record(None, "failed", why)
            raise ModelsAway(why=why)
        except CountersignError as problem:
            self._record_soon("failed", problem.code)
            raise
        finally:
            self._record_soon("given-up", "")

    def _try(self, seat: Seat, *, another: bool) -> Generator[str]:
        means, server = self._means, seat.server
        if means.planning.rests(seat):
            raise ServerResting(server=server.name)
        troubled = means.planning.troubled(server.name)
        if troubled and not means.breakers.claim(server.name):
            raise ServerResting(server=server.name)
        patience = self._patience(another)
        entered = time.monotonic()
        by = patience.first
        lane = self._asked.by.actor if self._asked.by.kind == "person" else self._room
        with means.places.place(
            server.name, server.places, self._priority, lane, by, means.planning.watch
        ):
            self._waited += time.monotonic() - entered
            try:
                yield from self._rounds(seat, patience, another)
            except COUNTED:
                means.breakers.failed(server.name)
                means.planning.forget()
                raise
        if troubled:
            means.breakers.answered(server.name)
            means.planning.forget()

    def _patience(self, another: bool) -> Patience:
        """Where another model could still be asked, it is left some of the time."""
        now = time.monotonic()
        left = max(0.0, self._last - now)
        pause = max(1.0, (self._last - self._begun) / 4)
        if not another:
            return Patience(self._last, self._last, pause)
        last = self._last if not self._held else now + left * 2 / 3
        return Patience(now + left / 2, last, pause)

    def _rounds(self, seat: Seat, patience: Patience, another: bool) -> Generator[str]:
        """The answer, and once more where its form was wrong and nothing was given out."""
        prompt, means = self._asked.prompt, self._means
        receipt = means.ledger.begin(self._asking(seat))
        messages, repaired = self._messages, False
        for again in (False, True):
            said = Round()
            try:
                yield from self._round(seat, messages, patience, said, receipt, another)
            finally:
                self._count(seat, said)
            answer, thought = said.answer, "".join(said.thought)
            try:
                value = self._checked(seat, answer, said)
                break
            except Faulty as fault:
                self._tell_in_words(seat)
                if again or not self._held:
                    raise AnswerInvalid(server=seat.server.name) from None
                messages = _told(with_schema(self._messages, prompt), answer, fault.said)
                repaired = True
                patience.first = patience.last
        else:  # pragma: no cover - the loop ends by break or by raise
            raise AnswerInvalid(server=seat.server.name)
        self._finish(seat, answer, value, thought, repaired=repaired)

    def _round(
        self,
        seat: Seat,
        messages: list[Message],
        patience: Patience,
        said: Round,
        receipt: Callable[[], Receipt],
        another: bool,
    ) -> Generator[str]:
        """Once more at the same server only where that is safe: nothing was given out, and it
        asked to be asked later, it had closed the connection before it read anything (some close
        theirs after each answer without saying so), or the schema was what it refused."""
        waited, sent_again = False, False
        while True:
            self._means.planning.require_running()
            access = replace(self._means.servers.access(seat.server), fresh=sent_again)
            body = self._body(seat, messages)
            try:
                for piece in say(access, body, patience, self._means.planning.watch, said):
                    if not self._given:
                        receipt()  # no receipt, no display
                    if not self._held:
                        self._given = True
                        yield piece
                receipt()
                return
            except ServerBusy:
                self._means.planning.rest(seat, said.retry_after)
                by = time.monotonic() + said.retry_after
                if another or waited or by >= patience.first:
                    raise
                waited = True
                self._sleep(by)
            except ServerCut:
                if said.status or sent_again:
                    raise
                sent_again = True
            except (RequestRefused, ServerFailed):
                unknown = seat.server.able(seat.model, "json_schema") is None
                at_schema = said.status in (400, 422) or said.status == 500 and unknown
                if "response_format" not in body or not at_schema:
                    raise
                self._tell_in_words(seat)  # some servers fail on a schema instead of obeying it
            finally:
                if said.first_at is not None and self._first is None:
                    self._first = said.first_at - self._begun

    def _tell_in_words(self, seat: Seat) -> None:
        self._means.plain[seat.server.name, seat.model] = time.monotonic() + IN_WORDS

    def _sleep(self, by: float) -> None:
        while (left := by - time.monotonic()) > 0:
            self._means.planning.watch()
            time.sleep(min(left, 0.5))

    def _body(self, seat: Seat, messages: list[Message]) -> JSON:
        prompt = self._asked.prompt
        thinks = seat.server.able(seat.model, "reasoning")
        body: JSON = {
            "model": seat.model,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": prompt.tokens + (THINKING if thinks else 0),
            "temperature": prompt.temperature,
        }
        if prompt.schema is None:
            return body
        held = seat.server.able(seat.model, "json_schema")
        key = (seat.server.name, seat.model)
        if held is False or self._means.plain.get(key, 0.0) > time.monotonic():
            if messages is self._messages:
                body["messages"] = with_schema(messages, prompt)
            return body
        form = {"name": "answer", "schema": prompt.schema, "strict": True}
        return {**body, "response_format": {"type": "json_schema", "json_schema": form}}

    def _checked(self, seat: Seat, answer: str, said: Round) -> JSON | None:
        """The parsed answer, None for prose. Raises Faulty, and AnswerCut or ServerCut for half
        an answer: only a whole JSON object says by itself that it is whole."""
        schema = self._asked.prompt.schema
        name = seat.server.name
        if said.unopened and not self._held:
            raise AnswerInvalid(server=name)  # what was given out was no answer
        if schema is None:
            if said.finish == "length":
                raise AnswerCut(server=name)
            if said.finish is None or not answer.strip():
                raise ServerCut(server=name)
            return None
        try:
            return parsed(answer, schema)
        except Faulty:
            if said.finish == "length":
                raise AnswerCut(server=name) from None
            if said.finish is None:
                raise ServerCut(server=name) from None
            raise

    def _count(self, seat: Seat, said: Round) -> None:
        self._tokens = (self._tokens[0] + said.tokens_in, self._tokens[1] + said.tokens_out)
        self._cost += seat.server.cost(said.tokens_in, said.tokens_out)

    def _finish(
        self, seat: Seat, answer: str, value: JSON | None, thought: str, *, repaired: bool
    ) -> None:
        """Makes what was said readable, once its record is durable."""
        self._record(seat, "repaired" if repaired else "answered", "")
        now = time.monotonic()
        self._said = Said(
            text=answer,
            value=value,
            reasoning=thought,
            model=seat.ref,
            prompt=self._asked.prompt.ref,
            server=seat.server.name,
            passed_over=tuple(self._passed),
            call=self._id,
            tokens_in=self._tokens[0],
            tokens_out=self._tokens[1],
            first_token_seconds=self._first or now - self._begun,
            seconds=now - self._begun,
            repaired=repaired,
        )

    def _pass_over(self, seat: Seat, trouble: Trouble) -> None:
        cause = trouble.__cause__
        known = cause.code if isinstance(cause, CountersignError) else trouble.code
        self._passed.append(PassedOver(seat.server.name, seat.model, known))

    def _asking(self, seat: Seat) -> Event:
        asked = self._asked
        return Event(
            EventKind.MODEL_ASKED,
            asked.by.actor,
            patient=asked.patient,
            subject=f"call:{self._id}",
            model=seat.ref.label,
            commits={
                "model": seat.ref.digest,
                "prompt": asked.prompt.ref.digest,
                "inputs": digest(encode(list(asked.inputs))).hex(),
            },
            detail={
                "work": str(asked.prompt.work),
                "server": seat.server.name,
                "prompt": asked.prompt.ref.label,
                **asked.by.through,
            },
        )

    def _record(self, seat: Seat | None, outcome: str, why: str) -> None:
        self._recorded = True
        self._means.planning.spend(self._asked.prompt.work, sum(self._tokens), self._cost)
        left = self._last - time.monotonic()
        self._means.calls.record(self._call(seat, outcome, why), min(PATIENCE, max(1.0, left)))

    def _record_soon(self, outcome: str, why: str) -> None:
        """For an end at which nobody is given an answer."""
        if self._recorded:
            return
        self._recorded = True
        with suppress(CountersignError):
            self._means.planning.spend(self._asked.prompt.work, sum(self._tokens), self._cost)
            self._means.calls.record_soon(self._call(None, outcome, why))

    def _call(self, seat: Seat | None, outcome: str, why: str) -> Call:
        asked = self._asked
        return Call(
            id=self._id,
            at=self._at,
            work=asked.prompt.work,
            priority=self._priority,
            room=self._room,
            actor=asked.by.actor,
            patient=asked.patient,
            server=seat.server.name if seat else None,
            model=seat.ref if seat else None,
            prompt=asked.prompt.ref,
            inputs=asked.inputs,
            tokens_in=self._tokens[0],
            tokens_out=self._tokens[1],
            cost=self._cost,
            seconds=time.monotonic() - self._begun,
            first_seconds=self._first,
            waited=self._waited,
            outcome=outcome,
            why=why,
            passed=tuple(self._passed),
        )


def _told(messages: list[Message], answer: str, fault: str) -> list[Message]:
    """The conversation with the faulty answer and what is wrong with it."""
    return [
        *messages,
        {"role": "assistant", "content": answer[:20_000]},
        {"role": "user", "content": REPAIR.format(fault=fault)},
    ]
