"""The door of HL7 v2: its page as a manifest; the app starts the listener and the jobs."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action
from countersign.ground.shell import Manifest, NavItem
from countersign.kit.words import Words

from .pages import HOME, pages

HERE = Path(__file__).parent

manifest = Manifest(
    name="hl7v2",
    title=Words("Messages", "消息接口"),
    summary=Words(
        "Messages of other systems (HL7 v2): received, processed, failed, sent.",
        "其他系统的消息（HL7 v2）：已接收、已处理、失败、已发送。",
    ),
    pages=pages,
    nav=(NavItem(HOME, Words("Messages", "消息接口"), (Action.JOBS_READ,)),),
    templates=HERE / "templates" / "hl7v2",
    locale=HERE / "locale",
)
