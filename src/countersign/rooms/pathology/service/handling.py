"""What people do with slides: hand them in, say whose they are, have them measured again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from countersign.ground.db import WHOLE, Scope
from countersign.ground.identity import Action, Facts, Principal, scope_of
from countersign.ground.shell import Floor
from countersign.ground.slides import How, KeptSlide, Match, Received
from countersign.kit.errors import CountersignError
from countersign.rooms.pathology.domain.label import STAINS

HOUSE = Facts.house("slides")
_LAID_ASIDE = ("set-aside", "rescan", "failed")


class UnknownStain(CountersignError):
    code = "pathology.unknown_stain"
    status = 422
    message = "Choose the stain from the list."


class Handling:
    """Everything here raises Forbidden, LedgerUnavailable and DatabaseUnavailable."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._slides = floor.slides

    def begin_upload(self, principal: Principal, size: int) -> str:
        """An upload's identifier. Raises SlidesFull before anything is sent."""
        self._require(principal)
        return self._slides.intake.begin_upload(principal, size)

    def append(self, principal: Principal, upload: str, offset: int, parts: Iterable[bytes]) -> int:
        """The next bytes; returns where the upload ends. Raises UploadBroken, SlidesFull."""
        self._require(principal)
        return self._slides.intake.append(principal, upload, offset, parts)

    def finish_upload(
        self,
        principal: Principal,
        upload: str,
        name: str,
        hints: Mapping[str, str],
        parts: Sequence[tuple[str, int]] = (),
    ) -> Received:
        """The slide of a whole upload; ``parts`` are the names and bytes of a folder's files, in
        their order. Raises UploadBroken, SlidesFull, UnfitSlide, UnfitPackage, UnfitFolder."""
        self._require(principal)
        return self._slides.intake.finish_upload(principal, upload, name, hints, parts)

    def receive_files(
        self,
        principal: Principal,
        paths: Sequence[Path],
        how: How,
        hints: Mapping[str, str],
    ) -> Received:
        """The slide of files of this machine. Raises SlidesFull, UnfitSlide."""
        if principal.kind != "system":
            self._require(principal)
        return self._slides.intake.receive_files(paths, how, principal, hints=hints)

    def match(
        self,
        principal: Principal,
        slide: str,
        patient: str,
        stain: str,
        accession: str = "",
        block: str = "",
    ) -> None:
        """Says by hand whose a slide is and how it was stained, first or otherwise than before;
        it is then measured (again). Raises UnknownSlide, WrongSlideState, UnknownStain.
        """
        self._require(principal)
        self._floor.policy.require(
            principal, Action.SLIDE_READ, self._floor.chart.facts_of(patient)
        )
        if stain not in STAINS:
            raise UnknownStain
        match = Match(patient, stain, "hand", accession[:100], block[:40])
        scope = self._scope(principal, slide)
        self._slides.keeping.give(principal, slide, match, scope)
        if self.one(principal, slide).state in _LAID_ASIDE:
            # What was laid aside under another stain, or for another patient, is looked at again.
            self._slides.keeping.move(principal, slide, "queued", "", scope)

    def again(self, principal: Principal, slide: str) -> None:
        """Has it looked at and measured (again). Raises WrongSlideState, UnknownSlide."""
        self._require(principal)
        self._slides.keeping.move(principal, slide, "queued", "", self._scope(principal, slide))

    def ask_rescan(self, principal: Principal, slide: str, code: str = "asked") -> None:
        """Puts it first on the worklist, to be scanned again."""
        self._require(principal)
        self._slides.keeping.move(principal, slide, "rescan", code, self._scope(principal, slide))

    def set_aside(self, principal: Principal, slide: str) -> None:
        """Takes it from the queue; a running measurement stops within seconds."""
        self._require(principal)
        self._slides.keeping.move(
            principal, slide, "set-aside", "by-hand", self._scope(principal, slide)
        )

    def one(self, principal: Principal, slide: str) -> KeptSlide:
        """Raises UnknownSlide."""
        return self._slides.keeping.one(scope_of(principal), slide)

    def _scope(self, principal: Principal, slide: str) -> Scope:
        """That of the person; of a slide that is somebody's, the person must see that patient."""
        one = self.one(principal, slide)
        if one.patient is not None:
            facts = self._floor.chart.facts_of(one.patient)
            self._floor.policy.require(principal, Action.SLIDE_READ, facts)
        return WHOLE

    def _require(self, principal: Principal) -> None:
        self._floor.policy.require(principal, Action.SLIDES_HANDLE, HOUSE)
