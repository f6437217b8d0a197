"""Stain, focus and scanner by day: the quality of measured slides, charted with its alarms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from countersign.ground.db import WHOLE
from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.ledger import Event, EventKind
from countersign.ground.shell import Floor
from countersign.ground.slides import Cause, ControlAlarm, KeptSlide, UnfitChange
from countersign.kit.words import Words
from countersign.rooms.pathology.domain.control import Measure, looked_into
from countersign.rooms.pathology.domain.control_rescan import Reason, Remedy, Rescan, rescans
from countersign.rooms.pathology.domain.control_rules import Rule

from .control_alarming import alarm
from .control_drawing import Control, Wanted, control_of
from .control_keeping import quality_from

MEASURED: Final = ("ready", "draft")
"""States in which another scan is still worth asking for."""

NAMES: Final = {
    Measure.WHITE: Words("White point, mean of the channels", "白点（三通道均值）"),
    Measure.CAST: Words("White point, spread of the channels", "白点（通道差）"),
    Measure.ANGLE: Words("Angle between the stains, degrees", "两种染色向量夹角（度）"),
    Measure.HAEMATOXYLIN: Words("Haematoxylin, optical density", "苏木精光密度"),
    Measure.SECOND: Words("Second stain, optical density", "第二染色光密度"),
    Measure.FOCUS: Words("Sharpness", "清晰度"),
    Measure.ARTEFACTS: Words("Share out of focus, folded or inked", "失焦、褶皱或笔迹比例"),
}
RULES: Final = {
    Rule.BEYOND: Words("beyond three sigma", "超出 3σ"),
    Rule.TWO_OF_THREE: Words("two of three days beyond two sigma", "3 天中 2 天超出 2σ"),
    Rule.FOUR_OF_FIVE: Words("four of five days beyond one sigma", "5 天中 4 天超出 1σ"),
    Rule.EIGHT: Words("eight days on one side", "连续 8 天位于同侧"),
    Rule.DRIFT: Words("the moving average drifts", "移动平均漂移"),
}
CAUSES: Final[dict[Cause, Words]] = {
    "reagent": Words("new reagent or lot", "更换试剂或批号"),
    "antibody": Words("new antibody, clone or dilution", "更换抗体、克隆或稀释度"),
    "protocol": Words("other way of fixing, cutting or staining", "固定、切片或染色流程变更"),
    "light": Words("new lamp or camera, optics cleaned", "更换光源或相机、清洁光路"),
    "scanner": Words("scanner serviced, or new software", "扫描仪维护或软件更新"),
    "mended": Words("fault found and mended", "已查明并排除故障"),
    "looked-into": Words("looked into, nothing found", "已核查，未发现原因"),
}
"""What may have happened; after the last two the limits stay."""

REASONS: Final = {
    Reason.NO_TISSUE: Words("hardly any tissue", "几乎无组织"),
    Reason.BLUR: Words("out of focus", "失焦"),
    Reason.LIGHT: Words("white point far off", "白点异常"),
    Reason.PEN: Words("pen on the tissue", "组织上有笔迹"),
    Reason.PALE: Words("haematoxylin too pale", "苏木精过浅"),
    Reason.DARK: Words("haematoxylin too dark", "苏木精过深"),
    Reason.FOLD: Words("folds", "褶皱"),
}
REMEDIES: Final = {
    Remedy.RESCAN: Words("Scan again", "重新扫描"),
    Remedy.CLEAN: Words("Clean and scan again", "清洁后重新扫描"),
    Remedy.RESTAIN: Words("Stain again", "重新染色"),
    Remedy.RECUT: Words("Cut again", "重新切片"),
}


class Controlling:
    """Raises Forbidden, LedgerUnavailable. No name and no patient is part of a chart."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def charted(self, principal: Principal, wanted: Wanted, what: str = "control") -> Control:
        """What is wanted of the charts of every scanner and stain, under one receipt; ``what`` is
        written there."""
        self._floor.policy.require(principal, Action.SLIDES_HANDLE, Facts.house("slides"))
        charting = self._floor.slides.charting
        days = charting.days(wanted.scanner, wanted.stain)
        changes = self._floor.slides.changing.all()
        made = control_of(days, charting.covered(), wanted, changes)
        self._floor.ledger.record(
            Event(
                EventKind.SLIDES_LISTED,
                principal.actor,
                detail={"slides": made.slides, "what": what},
            )
        )
        return made

    def note(
        self, principal: Principal, day: date, cause: str, scanner: str, stain: str, lot: str
    ) -> None:
        """Writes down what happened, and what the charts alarm of after that. Raises UnfitChange
        for a scanner or stain of which no slide is charted."""
        self._floor.policy.require(principal, Action.SLIDES_HANDLE, Facts.house("slides"))
        covered = self._floor.slides.charting.covered()
        if scanner not in ("", *covered.scanners) or stain not in ("", *covered.stains):
            raise UnfitChange
        self._floor.slides.changing.note(principal, day, cause, scanner, stain, lot.strip())
        alarm(self._floor.slides)

    def withdraw(self, principal: Principal, number: int) -> None:
        """As if it had not been written down. Raises ChangeWithdrawn."""
        self._floor.policy.require(principal, Action.SLIDES_HANDLE, Facts.house("slides"))
        self._floor.slides.changing.withdraw(principal, number)
        alarm(self._floor.slides)

    def alarms(self) -> list[ControlAlarm]:
        """Those of the last days that nobody has looked into, the newest first: for who handles
        slides."""
        changing = self._floor.slides.changing
        found = changing.alarms()
        changes = changing.all() if found else []
        return [one for one in found if not looked_into(one.scanner, one.stain, one.day, changes)]

    def unfit(self, slides: Sequence[KeptSlide]) -> dict[str, tuple[Rescan, ...]]:
        """Measured slides that must be made again and why, the worst reason first."""
        asked = [one.id for one in slides if one.state in MEASURED]
        known = self._floor.slides.charting.some(WHOLE, asked) if asked else {}
        return {
            slide: why
            for slide, figures in known.items()
            if (why := rescans(quality_from(slide, figures)))
        }
