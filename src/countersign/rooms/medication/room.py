"""Medication safety: what is dangerous about an order, said while it is written."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action
from countersign.ground.shell import Floor, Hook, HookName, Manifest, NavItem
from countersign.ground.signoff import Recheck, RiskClass
from countersign.kit.words import Words

from .inference import DIGEST, MODEL_CARD
from .jobs import answer_orders
from .pages import pages
from .service import ORDER, SIGNERS, AtSigning, Medication

HERE = Path(__file__).parent


def _at_signing(floor: Floor) -> Recheck:
    room = Medication(floor.chart, floor.signoff, floor.clock)
    return AtSigning(room, floor.signoff.alerts)


manifest = Manifest(
    name="medication",
    title=Words("Medication safety", "用药安全"),
    summary=Words(
        "Checks an order while it is written, by rules that the pharmacy keeps.",
        "开具医嘱时即时审查，规则由药学部门维护。",
    ),
    risk=RiskClass.MEDIUM,
    signers=SIGNERS,
    pages=pages,
    nav=(
        NavItem("/medication", Words("Check an order", "医嘱审查"), (Action.ORDER_CHECK,), key="o"),
        NavItem(
            "/medication/rules",
            Words("Medication rules", "用药规则"),
            (Action.PHARMACY_READ,),
        ),
    ),
    cards=((MODEL_CARD, DIGEST),),
    hooks=(
        Hook(HookName.ORDER_SELECT, answer_orders),
        Hook(HookName.ORDER_SIGN, answer_orders),
    ),
    rechecks={ORDER: _at_signing},
    templates=HERE / "templates" / "medication",
    locale=HERE / "locale",
)
