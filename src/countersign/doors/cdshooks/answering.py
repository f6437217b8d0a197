"""Answers a call: who is meant, what the rooms drafted, what was missing, all within its time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final, cast

from countersign.ground.identity import CdsClient, Forbidden, Principal
from countersign.ground.ledger import LedgerUnavailable
from countersign.ground.library import Found
from countersign.ground.models import AIStopped
from countersign.ground.shell import (
    Floor,
    HookAnswer,
    HookCall,
    HookCard,
    HookHandler,
    HookName,
    Manifest,
)
from countersign.ground.signoff import Card, Screen, Shown
from countersign.kit.json import JSON
from countersign.kit.words import Language, Words

from . import matching, sent
from .asking import Answers, Sources
from .cards import INCOMPLETE, NOTHING, Reader, card, notice
from .fetching import FOREIGN, Fetching
from .matching import Matched
from .request import Asked
from .services import PATIENT, RESULTS, SERVICES

BUDGET = 0.45
"""Seconds from the call's arrival after which no source is waited for."""

FETCHING = 0.4
"""The share of it that the workstation's own server has for the patient, without whom nothing
goes on."""

MOST, QUOTING = 5, 3
"""Drafts that become cards, and how many of them ask the library."""

WORKER = Principal.system("worker")
STOPPED: Final = Words(
    "AI is stopped in this hospital. No drafts are shown.", "本院已停用 AI，不显示草稿。"
)
NO_RECEIPT: Final = Words(
    "Receipts cannot be written at the moment, so drafts are withheld.",
    "目前无法写入回执，草稿暂不显示。",
)
REFUSES: Final = Words(
    "The patient refuses processing by AI. No drafts are shown.",
    "患者拒绝 AI 处理，不显示草稿。",
)
NOBODY: Final = Words(
    "The workstation did not say who is at the screen in a way that is known here; signing is "
    "done in Countersign.",
    "工作站未以本系统可识别的方式说明当前用户；请在 Countersign 中签署。",
)
ROOM, CHART, HIS, LIBRARY = "room:", "chart", "fhir server", "library"
MISSED: Final[Mapping[str, Words]] = {
    CHART: Words(
        "The results sent along could not be compared with the chart in time.",
        "未能及时将所附结果与病历比对。",
    ),
    HIS: Words(
        "The workstation's FHIR server did not answer in time.", "工作站的 FHIR 服务器未及时应答。"
    ),
    LIBRARY: Words("The library did not answer in time.", "知识库未及时应答。"),
}


