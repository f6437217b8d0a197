"""The pharmacy's pages: rules and their levels, local rules, and what the committee decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, cast

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.shell import Floor, guarded
from countersign.ground.signoff import LEVELS, REASONS, UNCODED, VERDICTS
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words
from countersign.rooms.medication.domain import KINDS, LEAST, NOBODY, Tried
from countersign.rooms.medication.service import Medication

Text = Annotated[str, Form(max_length=600)]
Long = Annotated[str, Form(max_length=8000)]
Reader = Annotated[Principal, guarded(Action.PHARMACY_READ)]
Pharmacist = Annotated[Principal, guarded(Action.PHARMACY_CHANGE)]
START = """id = "local-example"
kind = "interaction"
level = "inform"
drugs = ["warfarin"]
with = ["metronidazole"]
title = ["Warfarin with metronidazole", "华法林与甲硝唑"]
says = ["The INR rises within days.", "INR可在数日内升高。"]
instead = ["Check the INR after three days.", "三天后复查INR。"]
source = { cite = "Decision of the pharmacy committee", published = "2026-11-26" }
fires = [{ order = "甲硝唑", taking = ["华法林"] }]
silent = [{ order = "amoxicillin", taking = ["warfarin"] }]
"""


class Rules:
    """Handlers for those who keep and read the rules."""

    def __init__(self, floor: Floor, room: Medication) -> None:
        self._floor = floor
        self._room = room

    def list(
        self,
        request: Request,
        principal: Reader,
        kind: Annotated[str, Query(max_length=40)] = "",
        q: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        pack = self._room.pack()
        uses = {one.rule: one for one in self._room.uses(principal)}
        found = [
            one
            for one in pack.rules.values()
            if kind in ("", str(one.kind)) and _speaks_of(q, one.id, one.title.en, one.title.zh)
        ]
        return self._floor.pages.render(
            request,
            "medication/rules.html",
            rules=sorted(found, key=lambda one: (list(KINDS).index(one.kind), one.id)),
            total=len(pack.rules),
            version=pack.version,
            broken=pack.broken,
            kinds=KINDS,
            kind=kind,
            q=q,
            uses=uses,
            may_change=self._may_change(principal),
        )

    def one(self, request: Request, principal: Reader, rule: str) -> Response:
        return self._one(request, principal, rule)

    def change(
        self,
        request: Request,
        principal: Pharmacist,
        rule: str,
        level: Text = "",
        reason: Text = "",
    ) -> Response:
        try:
            self._room.set_level(principal, rule, level, reason)
        except CountersignError as problem:
            if problem.status != 422:
                raise
            return self._one(request, principal, rule, problem, level, reason)
        return RedirectResponse(f"/medication/rules/of/{rule}", 303)

    def new(self, request: Request, principal: Pharmacist) -> Response:
        del principal  # the guard has asked already
        return self._new(request, START)

    def add(
        self,
        request: Request,
        principal: Pharmacist,
        text: Long = "",
        reason: Text = "",
        what: Text = "",
    ) -> Response:
        try:
            if what == "take":
                made = self._room.add_local(principal, text, reason)
                return RedirectResponse(f"/medication/rules/of/{made}", 303)
            _, trials = self._room.try_local(text)
        except CountersignError as problem:
            if problem.status != 422:
                raise
            return self._new(request, text, reason, problem=problem)
        return self._new(request, text, reason, trials)

    def committee(self, request: Request, principal: Reader) -> Response:
        return self._committee(request, principal)

    def judge(
        self,
        request: Request,
        principal: Pharmacist,
        rule: Text = "",
        decision: Text = "",
        reason: Text = "",
    ) -> Response:
        try:
            self._room.judge(principal, rule, decision, reason)
        except CountersignError as problem:
            if problem.status != 422:
                raise
            return self._committee(request, principal, problem)
        return RedirectResponse("/medication/committee", 303)

    def _one(
        self,
        request: Request,
        principal: Principal,
        rule: str,
        problem: CountersignError | None = None,
        level: str = "",
        reason: str = "",
    ) -> Response:
        found = self._room.rule(principal, rule)
        return self._floor.pages.render(
            request,
            "medication/rule.html",
            status=problem.status if problem else 200,
            found=found,
            kinds=KINDS,
            levels=LEVELS,
            reasons={**REASONS, **UNCODED},
            level=level or str(found.rule.level),
            reason=reason,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            examples=[(one, _said(one)) for one in found.trials],
            may_change=self._may_change(principal),
            names=self._names([one.actor for one in found.versions]),
        )

    def _new(
        self,
        request: Request,
        text: str,
        reason: str = "",
        trials: tuple[Tried, ...] = (),
        problem: CountersignError | None = None,
    ) -> Response:
        return self._floor.pages.render(
            request,
            "medication/new.html",
            status=problem.status if problem else 200,
            text=text,
            reason=reason,
            examples=[(one, _said(one)) for one in trials],
            sound=bool(trials) and all(one.right for one in trials),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
        )

    def _committee(
        self, request: Request, principal: Principal, problem: CountersignError | None = None
    ) -> Response:
        waiting, uses = self._room.for_committee(principal)
        verdicts = self._floor.signoff.pharmacy.verdicts()
        return self._floor.pages.render(
            request,
            "medication/committee.html",
            status=problem.status if problem else 200,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            waiting=waiting,
            uses=uses,
            rules=self._room.pack().rules,
            verdicts=verdicts,
            decisions=VERDICTS,
            reasons={**REASONS, **UNCODED},
            least=LEAST,
            nobody=NOBODY,
            may_change=self._may_change(principal),
            names=self._names([one.actor for one in verdicts]),
        )

    def _may_change(self, principal: Principal) -> bool:
        facts = Facts.house("pharmacy")
        return self._floor.policy.decide(principal, Action.PHARMACY_CHANGE, facts).allowed

    def _names(self, actors: list[str]) -> dict[str, str]:
        found = self._floor.people.names({one.removeprefix("person:") for one in actors})
        return {f"person:{key}": name for key, name in found.items()}


def _speaks_of(q: str, *texts: str) -> bool:
    wanted = q.strip().lower()
    return not wanted or any(wanted in text.lower() for text in texts)


_PARTS: Mapping[str, Words] = {
    "order": Words("order", "医嘱"),
    "taking": Words("taking", "在用药物"),
    "allergies": Words("allergic to", "过敏"),
    "problems": Words("with", "疾病"),
    "dose": Words("one dose in mg", "单次剂量（mg）"),
    "per_day": Words("doses a day", "每日次数"),
    "route": Words("route", "途径"),
    "age": Words("age", "年龄"),
    "weight": Words("weight in kg", "体重（kg）"),
    "clearance": Words("clearance in mL/min", "肌酐清除率（mL/min）"),
    "egfr": Words("eGFR", "eGFR"),
    "qtc": Words("QTc in ms", "QTc（ms）"),
    "potassium": Words("potassium in mmol/L", "血钾（mmol/L）"),
    "pregnant": Words("pregnant", "妊娠"),
    "lactating": Words("breastfeeding", "哺乳"),
}


def _said(one: Tried) -> Words:
    """An example as its row says it, without the signs of TOML that nobody needs."""
    parts = [(_PARTS.get(key, Words(key, key)), value) for key, value in one.example.items()]
    return Words(
        "; ".join(f"{name.en}: {_value(value).en}" for name, value in parts),
        "；".join(f"{name.zh}：{_value(value).zh}" for name, value in parts),
    )


def _value(value: object) -> Words:
    if isinstance(value, bool):
        return Words("yes", "是") if value else Words("no", "否")
    if isinstance(value, list):
        listed = list(map(str, cast("list[object]", value)))
        return Words(", ".join(listed), "、".join(listed))
    return Words(str(value), str(value))
