"""A small library on a test's database: people of two departments, a curator, documents."""

from __future__ import annotations

from datetime import date
from typing import Any

from building import STAFF, Building, Member
from countersign.ground.identity import LicenceKind, Principal, Role
from countersign.ground.library import Card, Permission

PEOPLE = {
    **STAFF,
    "curator": Member(Role.CURATOR),
    "surgeon": Member(Role.PHYSICIAN, "surgery", LicenceKind.PHYSICIAN),
    "keeper": Member(Role.CURATOR, "surgery"),
}
TEXT = """---
id: potassium
title: 高钾血症处理规范
language: zh
icd10: [E87.5]
sources:
  - id: house
    cite: "院内规程 2026"
---
# 高钾血症处理规范
## 识别
- 血钾≥6.5 mmol/L 或心电图异常时立即处理。[house]
## 治疗
- 10% 葡萄糖酸钙 10 mL 静脉缓慢推注。[house]
"""


def permission(*departments: str, audience: str = "clinical") -> Permission:
    return Permission(audience, frozenset(departments or ("*",)))


def card(owner: str, **changes: Any) -> Card:
    """A card of a hospital-wide protocol."""
    given: dict[str, Any] = {"title": "未命名", "owner": owner, "file": "potassium.md", **changes}
    return Card(**given)


class Shelves:
    """A building with a library, and short ways to put something into it."""

    def __init__(self, building: Building) -> None:
        self.building = building
        self.library = building.floor.library

    def who(self, name: str) -> Principal:
        return self.building.who(name)

    def received(self, text: str = TEXT, by: str = "curator", **changes: Any) -> tuple[str, str]:
        """A document that was received and read; its id and that of its version."""
        curator = self.who(by)
        document, version = self.library.keeping.receive(
            curator, card(curator.id, **changes), [text.encode()]
        )
        self.library.understand_here(version)
        return document, version

    def published(self, text: str = TEXT, by: str = "curator", **changes: Any) -> tuple[str, str]:
        """One that readers find."""
        document, version = self.received(text, by, **changes)
        self.publish(document, version, by)
        return document, version

    def publish(self, document: str, version: str, by: str = "curator") -> None:
        number = self.library.keeping.one(self.who(by), document).number
        self.library.keeping.publish(self.who(by), document, number, version)
        self.library.index.catch_up()

    def found(self, name: str, question: str) -> list[str]:
        """The documents in which somebody finds support."""
        self.library.index.catch_up()
        answer = self.library.finding.ask(self.who(name), question)
        return [one.document.id for one in answer.support]


TODAY = date(2026, 11, 25)