class Answering:
    """The use case behind each service; one for each process."""

    def __init__(self, floor: Floor, rooms: Sequence[Manifest], budget: float = BUDGET) -> None:
        self._floor = floor
        self._budget = budget
        self._fetching = Fetching(floor.egress)
        self._sources = Sources()
        self._titles = {f"{ROOM}{room.name}": room.title for room in rooms}
        self._rooms: dict[HookName, dict[str, HookHandler]] = {}
        for room in rooms:
            for hook in room.hooks:
                self._rooms.setdefault(hook.name, {})[f"{ROOM}{room.name}"] = hook.answer(floor)

    def answer(
        self, client: CdsClient, asked: Asked, language: Language, root: str, begun: float
    ) -> tuple[JSON, bool]:
        """The response, and whether every source answered; ``begun`` is of ``time.monotonic``."""
        reader = Reader(language, root, asked.patient, client.fhir_server is not None)
        matched = self._match(client, asked, begun)
        if isinstance(matched, Words):
            return {"cards": [notice(NOTHING, [matched], reader)]}, True
        if "ai" in self._floor.chart.named(matched.id).refused:
            return {"cards": [notice(NOTHING, [REFUSES], reader)]}, True
        principal = self._floor.cds.clients.person(client, asked.user) or client.principal
        orders, limits = sent.orders(asked.orders, asked.patient, matched.id)
        answers = self._ask(client, asked, matched, principal, orders, begun)
        limits = (*limits, *self._missing(answers), *self._compared(answers, matched))
        if self._fetching.foreign(client, asked):
            limits = (*limits, FOREIGN)
        found = [one for one in answers.found.values() if isinstance(one, HookAnswer)]
        limits = (*limits, *(limit for one in found for limit in one.limits))
        wanted = {one.draft: one for answer in found for one in answer.cards}
        try:
            shown = self._show(client, asked, principal, matched.id, wanted)
        except AIStopped:
            return {"cards": [notice(NOTHING, [STOPPED], reader)]}, True
        except LedgerUnavailable:
            return {"cards": [notice(NOTHING, [NO_RECEIPT], reader)]}, False
        quotes, late = self._quotes(principal, matched.id, shown.cards, language, begun)
        limits = (*limits, *late, *_left_out(shown))
        if principal.kind == "client" and client.identifies and shown.cards:
            limits = (*limits, NOBODY)
        said = [
            card(one, wanted[one.draft.head.id], quotes.get(one.id, ()), reader, self._floor.new_id)
            for one in shown.cards
        ]
        if limits:
            said.append(notice(INCOMPLETE, limits, reader))
        return {"cards": said}, not answers.missing and not late

    def _match(self, client: CdsClient, asked: Asked, begun: float) -> Matched | Words:
        given: Any = asked.prefetch.get("patient")
        if _absent(given) and self._fetching.allowed(client, asked):
            given = self._fetching.get(
                asked, PATIENT["patient"], FETCHING * self._budget - _since(begun)
            )
        if _absent(given):
            return matching.NOT_SENT
        theirs = sent.resource(given, "Patient")
        if theirs is None:
            return matching.UNREADABLE
        try:
            return matching.match(self._floor.chart, client, theirs, asked.patient)
        except Forbidden:
            return matching.UNKNOWN

    def _ask(
        self,
        client: CdsClient,
        asked: Asked,
        matched: Matched,
        principal: Principal,
        orders: Sequence[JSON],
        begun: float,
    ) -> Answers:
        now, left = self._floor.clock(), self._budget - _since(begun)
        call = HookCall(
            asked.hook,
            matched.id,
            principal,
            now,
            now + timedelta(seconds=max(0.0, left)),
            tuple(orders),
            asked.selected,
            asked.user,
        )
        calls: dict[str, Callable[[], Any]] = {
            name: partial(handler, call)
            for name, handler in self._rooms.get(asked.hook, {}).items()
        }
        service = SERVICES[f"countersign-{asked.hook}"]
        if "results" in service.prefetch:
            calls |= self._results(client, asked, matched, begun)
        return self._sources.ask(calls, begun + self._budget)

    def _results(
        self, client: CdsClient, asked: Asked, matched: Matched, begun: float
    ) -> dict[str, Callable[[], Any]]:
        """What the workstation knows and what the chart knows, to tell what is not here yet."""
        given: Any = asked.prefetch.get("results")
        if _absent(given) and not self._fetching.allowed(client, asked):
            return {}
        left = self._budget - _since(begun)
        fetch = partial(self._fetching.get, asked, RESULTS["results"], left)
        return {
            CHART: partial(self._known, matched.id),
            HIS: fetch if _absent(given) else lambda: given,
        }

    def _known(self, patient: str) -> sent.Known:
        """The newest results of the chart, by what tells that two are the same."""
        asked = [("patient", patient), ("_sort", "-date"), ("_count", "100")]
        page = self._floor.chart.reader(WORKER).search("Observation", asked)
        return frozenset(key for one in page.versions for key in sent.same(one.resource))

    def _compared(self, answers: Answers, matched: Matched) -> tuple[Words, ...]:
        if HIS not in answers.found or CHART not in answers.found:
            return ()
        if answers.found[HIS] is None:
            return (MISSED[HIS],)
        found, unread = sent.results(answers.found[HIS])
        born, now = str(matched.resource.get("birthDate", "")), self._floor.clock()
        return sent.limits_of(found, unread, answers.found[CHART], born, now)

    def _missing(self, answers: Answers) -> Iterable[Words]:
        for name in sorted(answers.missing):
            title = self._titles.get(name)
            yield (
                MISSED[name]
                if title is None
                else Words(f"“{title.en}” did not answer in time.", f"“{title.zh}”未及时应答。")
            )

    def _show(
        self,
        client: CdsClient,
        asked: Asked,
        principal: Principal,
        patient: str,
        wanted: Mapping[str, HookCard],
    ) -> Shown:
        screen = Screen(client.id, f"countersign-{asked.hook}", str(asked.hook))
        warned = {draft: one.warned for draft, one in wanted.items() if one.warned is not None}
        return self._floor.signoff.cards.show(
            principal, patient, screen, list(wanted), MOST, warned
        )

    def _quotes(
        self,
        principal: Principal,
        patient: str,
        shown: Sequence[Card],
        language: Language,
        begun: float,
    ) -> tuple[Mapping[str, Sequence[Found]], tuple[Words, ...]]:
        """What the library says about the drafts; a person is asked about, never a system."""
        if principal.kind != "person" or not shown:
            return {}, ()
        asking = [one for one in shown if not _quoted(one)][:QUOTING]
        titles = [one.draft.body.title.into(language) for one in asking]
        ask = partial(self._floor.library.finding.ask_all, principal, titles, 1, patient)
        answers = self._sources.ask({LIBRARY: ask}, begun + self._budget)
        if LIBRARY in answers.missing:
            return {}, (MISSED[LIBRARY],)
        found = zip(asking, answers.found[LIBRARY], strict=True)
        return {one.id: answer.support[:1] for one, answer in found}, ()


def _absent(given: Any) -> bool:
    """Not sent, or sent as the error that the workstation's own server answered."""
    if not isinstance(given, dict):
        return given is None
    return cast("JSON", given).get("resourceType") == "OperationOutcome"


def _quoted(one: Card) -> bool:
    """Whether the draft brings quotations of its own."""
    return any(item.quote is not None for item in one.draft.explanation.evidence)


def _left_out(shown: Shown) -> tuple[Words, ...]:
    limits: list[Words] = []
    if shown.withheld:
        limits.append(
            Words(
                f"{shown.withheld} drafts wait for your own impression first: open them in "
                "Countersign.",
                f"{shown.withheld} 份草稿需先记录您自己的判断：请在 Countersign 中打开。",
            )
        )
    if shown.more:
        limits.append(
            Words(
                f"{shown.more} more drafts wait in the inbox of Countersign.",
                f"另有 {shown.more} 份草稿在 Countersign 待办箱中。",
            )
        )
    return tuple(limits)


def _since(begun: float) -> float:
    return time.monotonic() - begun
