"""Hands a measured slide over for signing, and follows what becomes of the draft."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Final

from countersign.ground.db import WHOLE
from countersign.ground.identity import LicenceKind, Principal
from countersign.ground.models import ModelRef
from countersign.ground.shell import Floor
from countersign.ground.signoff import (
    Body,
    Evidence,
    Explanation,
    NoConfidence,
    Proposal,
    RiskClass,
    Urgency,
    refusals,
)
from countersign.ground.slides import KeptSlide, State, WrongSlideState
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words
from countersign.rooms.pathology.domain.measured import Region

from .analysing import PATHOLOGY
from .reporting import Reporting, Sight, figures
from .reporting_text import title_of, told
from .serving import outliner, reference
from .signing_resources import resources

ROOM: Final = "pathology"
WORKER: Final = Principal.system("worker")
SIGNERS: Final = frozenset({LicenceKind.PATHOLOGIST})
VALID_DAYS: Final = 60.0
MOST_EVIDENCE: Final = 12
PAGE: Final = 200
"""Drafted slides that are asked about at once."""

OVER: Final = ("rejected", "expired", "superseded", "taken-back")
SIGNED: Final = ("signed", "released")


class NoCard(CountersignError):
    code = "pathology.no_model_card"
    status = 409
    message = (
        "The analysis {analysis} is not registered with a model card, so nothing of it can be "
        "signed. Tell whoever looks after the models."
    )


class Signing:
    """One object for a process, safe among threads."""

    def __init__(self, floor: Floor, reporting: Reporting) -> None:
        self._floor = floor
        self._reporting = reporting
        self._lock = Lock()

    def propose(self, principal: Principal, slide: str) -> str:
        """Makes a draft of the result as it stands; the draft's id.

        From the counting until the slide is moved nobody corrects it: a correction that arrives
        in between waits, finds the slide drafted and is refused, so that whoever made it knows.
        The draft holds every correction that was taken. It and the slide's state become durable
        in one transaction: whoever is ended on the way leaves both or neither.

        Raises Forbidden, NotMeasured, WrongSlideState where it is not ready, NoCard, AIStopped,
        LedgerUnavailable.
        """
        self._reporting.require_correct(principal, slide)
        slides, proposals = self._floor.slides, self._floor.signoff.proposals
        # One at a time: whoever holds a slide needs a second connection to count.
        with self._lock, refusals(), slides.correcting.held(slide) as (unit, last):
            seen = self._reporting.recount(principal, slide)
            if seen.match is None:
                raise WrongSlideState
            patient = seen.match.patient
            steps = len(slides.keeping.history(WHOLE, slide))
            proposal = self._proposal(seen, f"{slide}:{seen.run.id}:{steps}:{last}")
            made = proposals.propose(WORKER, proposal, asked_by=principal, within=unit)
            if made is None:  # left behind by a version that wrote the two one after the other
                made = proposals.proposed(patient, ROOM, proposal.fingerprint)
            if made is None:
                raise WrongSlideState
            slides.keeping.move_within(unit, principal, slide, "draft", made)
        return made

    def take_back(self, principal: Principal, slide: str) -> None:
        """Ends the draft before anybody decided it, so that the result can be corrected further;
        corrections stay. Both in one transaction: a signature that comes first holds.

        Raises Forbidden, UnknownSlide, WrongSlideState where it is not drafted, AlreadyDecided,
        Expired, LedgerUnavailable.
        """
        self._reporting.require_correct(principal, slide)
        slides = self._floor.slides
        with self._lock, refusals(), slides.correcting.held(slide, "draft") as (unit, _):
            draft = slides.keeping.one(WHOLE, slide).code
            self._floor.signoff.proposals.take_back(WORKER, draft, principal, unit)
            slides.keeping.move_within(unit, principal, slide, "ready")

    def may_take_back(self, principal: Principal, one: KeptSlide) -> bool:
        """Whether this person may, as the draft stands by now."""
        return (
            one.state == "draft"
            and self._floor.signoff.reading.standing(one.code) == "open"
            and self._reporting.may_ever(principal, one)
        )

    def settle(self, one: KeptSlide) -> State:
        """Where a drafted slide stands by now: signed, or ready again where nobody signed."""
        return self._settled([one]).get(one.id, one.state)

    def settle_newest(self) -> int:
        """The same for the drafted slides that came last; returns how many moved on."""
        return len(self._settled(self._drafted(None)))

    def settle_all(self) -> int:
        """The same for every drafted slide; returns how many moved on."""
        moved, before = 0, None
        while drafted := self._drafted(before):
            moved += len(self._settled(drafted))
            before = drafted[-1].number
        return moved

    def _drafted(self, before: int | None) -> list[KeptSlide]:
        return self._floor.slides.listing.some(WHOLE, states=["draft"], limit=PAGE, before=before)

    def _settled(self, some: Sequence[KeptSlide]) -> dict[str, State]:
        """Those that moved on, with where to. What somebody else moved at the same moment is
        left as they left it."""
        drafted = [one for one in some if one.state == "draft" and one.code]
        standings = self._floor.signoff.reading.standings([one.code for one in drafted])
        moved: dict[str, State] = {}
        for one in drafted:
            after = _after(standings.get(one.code))
            if after is not None and self._floor.slides.keeping.follow(PATHOLOGY, one, after):
                moved[one.id] = after
        return moved

    def _proposal(self, seen: Sight, fingerprint: str) -> Proposal[Body]:
        assert seen.match is not None  # noqa: S101 - asked above
        title, text = title_of(seen), told(seen)
        second = bool(seen.disagreements)
        now = self._floor.clock().astimezone(self._floor.site.zone)
        about = seen.match.patient, seen.match.specimen, seen.slide.id
        made = resources(*about, title, text, figures(seen), now)
        return Proposal(
            room=ROOM,
            kind=seen.run.analysis,
            patient=seen.match.patient,
            risk=RiskClass.HIGH if second else RiskClass.MEDIUM,
            urgency=Urgency.SOON if second else Urgency.ROUTINE,
            signers=SIGNERS,
            topic=f"slide:{seen.slide.id}",
            fingerprint=fingerprint,
            body=Body(title, text, made),
            explanation=Explanation(
                rationale=_rationale(seen),
                evidence=tuple(_evidence(seen)),
                limits=seen.limits,
                confidence=NoConfidence(_NO_CONFIDENCE),
                alternatives=tuple(_alternatives(seen)),
                model=model_of(self._floor, seen.run.analysis, seen.run.version),
                inputs=(*_inputs(seen), *self._outliner(seen)),
            ),
            valid_days=VALID_DAYS,
        )

    def _outliner(self, seen: Sight) -> Iterator[str]:
        """The hospital's own network for glands, where it outlined them."""
        found = outliner(self._floor, seen.run.analysis, seen.run.version)
        if found is not None:
            yield found.label


