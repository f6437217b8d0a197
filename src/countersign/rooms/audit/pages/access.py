"""Why a decision was made, whether something would be allowed, and who may see a patient."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Facts, Principal, Purpose
from countersign.ground.shell import Floor, Formats, guarded, named, with_query
from countersign.kit.words import Words
from countersign.rooms.audit.service import Answers, Question, Seer, Sights, arranged

Auditor = Annotated[Principal, guarded(Action.AUDIT_READ)]
Exporter = Annotated[Principal, guarded(Action.AUDIT_EXPORT)]
Short = Annotated[str, Query(max_length=128)]

ACTIONS: Mapping[Action, Words] = {
    Action.CHART_READ: Words("Read the chart", "阅读病历"),
    Action.PATIENTS_LIST: Words("See the patient in a list", "在列表中看到该患者"),
    Action.FHIR_READ: Words("Read by FHIR (systems and apps)", "经 FHIR 读取（其他系统与应用）"),
    Action.FHIR_WRITE: Words("Send by FHIR (systems)", "经 FHIR 提交（其他系统）"),
    Action.DRAFT_READ: Words("Read a draft", "阅读草稿"),
    Action.SIGNED_READ: Words("Read a signed answer", "阅读已签署的答复"),
    Action.DRAFT_DECIDE: Words("Sign, amend or reject a draft", "签署、修改或否决草稿"),
    Action.DRAFT_COUNTERSIGN: Words("Give the second signature", "作第二签署"),
    Action.LABEL_CHANGE: Words("Change sensitivity labels", "变更敏感标签"),
    Action.CONSENT_RECORD: Words("Record a consent", "登记知情同意"),
    Action.GLASS_BREAK: Words("Open the chart by break-glass", "紧急调阅病历"),
}
"""What the form asks about; a decision of the ledger may be about any action."""

_DRAFTS = frozenset(
    {Action.DRAFT_READ, Action.SIGNED_READ, Action.DRAFT_DECIDE, Action.DRAFT_COUNTERSIGN}
)
VERDICTS: Mapping[str, Words] = {
    "may": Words("May see", "可查看"),
    "label": Words("Kept out by a label", "因敏感标签不可查看"),
    "refusal": Words("Kept out by a refusal", "因患者拒绝不可查看"),
    "both": Words("Kept out by a label and a refusal", "因敏感标签及患者拒绝不可查看"),
    "none": Words("May not see", "不可查看"),
}
KINDS: Mapping[str, Words] = {
    "person": Words("Person", "人员"),
    "app": Words("App of a person", "人员的应用"),
    "client": Words("Other system", "其他系统"),
    "system": Words("Part of this installation", "本系统程序"),
}
SHOWS = ("may", "kept", "saw", "all")
SORTS = ("name", "reason", "seen")


class AccessDesk:
    """The handlers; each answer is recorded before it is shown."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._answers = Answers(floor)
        self._sights = Sights(floor)

    def why(self, request: Request, principal: Auditor, index: int) -> Response:
        explained = self._answers.of_event(principal, index)
        return self._floor.pages.render(
            request,
            "audit/why.html",
            index=index,
            explained=explained,
            asked=self._asked(explained.question.action),
            named=named,
            purposes={str(one): named(one) for one in Purpose},
        )

    def question(
        self,
        request: Request,
        principal: Auditor,
        who: Short = "",
        action: Short = str(Action.CHART_READ),
        patient: Short = "",
        kind: Short = "",
        purpose: Short = "",
    ) -> Response:
        given = {
            "who": who, "action": action, "patient": patient.strip(), "kind": kind.strip(),
            "purpose": purpose,
        }  # fmt: skip
        explained = None
        if who and action in set(Action):
            explained = self._answers.of_question(principal, self._question(given))
        return self._floor.pages.render(
            request,
            "audit/question.html",
            given=given,
            explained=explained,
            asked=self._asked(Action(action)) if explained else None,
            named=named,
            purposes={str(one): named(one) for one in Purpose},
            people=[(f"person:{one.id}", one.name) for one in self._floor.people.people()],
            systems=[
                (one.principal.actor, one.principal.name)
                for one in self._floor.standings.clients(self._floor.clock())
            ],
            actions=ACTIONS,
        )

    def choose(self, request: Request, principal: Auditor, patient: Short = "") -> Response:
        if patient.strip() and "/" not in patient:
            return RedirectResponse(_address(patient.strip()), 303)
        return self._floor.pages.render(request, "audit/choose.html", patient=patient)

    def patient(
        self,
        request: Request,
        principal: Auditor,
        patient: str,
        show: Short = "may",
        find: Short = "",
        sort: Short = "name",
    ) -> Response:
        sight = self._sights.of(principal, patient)
        show, sort = show if show in SHOWS else "may", sort if sort in SORTS else "name"
        here = _address(patient)
        return self._floor.pages.render(
            request,
            "audit/sight.html",
            sight=sight,
            seers=arranged(sight, show, find, sort),
            show=show,
            find=find,
            sort=sort,
            tabs={
                name: (with_query(here, show=name, find=find or None, sort=sort), sight.count(name))
                for name in SHOWS
            },
            sorts={
                name: with_query(here, show=show, find=find or None, sort=name) for name in SORTS
            },
            verdicts=VERDICTS,
            kinds=KINDS,
            named=named,
            words=self._words,
            may_export=self._floor.policy.decide(
                principal, Action.AUDIT_EXPORT, Facts.house()
            ).allowed,
        )

    def export(self, request: Request, principal: Exporter, patient: str) -> Response:
        sight = self._sights.of(principal, patient, exported=True)
        formats = self._floor.pages.formats(request)
        out = io.StringIO()
        sheet = csv.writer(out)
        sheet.writerow([formats.say(words) for words in _COLUMNS])
        for seer in arranged(sight, "all", "", "name"):
            sheet.writerow([_cell(one) for one in self._row(seer, formats)])
        name = f"countersign-access-{sight.receipt.index}.csv"
        return Response(
            "\ufeff" + out.getvalue(),  # so that office programs read the Chinese
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    def _row(self, seer: Seer, formats: Formats) -> list[str]:
        said = [
            formats.say(one.words) + (f" → {formats.moment_exact(one.until)}" if one.until else "")
            for one in seer.reasons
        ]
        seen = seer.seen
        return [
            formats.say(KINDS[seer.kind]),
            seer.actor,
            seer.name,
            "; ".join(formats.say(named(role)) for role in seer.roles),
            formats.say(VERDICTS[seer.verdict]),
            formats.say(_PARTLY) if seer.partly else "",
            "; ".join(said),
            "; ".join(formats.say(self._words(rule)) for rule in seer.rules),
            str(seen.count) if seen else "0",
            formats.moment_exact(seen.first_at) if seen else "",
            formats.moment_exact(seen.last_at) if seen else "",
        ]

    def _question(self, given: dict[str, str]) -> Question:
        action = Action(given["action"])
        kind = given["kind"] or ("workstation.results" if action in _DRAFTS else "chart")
        who = given["who"] if ":" in given["who"] else f"person:{given['who']}"
        purpose = given["purpose"]
        return Question(
            who,
            action,
            kind,
            given["patient"] or None,
            self._floor.clock(),
            allowed=True,
            purpose=Purpose(purpose) if purpose in set(Purpose) else None,
        )

    def _asked(self, action: Action) -> Words:
        return ACTIONS.get(action) or Words(str(action), str(action))

    def _words(self, rule: str) -> Words:
        try:
            return self._floor.policy.words(rule)
        except KeyError:
            return Words(rule, rule)


def _address(patient: str) -> str:
    return f"/audit/patients/{quote(patient, safe='')}"


def _cell(text: str) -> str:
    """A cell that no office program takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


_PARTLY = Words("Not what bears a label", "不含带敏感标签的内容")
_COLUMNS = (
    Words("Kind", "类别"),
    Words("Identifier", "标识"),
    Words("Name", "姓名"),
    Words("Roles", "角色"),
    Words("May see the chart now", "现在能否查看病历"),
    Words("Except", "例外"),
    Words("Ties to the patient", "与该患者的关系"),
    Words("Rules", "规则"),
    Words("Times seen", "查看次数"),
    Words("First seen", "首次查看"),
    Words("Last seen", "最近查看"),
)
