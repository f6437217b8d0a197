"""Makes a new version of a model of this room and compares it with what is in service."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from countersign.ground.identity import Principal
from countersign.ground.models import (
    Dataset,
    Frozen,
    FrozenSetChanged,
    FrozenSetGone,
    Measured,
    ModelCard,
    ModelKind,
    Source,
    TrainedVersion,
)
from countersign.ground.shell import Floor
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words
from countersign.rooms.pathology.training.folders import (
    OneClass,
    TooFewPatients,
    chosen,
    fields_of,
    files_hash,
    learnable,
    part,
    patients_of,
    tumour_nuclei,
    unchanged,
)
from countersign.rooms.pathology.training.learners import LEARNERS, Wanted

PROCESS: Final = (sys.executable, "-m", "countersign.rooms.pathology.training")
KINDS: Final = tuple(LEARNERS)
LEFT_TO_IT: Final = Wanted()
TITLES: Final = {
    "tumour": Words("Tumour nuclei on Ki-67", "Ki-67 肿瘤细胞核分类器"),
    "nuclei": Words("Nuclei on H&E", "H&E 细胞核"),
    "glands": Words("Glands on H&E", "H&E 腺体"),
}


class NotTrained(CountersignError):
    code = "pathology.not_trained"
    status = 422
    message = "Nothing was trained: {problem}. docs/operate.md says how a folder is laid out."


class NoTrainingExtra(CountersignError):
    code = "pathology.no_training_extra"
    status = 409
    message = "This needs PyTorch: pip install 'countersign[train]', then run it again."


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A folder of labelled fields: where it lies, what it is called and under which licence."""

    folder: Path
    name: str
    licence: str

    @classmethod
    def of(cls, folder: Path) -> LabelledSet:
        """As its ``set.json`` says, if it has one."""
        try:
            said = json.loads((folder / "set.json").read_text("utf-8"))
        except (OSError, ValueError):
            said = {}
        if not isinstance(said, dict):
            said = {}
        name, licence = (str(said.get(key, "")) for key in ("name", "licence"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        return cls(folder, name or folder.resolve().name, licence or "none stated")


class Learning:
    """Trains in a process of its own; keeps what came of it. Nothing goes in service by this."""

    def __init__(
        self,
        floor: Floor,
        tell: Callable[[str], None] = lambda said: None,
        process: Sequence[str] = PROCESS,
    ) -> None:
        self._floor = floor
        self._tell = tell
        self._process = process

    def learn(
        self,
        by: Principal,
        kind: str,
        given: LabelledSet,
        wanted: Wanted = LEFT_TO_IT,
        also: Sequence[LabelledSet] = (),
    ) -> TrainedVersion:
        """One more version of ``kind`` (of ``KINDS``), with its figures on the frozen set.

        ``also`` are learnt from too, for nuclei before, and never frozen; a picture in them that is
        the same file as a frozen one is left out.

        Fields of the frozen set that are not there any more, as those of a patient who refuses
        now, bar nothing: versions are judged on the rest, and the report counts them.

        Raises BadLabels, FrozenSetChanged, FrozenSetGone, NoTrainingExtra, NotTrained, Forbidden,
        LedgerUnavailable.
        """
        trained, work = self._floor.trained, f"pathology-{kind}"
        fields = fields_of(given.folder)
        known = trained.frozen(work, given.name)
        if known is None:  # nothing is frozen that cannot be learnt beside
            _fit(kind, given, fields, chosen(given.folder, fields), also)
        frozen, new = trained.freeze(by, work, given.name, chosen(given.folder, fields))
        judged = _there(fields, frozen)
        lesson = _fit(kind, given, fields, frozen.fields, also)
        gone = len(frozen.fields) - len(judged)
        self._tell(f"{len(judged)} of {len(fields)} fields are {_frozen(new)}")
        if gone:
            self._tell(f"{gone} fields of the frozen set are gone: judged on the rest")
        if left := len(fields) - len(judged) - len(lesson):
            self._tell(f"{left} more of the same patients are not learnt from")
        with tempfile.TemporaryDirectory(prefix="countersign-training-") as scratch:
            place = Path(scratch)
            part(given.folder, place / "lesson", lesson)
            part(given.folder, place / "frozen", judged)
            besides = self._besides(also, frozen, place)
            made = place / "made"
            words = ["-" if one is None else str(one) for one in (wanted.steps, wanted.looks)]
            self._run("train", kind, str(place / "lesson"), str(made), *words, *besides)
            report = self._compared(kind, work, made, place)
            content = made.read_bytes()
        card = self._card(kind, (given, *also), report["new"], content)
        counts = {"fields": len(fields), "frozen_fields": len(judged), "frozen_gone": gone}
        ref = trained.keep(by, work, card, content, frozen, {**report, **counts})
        return trained.one(ref.name, ref.version)

    def _besides(self, also: Sequence[LabelledSet], frozen: Frozen, place: Path) -> list[str]:
        """Folders that are learnt from too, without what is frozen. Raises BadLabels."""
        away, found = {files_hash(one) for one in frozen.fields.values()}, list[str]()
        for number, one in enumerate(also):
            fields = fields_of(one.folder)
            new = {name for name, said in fields.items() if files_hash(said) not in away}
            part(one.folder, place / f"besides{number}", new)
            self._tell(f"{len(new)} of {len(fields)} fields of {one.name} are learnt from too")
            found.append(str(place / f"besides{number}"))
        return found

    def _compared(
        self, kind: str, work: str, made: Path, place: Path
    ) -> dict[str, dict[str, float] | None]:
        """The figures of the new one and of what answers now, on the same frozen fields."""
        now, standing = "-", self._floor.trained.in_service(work)
        if standing is not None:
            (place / "now").write_bytes(self._floor.trained.artefact(standing))
            now = str(place / "now")
        judged = str(place / "frozen")
        return {
            "new": self._run("judge", kind, str(made), judged),
            "now": self._run("judge", kind, now, judged),
        }

    def _run(self, *arguments: str) -> dict[str, float] | None:
        """What the process says last. Raises NotTrained with the kind of its error alone."""
        command = [*self._process, *arguments]
        last = "null"
        with (
            tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
            subprocess.Popen(  # noqa: S603 - our own module, with arguments that we made
                command, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8"
            ) as process,
        ):
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            for line in process.stdout:
                last = line.strip()
                self._tell(last)
            process.wait()
            errors.seek(0)
            wrong = errors.read().strip().splitlines()
        if process.returncode:
            problem = (wrong or ["?"])[-1][:200]
            if "No module named 'torch'" in problem:
                raise NoTrainingExtra
            raise NotTrained(problem=problem)
        return json.loads(last)

    def _card(
        self,
        kind: str,
        given: Sequence[LabelledSet],
        figures: Mapping[str, float] | None,
        content: bytes,
    ) -> ModelCard:
        names = [Words(one.name, one.name) for one in given]
        name = names[0]
        at = self._floor.clock()
        return ModelCard(
            name=f"pathology-{kind}-own",
            version=f"{at:%Y%m%d}.{sha256(content).hexdigest()[:8]}",
            kind=ModelKind.VISION,
            title=TITLES[kind],
            intended_use=_USE,
            not_for=_NOT_FOR,
            data=tuple(
                Dataset(*one) for one in zip(names, (one.licence for one in given), strict=True)
            ),
            performance=tuple(
                Measured(_GROUP, Words(key, key), f"{value:.4g}", name)
                for key, value in sorted((figures or {}).items())
            )
            or (Measured(_GROUP, Words("none", "无"), "–", name),),
            limits=(_LIMIT,),
            owner="Pathology",
            sources=(Source("Trained in this hospital", f"{at:%Y-%m-%d}"),),
        )


_USE: Final = Words(
    "Drafts on whole slides that a pathologist sees, corrects and signs.",
    "用于全切片图像的草稿，由病理医师查看、更正并签署。",
)
_NOT_FOR: Final = Words(
    "Slides of other stains, scanners or organs than those it was trained on; any use without a "
    "pathologist.",
    "不适用于训练集以外的染色、扫描仪或器官，亦不得在无病理医师参与下使用。",
)
_GROUP: Final = Words("Frozen set", "冻结集")
_LIMIT: Final = Words(
    "It was compared on a frozen set of this hospital alone, which may be small.",
    "仅在本院冻结集上比较，样本可能较少。",
)


def _frozen(new: bool) -> str:
    return "frozen from now on" if new else "frozen, as before"


def _fit(
    kind: str,
    given: LabelledSet,
    fields: Mapping[str, str],
    frozen: Mapping[str, str],
    also: Sequence[LabelledSet],
) -> set[str]:
    """The fields to learn from where these are frozen. Raises TooFewPatients, OneClass."""
    lesson = learnable(given.folder, fields.keys(), frozen)
    found, least = len(patients_of(given.folder, lesson)), LEARNERS[kind].patients
    if found < least:
        raise TooFewPatients(found=found, least=least)
    if kind == "tumour":
        lessons = [(given.folder, lesson)]
        lessons += [(one.folder, set(fields_of(one.folder))) for one in also]
        counts = [tumour_nuclei(*one) for one in lessons]
        learnt = sum(one for one, _ in counts), sum(other for _, other in counts)
        judged = tumour_nuclei(given.folder, fields.keys() & frozen.keys())
        if not all((*learnt, *judged)):
            raise OneClass(
                learnt_tumour=learnt[0],
                learnt_other=learnt[1],
                frozen_tumour=judged[0],
                frozen_other=judged[1],
            )
    return lesson


def _there(fields: Mapping[str, str], frozen: Frozen) -> set[str]:
    """The fields of the frozen set that are there. Raises FrozenSetChanged where one of them is
    another one or labelled otherwise, FrozenSetGone where none is left."""
    there = fields.keys() & frozen.fields.keys()
    for name in sorted(there):
        if not unchanged(frozen.fields[name], fields[name]):
            raise FrozenSetChanged(field=name)
    if not there:
        raise FrozenSetGone(count=len(frozen.fields))
    return set(there)