def _after(standing: str | None) -> State | None:
    """Where a slide goes whose draft stands so; None while it is not decided."""
    if standing in SIGNED:
        return "signed"
    return "ready" if standing is None or standing in OVER else None


_NO_CONFIDENCE: Final = Words(
    "The interval beside a figure is that of counting alone. How often the program takes a nucleus "
    "for another kind is said in its model card, by slides and not for this one.",
    "数值旁的区间仅为计数抽样误差；程序误判细胞核类别的频率见模型卡，非针对本切片。",
)


def model_of(floor: Floor, analysis: str, version: str) -> ModelRef:
    """The registered version that measured. Raises NoCard."""
    found = reference(floor, analysis, version)
    if found is None:
        raise NoCard(analysis=analysis)
    return found


def _rationale(seen: Sight) -> Words:
    # A threshold that was moved in many steps is one change: the last one counts.
    kinds = [one.kind for one in seen.corrections]
    changes = len(kinds) - max(0, kinds.count("threshold") - 1)
    many = f"{len(seen.nuclei):,}"
    own = (
        Words(
            f" {changes} corrections by a pathologist count.",
            f"已计入病理医师的 {changes} 处更正。",
        )
        if changes
        else Words(" Nobody has corrected it.", "未经人工更正。")
    )
    if seen.count is None:
        return Words(
            f"{many} nuclei were found and typed; tissue classes follow from them.{own.en}",
            f"检出并分型 {many} 个细胞核，据此划分组织类别。{own.zh}",
        )
    density = seen.rules.grades[0] if seen.made.threshold is None else seen.made.threshold
    return Words(
        f"{many} nuclei were found. A nucleus counts if it is a tumour's with a probability of at "
        f"least {seen.rules.tumour_from:g}, and is positive from an optical density of "
        f"{density:.3f}.{own.en}",
        f"检出 {many} 个细胞核。肿瘤概率不低于 {seen.rules.tumour_from:g} 者计数，光密度不低于 "
        f"{density:.3f} 者为阳性。{own.zh}",
    )


