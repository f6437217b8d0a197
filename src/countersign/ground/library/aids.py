"""What a hospital gives the search beside words: lists of names, an encoder, servers of its own.

Nothing of it is needed. What is broken or away is left out, and the curators' page says so.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from countersign.ground.egress import Egress
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words

from .encoder import Encoder
from .looking import Engines
from .meaning import Meaning
from .names import read_names
from .pairs import read_pairs
from .precedents import Precedents
from .servers import Caller, Embedding, ModelServer, Reranking
from .synonyms import Synonyms

KINDS: Final = {
    "synonyms": Words("The hospital's own list of names", "本院同义词表"),
    "hpo": Words("Names of HPO", "HPO 名称"),
    "icd10": Words("Names of ICD-10", "ICD-10 名称"),
    "questions": Words("Past questions with their answers", "既往问题及其答案"),
    "encoder": Words("Sentence encoder in a folder", "本机句子编码器"),
    "embedding": Words("Embedding server", "向量服务器"),
    "reranking": Words("Re-ranking server", "重排序服务器"),
}

STATES: Final = {
    "loading": Words("being read", "正在读取"),
    "in-use": Words("in use", "使用中"),
    "broken": Words("cannot be used", "不可用"),
    "unasked": Words("not asked yet", "尚未使用"),
    "forbidden": Words("not on the list of COUNTERSIGN_EGRESS", "不在 COUNTERSIGN_EGRESS 名单中"),
    "away": Words("did not answer in time", "未及时响应"),
    "wrong": Words("answered what cannot be true", "返回内容有误"),
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SearchAids:
    """Where each of them is; ``seconds`` is how long a search waits for a server. ``helpful`` is
    whether what colleagues found helpful counts.
    """

    synonyms: Path | None = None
    hpo: Path | None = None
    icd10: Path | None = None
    questions: Path | None = None
    encoder: Path | None = None
    embedding: ModelServer | None = None
    reranking: ModelServer | None = None
    seconds: float = 2.0
    helpful: bool = True


@dataclass(frozen=True, slots=True)
class Aid:
    """One of them for people: ``kind`` of KINDS, ``state`` of STATES, ``source`` a name or address.

    ``size`` are groups of names, past questions, dimensions of vectors, or requests answered.
    """

    kind: str
    source: str
    state: str
    size: int = 0


class Aids:
    """The aids of one process; ``load`` takes seconds and reads files."""

    def __init__(self, given: SearchAids, egress: Egress) -> None:
        self._given = given
        self.helpful = given.helpful
        self._read: dict[str, Aid] = {}
        self._embedding = self._reranking = None
        if given.embedding:
            self._embedding = Embedding(Caller(egress, given.embedding, given.seconds))
        if given.reranking:
            self._reranking = Reranking(Caller(egress, given.reranking, given.seconds))

    def load(self) -> Engines:
        """The engines for a searcher. Raises nothing: what is broken is left out."""
        engines = Engines(synonyms=self._names(), meaning=self._meaning(), past=self._past())
        if self._reranking is not None:
            engines = replace(engines, rerank=self._reranking.rerank)
        return engines

    def states(self) -> list[Aid]:
        """Each one that the hospital gave, as it is now in this process."""
        given = self._given
        files = {"synonyms": given.synonyms, "hpo": given.hpo, "icd10": given.icd10}
        files |= {"questions": given.questions, "encoder": given.encoder}
        found = [
            self._read.get(kind, Aid(kind, file.name, "loading"))
            for kind, file in files.items()
            if file is not None
        ]
        for kind, one in (("embedding", self._embedding), ("reranking", self._reranking)):
            if one is not None:
                found.append(_state(kind, one.caller))
        return found

    def _names(self) -> Synonyms:
        given, groups = self._given, list[tuple[str, ...]]()
        files = {"synonyms": given.synonyms, "hpo": given.hpo, "icd10": given.icd10}
        for kind, file in files.items():
            if file is None:
                continue
            try:
                found = read_names(file)
            except CountersignError as problem:
                self._broken(kind, file, problem)
                continue
            groups += found
            self._read[kind] = Aid(kind, file.name, "in-use", len(found))
        return Synonyms(groups)

    def _meaning(self) -> Meaning | None:
        if self._embedding is not None:
            both = frozenset({"zh", "en"})
            return Meaning(self._embedding.encode, both, teach=self._embedding.teach)
        folder = self._given.encoder
        if folder is None:
            return None
        try:
            encoder = Encoder(folder)
        except CountersignError as problem:
            self._broken("encoder", folder, problem)
            return None
        self._read["encoder"] = Aid("encoder", folder.name, "in-use", encoder.dimensions)
        return Meaning(encoder.encode)

    def _past(self) -> Precedents | None:
        file = self._given.questions
        if file is None:
            return None
        try:
            found = read_pairs(file)
        except CountersignError as problem:
            self._broken("questions", file, problem)
            return None
        self._read["questions"] = Aid("questions", file.name, "in-use", len(found))
        return Precedents(found)

    def _broken(self, kind: str, file: Path, problem: CountersignError) -> None:
        logger.error("the library's search goes on without %s: %s", kind, problem.code)
        self._read[kind] = Aid(kind, file.name, "broken")


def _state(kind: str, caller: Caller) -> Aid:
    standing = caller.standing
    state = standing.problem or ("in-use" if standing.answered else "unasked")
    return Aid(kind, f"{caller.server.address} ({caller.server.model})", state, standing.answered)
