"""The shell of a small hospital: real accounts and policy, one invented room, every component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, cast

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.db import Database, DbRole
from countersign.ground.identity import HOSPITAL_ZONE, Action, Principal, Role, Standings
from countersign.ground.models import ModelRef, NoServers, Switch
from countersign.ground.shell import (
    Assets,
    Floor,
    Manifest,
    NavItem,
    NoSuchPage,
    SignedIn,
    Site,
    build_http,
    guarded,
    make_pages,
)
from countersign.ground.signoff import Confidence, Evidence, Explanation, NoConfidence
from countersign.kit.ids import new_id
from countersign.kit.words import Words
from ground.identity.world import START, World

HERE = Path(__file__).parent
SITE = Site(hospital=Words("Willow Lane Hospital", "柳巷医院"), version="0.1.0", demo=True)
MODEL = ModelRef("renal-rules", "1.4.0", "ab" * 32)


class Hospital:
    """The application and the people in it: username ``doctor``, ``admin`` and so on."""

    def __init__(
        self, database: Database, site: Site = SITE, assets: Assets | None = None, **more: Any
    ) -> None:
        self.world = world = World(database)
        self.switch = Switch(database.pool(DbRole.STEWARD), world.ledger, world.clock)
        world.department("nephrology")
        self.ids = {
            "doctor": world.person("doctor", Role.PHYSICIAN),
            "admin": world.person("admin", Role.ADMINISTRATOR, Role.PHYSICIAN),
            "auditor": world.person("auditor", Role.AUDITOR),
        }
        self.manifests = (gallery_room(), *more.get("rooms", ()))
        pages = make_pages(site, self.manifests, world.policy, self.switch, assets)
        nothing = cast("Any", None)
        self.floor = Floor(
            site=site,
            clock=world.clock,
            new_id=new_id,
            ledger=world.ledger,
            witnesses=nothing,
            forwarding=nothing,
            tiles=nothing,
            retention=nothing,
            policy=world.policy,
            accounts=world.accounts,
            people=world.people,
            standings=Standings(world.pool, HOSPITAL_ZONE),
            clients=world.clients,
            apps=nothing,
            cds=nothing,
            glass=nothing,
            delegations=nothing,
            registry=nothing,
            switch=self.switch,
            gateway=NoServers(),
            studies=nothing,
            models=nothing,
            students=nothing,
            trained=nothing,
            jobs=nothing,
            compute=nothing,
            chart=nothing,
            cases=nothing,
            library=nothing,
            reasoning=nothing,
            messages=nothing,
            interviews=nothing,
            slides=nothing,
            received=nothing,
            signoff=nothing,
            release=nothing,
            egress=nothing,
            entrance=world.entrance,
            pages=pages,
        )
        self.app = build_http(self.floor, self.manifests)

    def with_site(self, **changes: Any) -> Any:
        """The same hospital's application under other settings."""
        site = replace(SITE, **changes)
        pages = make_pages(site, self.manifests, self.world.policy, self.switch)
        return build_http(replace(self.floor, site=site, pages=pages), self.manifests)


def gallery_room() -> Manifest:
    """A room that shows every component and keeps what its form is sent."""
    return Manifest(
        name="gallery",
        title=Words("Gallery", "组件"),
        summary=Words("Every component of the pages.", "页面的全部组件。"),
        pages=gallery_pages,
        nav=(
            NavItem(
                "/gallery",
                Words("Gallery", "组件"),
                (Action.INBOX_READ,),
                home=frozenset({Role.PHYSICIAN}),
                key="i",
            ),
            NavItem("/gallery/list", Words("List", "列表"), (Action.INBOX_READ,), key="l"),
            NavItem("/gallery/audit", Words("Audit", "审计"), (Action.AUDIT_READ,), key="a"),
        ),
        templates=HERE / "templates" / "gallery",
        locale=HERE / "locale",
    )


