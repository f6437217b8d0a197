"""Administration: Stop AI, models, background work, people, and the policy in force."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action, Role
from countersign.ground.shell import Manifest, NavItem
from countersign.kit.words import Words

from .pages import pages

HERE = Path(__file__).parent

manifest = Manifest(
    name="administration",
    title=Words("Administration", "管理"),
    summary=Words(
        "Stop AI, the registry of models, background work, people, the network and the policy.",
        "停用 AI、模型登记、后台任务、人员、网络与现行访问策略。",
    ),
    pages=pages,
    nav=(
        NavItem(
            "/administration/ai",
            Words("Stop AI", "停用 AI"),
            (Action.AI_STOP,),
            home=frozenset({Role.ADMINISTRATOR}),
        ),
        NavItem("/administration/models", Words("Models", "模型"), (Action.MODELS_READ,)),
        NavItem("/administration/jobs", Words("Background work", "后台任务"), (Action.JOBS_READ,)),
        NavItem("/administration/people", Words("People", "人员"), (Action.PEOPLE_READ,)),
        NavItem("/administration/network", Words("Network", "网络"), (Action.EGRESS_READ,)),
        NavItem("/administration/policy", Words("Policy", "访问策略"), (Action.POLICY_READ,)),
    ),
    templates=HERE / "templates" / "administration",
    locale=HERE / "locale",
)
