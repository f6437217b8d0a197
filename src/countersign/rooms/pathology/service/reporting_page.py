"""Everything that the page of one slide shows, in whatever state the slide is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from countersign.ground.chart import PatientFilter, PatientSummary
from countersign.ground.db import WHOLE
from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.shell import Floor
from countersign.ground.slides import Advance, KeptSlide, Match, Told
from countersign.kit.words import Words

from .matching import Matching, Proposal
from .reporting import Reporting, Sight, figures
from .reporting_heading import answer_of, own_words
from .reporting_text import stain_words, value_of
from .results import SHOWN
from .signing import Signing

MOST_FOUND: Final = 20

REASONS: Final[Mapping[str, Words]] = {
    "imaging.damaged": Words(
        "The file is damaged or incomplete. Copy it again from the scanner, or scan again.",
        "文件损坏或不完整。请从扫描仪重新复制，或重新扫描。",
    ),
    "imaging.unknown": Words(
        "This is no slide or picture of a kind that can be read here.",
        "不是此处可读取的切片或图像格式。",
    ),
    "imaging.too_large": Words(
        "The picture is too large without a pyramid. Save it as a tiled, pyramidal TIFF.",
        "图像过大且无金字塔层。请另存为分块金字塔 TIFF。",
    ),
    "imaging.away": Words("The file cannot be opened.", "文件无法打开。"),
    "file-gone": Words("The file is not where it was.", "文件已不在原处。"),
    "no-tissue": Words("No tissue was found on the slide.", "切片上未发现组织。"),
    "no-pixel-size": Words(
        "The file does not say how large its pixels are. Export it again with its resolution.",
        "文件未说明像素大小。请连同分辨率信息重新导出。",
    ),
    "asked": Words("Somebody asked for another scan.", "有人要求重新扫描。"),
    "by-hand": Words("Somebody set it aside.", "已由人员搁置。"),
    "no-analysis": Words("There is no analysis for this stain.", "此染色尚无分析方法。"),
    "ai-refused": Words("The patient refuses AI.", "患者拒绝使用 AI。"),
    "no-number": Words("No number was found on label or file.", "标签和文件上未发现编号。"),
    "unknown-number": Words(
        "The number on label or file is not in the chart.", "标签或文件上的编号在病历中不存在。"
    ),
    "two-patients": Words("The numbers name two patients.", "编号指向两名患者。"),
    "no-stain": Words("Nobody says how it was stained.", "未说明染色方法。"),
    "pathology.ends_its_reader": Words(
        "Reading the file ended its process several times. Scan the slide again.",
        "读取该文件多次使读取进程终止。请重新扫描切片。",
    ),
    "jobs.compute-lost": Words(
        "The processes that measure were ended several times. Ask IT, then measure again.",
        "测量进程多次被终止。请联系信息科后重新测量。",
    ),
    "worker-lost": Words("Measuring ended its process several times.", "测量进程多次异常终止。"),
    "unexpected": Words("Measuring ended with an error.", "测量因错误终止。"),
}
"""Codes beside a state in words; others are shown as they are."""


def reason(code: str) -> Words | None:
    """Why a slide is where it is; None where the state says enough."""
    if not code or len(code) == 36:  # the draft's identifier
        return None
    return REASONS.get(code, Words(code, code))


def span(seconds: float) -> timedelta:
    """A wait in the form that pages put into words."""
    return timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class SlideView:
    """``patient`` and ``told`` are None for who may not see them; ``found`` are patients to match
    the slide with, where somebody looked for one; ``disagree`` is each figure on which two methods
    do."""

    one: KeptSlide
    match: Match | None
    patient: PatientSummary | None = field(repr=False)
    seen: Sight | None
    rows: tuple[tuple[Words, str], ...]
    advance: Advance | None
    editable: bool
    takes_back: bool
    handles: bool
    names: bool
    told: Told | None = field(repr=False)
    who: str = field(repr=False)
    found: tuple[PatientSummary, ...] | None = field(repr=False)
    disagree: tuple[Words, ...]
    proposed: Proposal | None = field(default=None, repr=False)
    """What was recognised on the label, where nobody has said whose the slide is."""
    signed_words: str = field(default="", repr=False)
    """What a pathologist signed in own words, in place of the figures."""

    @property
    def stain(self) -> Words:
        """How it was stained."""
        return stain_words(self.one.stain)

    @property
    def reason(self) -> Words | None:
        """Why it is where it is."""
        return reason(self.one.code)


class Showing:
    """Raises Forbidden, UnknownSlide, LedgerUnavailable: without a receipt nothing is shown."""

    def __init__(self, floor: Floor, reporting: Reporting, signing: Signing) -> None:
        self._floor = floor
        self._reporting = reporting
        self._signing = signing

    def view(self, principal: Principal, slide: str, who: str) -> SlideView:
        """The page's content, after the receipt of the looking."""
        one = self._reporting.allowed(principal, slide)
        self._reporting.results.looked_at(principal, slide)
        if self._signing.settle(one) != one.state:
            one = self._reporting.allowed(principal, slide)
        seen = self._reporting.see(principal, slide) if one.state in SHOWN else None
        handles = self._handles(principal)
        names = self._reporting.results.may_see_label(principal, one)
        keeping = self._floor.slides.keeping
        said = keeping.told(WHOLE, slide) if names else None
        proposed = self._proposed(one, said) if handles else None
        return SlideView(
            one,
            keeping.match(WHOLE, slide) if one.patient is not None else None,
            self._patient(principal, one),
            seen,
            tuple((f.title, value_of(f)) for f in figures(seen)) if seen is not None else (),
            self.advance(one),
            seen is not None and self._reporting.may_correct(principal, one),
            self._signing.may_take_back(principal, one),
            handles,
            names,
            said,
            who,
            self._found(principal, who, proposed) if handles else None,
            tuple(one.limit for one in seen.disagreements) if seen is not None else (),
            proposed,
            self._words(one) if seen is not None else "",
        )

    def _words(self, one: KeptSlide) -> str:
        signed = answer_of(self._floor, one)
        return own_words(signed) if signed is not None else ""

    def _proposed(self, one: KeptSlide, said: Told | None) -> Proposal | None:
        if said is None or one.state != "unmatched" or not said.read:
            return None
        return Matching(self._floor.chart).proposed(said)

    def _found(
        self, principal: Principal, who: str, proposed: Proposal | None
    ) -> tuple[PatientSummary, ...] | None:
        """Whom this person looked for, else whom the label may name, if they may list them."""
        if who:
            return self._find(principal, who)
        if proposed is None or not proposed.patient:
            return None
        patient = proposed.patient
        name = self._floor.chart.reader(principal).names({patient}).get(patient, "")
        return tuple(one for one in self._find(principal, name) if one.id == patient) or None

    def _patient(self, principal: Principal, one: KeptSlide) -> PatientSummary | None:
        if one.patient is None:
            return None
        return self._floor.chart.reader(principal).open(one.patient).summary

    def advance(self, one: KeptSlide) -> Advance | None:
        """How far a slide that is being measured is."""
        if one.state != "running":
            return None
        run = self._floor.slides.running.latest(WHOLE, one.id)
        return run.advance if run is not None else None

    def _find(self, principal: Principal, who: str) -> tuple[PatientSummary, ...]:
        wanted = PatientFilter(who, "", MOST_FOUND, 0, False)
        return self._floor.chart.reader(principal).patients(wanted).patients

    def _handles(self, principal: Principal) -> bool:
        house = Facts.house("slides")
        return self._floor.policy.decide(principal, Action.SLIDES_HANDLE, house).allowed