def gallery_pages(floor: Floor) -> APIRouter:
    router = APIRouter(prefix="/gallery")
    show = floor.pages.render
    kept: list[str] = []

    @router.get("")
    def every(
        request: Request, principal: Annotated[Principal, guarded(Action.INBOX_READ)]
    ) -> Response:
        return show(request, "gallery/every.html", **samples(floor.clock()))

    @router.get("/list")
    def rows(request: Request, principal: SignedIn) -> Response:
        return show(request, "gallery/list.html", rows=range(1, 6))

    @router.get("/list/{row}")
    def row(request: Request, principal: SignedIn, row: int) -> Response:
        if row > 100:
            raise NoSuchPage
        return show(request, "gallery/row.html", row=row)

    @router.get("/audit")
    def audit(
        request: Request, principal: Annotated[Principal, guarded(Action.AUDIT_READ)]
    ) -> Response:
        return show(request, "gallery/row.html", row=0)

    @router.get("/form")
    def form(request: Request, principal: SignedIn) -> Response:
        return show(request, "gallery/form.html", kept=kept, problem=None, text="")

    @router.post("/form")
    def send(
        request: Request,
        principal: SignedIn,
        text: Annotated[str, Form()] = "",
        choice: Annotated[str, Form()] = "",
    ) -> Response:
        if text == "bad":
            return show(request, "gallery/form.html", 422, kept=kept, problem="No.", text=text)
        kept.append(f"{text}/{choice}")
        return RedirectResponse("/gallery/form", 303)

    @router.get("/broken")
    def broken(request: Request, principal: SignedIn) -> Response:
        raise RuntimeError("the glucose of Zhang San was 31.2")

    return router


def samples(now: datetime) -> Mapping[str, Any]:
    """What the gallery shows."""
    return {
        "now": now,
        "born": date(1958, 3, 4),
        "confident": explanation(
            Confidence(
                0.82, Words("Calibrated on 4,120 cases of 2025.", "以 2025 年 4120 例校准。")
            )
        ),
        "unsure": explanation(
            NoConfidence(Words("A rule gives no probability.", "规则判断不给出概率。"))
        ),
        "before": Words(
            "Reduce metformin to 500 mg daily and repeat creatinine in 2 weeks.",
            "建议二甲双胍减量至 500 mg 每日一次，2 周后复查肌酐。",
        ),
        "after": Words(
            "Stop metformin and repeat creatinine in 1 week.",
            "建议停用二甲双胍，1 周后复查肌酐。",
        ),
        "receipt": SimpleNamespace(index=48213, leaf_hash="9f" * 32, at=now),
        "points": points(now),
    }


def points(now: datetime) -> list[SimpleNamespace]:
    values = ("88", "92", "97", "104", "121", "138", "156", "149")
    return [
        SimpleNamespace(
            at=now - timedelta(days=30 * (len(values) - index)),
            when=(now - timedelta(days=30 * (len(values) - index))).isoformat(),
            value=Decimal(value),
            shown=value,
            flag="HH" if int(value) > 150 else "H" if int(value) > 104 else None,
        )
        for index, value in enumerate(values)
    ]


def explanation(confidence: Confidence | NoConfidence) -> Explanation:
    return Explanation(
        rationale=Words(
            "eGFR fell from 61 to 38 mL/min/1.73 m² within eight months.\n"
            "Below 45 the dose of metformin is to be reviewed, below 30 it is to be stopped.",
            "eGFR 八个月内由 61 降至 38 mL/min/1.73 m²。\n"
            "低于 45 时应评估二甲双胍剂量，低于 30 时应停用。",
        ),
        evidence=(
            Evidence(
                Words("Creatinine 156 μmol/L on 2026-10-23", "2026-10-23 肌酐 156 μmol/L"),
                reference="Observation/4711/_history/2",
            ),
            Evidence(
                Words("The label asks for a review of the dose.", "说明书要求评估剂量。"),
                quote="eGFR 30–44: review the benefit and the risk before continuing",
                document="Metformin label (invented)",
                version="2025-06",
                start=1204,
                end=1265,
                sha256="cd" * 32,
            ),
        ),
        limits=(
            Words("No urine albumin within a year.", "一年内没有尿白蛋白结果。"),
            Words("The last creatinine is 30 days old.", "最近一次肌酐已过 30 天。"),
        ),
        confidence=confidence,
        alternatives=(
            Words("Acute kidney injury on a stable chronic disease", "慢性肾病基础上的急性肾损伤"),
        ),
        model=MODEL,
        inputs=(
            "Patient/17/_history/1",
            "Observation/4711/_history/2",
            "MedicationRequest/9/_history/1",
        ),
    )


__all__ = ["START", "Hospital", "gallery_room"]