def _evidence(seen: Sight) -> Iterator[Evidence]:
    base = f"slide:{seen.slide.id}@{seen.run.id}"
    size = seen.slide.described
    if size is not None:
        yield Evidence(
            Words("The whole slide with every nucleus", "整张切片及全部细胞核"),
            reference=f"{base}#at=0,0,{size.width},{size.height}",
        )
    kinds = ("hotspot", "tumour", "drawn", "excluded")
    shown = [one for kind in kinds for one in seen.regions if one.kind == kind]
    for region in shown[: MOST_EVIDENCE - 1]:
        left, top, right, bottom = box(region)
        yield Evidence(
            _region_words(region),
            reference=f"{base}#at={left},{top},{right - left},{bottom - top}",
        )


def box(region: Region) -> tuple[int, int, int, int]:
    """The smallest rectangle around a region, no further left or up than the slide goes: left,
    top, right, bottom."""
    low, high = region.outline.points.min(0), region.outline.points.max(0)
    left, top = (max(0, int(one)) for one in low)
    return left, top, max(left, int(high[0])) + 1, max(top, int(high[1])) + 1


_REGIONS: Final = {
    "hotspot": Words("Hotspot", "热点区"),
    "tumour": Words("Tumour region", "肿瘤区域"),
    "drawn": Words("Region", "区域"),
    "excluded": Words("Left out", "排除"),
}


def _region_words(region: Region) -> Words:
    kind = _REGIONS[region.kind]
    by = (
        Words("by the program", "程序勾画")
        if region.drawn_by is None
        else Words("drawn by hand", "人工勾画")
    )
    name = f" “{region.name}”" if region.name else ""
    return Words(f"{kind.en}{name}, {by.en}", f"{kind.zh}{name}，{by.zh}")


def _alternatives(seen: Sight) -> Iterator[Words]:
    for one in seen.opinions:
        when = Words("Before any correction", "未更正时") if one.before else Words("Now", "目前")
        yield Words(
            f"{when.en}, this method says of {one.of.en}: {one.first}; an independent one: "
            f"{one.second}.",
            f"{when.zh}，{one.of.zh.strip()}：本方法为 {one.first}，另一独立方法为 {one.second}。",
        )


def slide_of(explanation: Explanation) -> str:
    """The slide that a draft of this room is about: the first of what went into it."""
    return explanation.inputs[0].removeprefix("slide:").split("@")[0]


def _inputs(seen: Sight) -> tuple[str, ...]:
    found = [f"slide:{seen.slide.id}@{seen.slide.sha256}", f"result:{seen.run.nuclei_sha256}"]
    if seen.match is not None and seen.match.specimen:
        found.append(seen.match.specimen)
    if seen.corrections:
        found.append(f"corrections:{seen.slide.id}@{seen.corrections[-1].number}")
    return tuple(found)
