"""Reads the files of common conditions and names every fault of a hospital's own ones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Protocol, TypeVar, cast

from countersign.kit.words import Words

from .knowledge import AGES, BANDS, Condition, Entry, Knowledge, KnowledgeInvalid, Test

T = TypeVar("T")
_TERM = re.compile(r"HP:\d{7}|local:[a-z0-9-]+")
_DISEASE = re.compile(r"ICD10:[A-Z]\d\d(\.\d{1,2})?|(OMIM|ORPHA):\d+|local:[a-z0-9-]+")
_ENTRY = frozenset(
    ["id", "term", "name", "learnt", "background", "question"]
    + ["test", "narrows", "lasting", "unspecific", "also"]
)
_TEST = frozenset(["id", "name", "cost", "burden", "minutes"])
_CONDITION = frozenset(
    ["id", "disease", "same", "name", "frequency", "ages", "findings", "measured", "sources"]
    + ["sex", "cannot_miss"]
)


class Folder(Protocol):
    """A folder of files, on disk or in the package."""

    def joinpath(self, *descendants: str) -> Any:
        """What lies in it under that name."""
        ...


class _Odd(Exception):
    """What is wrong with one row, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        self.words = Words(en, zh)
        super().__init__(en)


@lru_cache(maxsize=1)
def shipped() -> Knowledge:
    """The knowledge base that the product ships."""
    return read(files("countersign.ground.reasoning.conditions").joinpath("knowledge"))


def read(folder: Folder) -> Knowledge:
    """The files of a folder laid out like ours; ``KnowledgeInvalid`` names the first fault."""
    found, faults = look(folder)
    if found is None or faults:
        raise KnowledgeInvalid(reason=faults[0])
    return found


def look(folder: Folder) -> tuple[Knowledge | None, list[Words]]:
    """The knowledge, and every fault that was found, each with its file and row.

    Where a row cannot be read, what hangs together is not looked at, and there is no knowledge.
    """
    faults: list[Words] = []
    about = _load(folder, faults, "about.json")
    entries = _rows(folder, faults, _entry, "findings.json")
    tests = _rows(folder, faults, _test, "tests.json")
    conditions = [
        one
        for name in _groups(folder, faults)
        for one in _rows(folder, faults, _condition, "conditions", name)
    ]
    wider = _load(folder, faults, "wider.json")
    if faults:
        return None, faults
    try:
        found = Knowledge(
            str(about["version"]),
            tuple(entries),
            {one.id: one for one in tests},
            tuple(conditions),
            {str(key): _words(value) for key, value in about["sources"].items()},
            {str(term): tuple(map(str, up)) for term, up in wider["wider"].items()},
        )
    except (KeyError, TypeError, AttributeError, ValueError, _Odd) as problem:
        said = f"{type(problem).__name__} {problem}"
        return None, [
            Words(
                f"about.json or wider.json cannot be read ({said})",
                f"about.json 或 wider.json 无法读取（{said}）",
            )
        ]
    return found, list(_together(found))


def _groups(folder: Folder, faults: list[Words]) -> list[str]:
    try:
        named = sorted(str(one.name) for one in folder.joinpath("conditions").iterdir())
    except OSError:
        named = []
    if not named:
        faults.append(
            Words(
                "there is no folder “conditions” with files in it",
                "缺少含有文件的“conditions”文件夹",
            )
        )
    return [one for one in named if one.endswith(".json")]


def _load(folder: Folder, faults: list[Words], *names: str) -> Any:
    file = "/".join(names)
    try:
        return json.loads(folder.joinpath(*names).read_text(encoding="utf-8"))
    except OSError:
        faults.append(Words(f"{file} is missing or cannot be read", f"缺少 {file} 或无法读取"))
    except UnicodeDecodeError:
        faults.append(Words(f"{file} is not in UTF-8", f"{file} 不是 UTF-8 编码"))
    except json.JSONDecodeError as problem:
        faults.append(
            Words(
                f"{file} is no JSON: line {problem.lineno}, column {problem.colno}",
                f"{file} 不是有效的 JSON：第 {problem.lineno} 行第 {problem.colno} 列",
            )
        )
    return None


def _rows(
    folder: Folder, faults: list[Words], make: Callable[[Mapping[str, Any]], T], *names: str
) -> list[T]:
    told, file, made = _load(folder, faults, *names), "/".join(names), list[T]()
    if told is None:
        return []
    if not isinstance(told, list):
        faults.append(Words(f"{file} holds no list of rows", f"{file} 不是条目列表"))
        return []
    for number, row in enumerate(cast("list[Any]", told), 1):
        given = _map(row)
        named = str(given.get("id", "")) or f"#{number}"
        try:
            made.append(make(given))
        except _Odd as odd:
            faults.append(
                Words(f"{file}, {named}: {odd.words.en}", f"{file}，{named}：{odd.words.zh}")
            )
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            said = f"{type(problem).__name__} {problem}"
            faults.append(
                Words(
                    f"{file}, {named}: it cannot be read ({said})",
                    f"{file}，{named}：无法读取（{said}）",
                )
            )
    return made


def _known(row: Mapping[str, Any], names: frozenset[str]) -> None:
    """A misspelt name would be passed over in silence, such as what must not be missed."""
    odd = sorted(set(row) - names)
    if odd:
        raise _Odd(f"nothing is called {odd[0]}", f"没有名为 {odd[0]} 的项")


def _have(row: Mapping[str, Any], name: str) -> Any:
    if name not in row or row[name] in (None, ""):
        raise _Odd(f"it has no {name}", f"缺少 {name}")
    return row[name]


def _map(told: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", told if isinstance(told, dict) else {})


def _words(told: Any) -> Words:
    given = _map(told)
    for language in ("en", "zh"):
        if not str(given.get(language) or "").strip():
            raise _Odd(f"a text lacks its {language}", f"某段文字缺少 {language}")
    return Words(str(given["en"]), str(given["zh"]))


def _number(row: Mapping[str, Any], name: str, low: float, high: float) -> float:
    value = _have(row, name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _Odd(
            f"{name} is no number from {low:g} to {high:g}", f"{name} 须为 {low:g} 至 {high:g} 的数"
        )
    return value


def _test(row: Mapping[str, Any]) -> Test:
    _known(row, _TEST)
    cost, burden = (int(_number(row, name, 0, 4)) for name in ("cost", "burden"))
    minutes = int(_number(row, "minutes", 0, 100_000))
    return Test(str(_have(row, "id")), _words(row.get("name")), cost, burden, minutes)


def _entry(row: Mapping[str, Any]) -> Entry:
    _known(row, _ENTRY)
    term = str(_have(row, "term"))
    also = tuple(str(one) for one in row.get("also", ()))
    for one in (term, *also):
        if not _TERM.fullmatch(one):
            raise _Odd(f"{one} is no term (HP:… or local:…)", f"{one} 不是术语（HP:… 或 local:…）")
    if (learnt := _have(row, "learnt")) not in ("ask", "examine", "test"):
        raise _Odd("learnt is none of ask, examine, test", "learnt 须为 ask、examine 或 test")
    return Entry(
        id=str(_have(row, "id")),
        term=term,
        name=_words(row.get("name")),
        learnt=learnt,
        background=_number(row, "background", 0, 1),
        question=_words(row.get("question")),
        test=row.get("test"),
        narrows=row.get("narrows"),
        lasting=row.get("lasting", False) is True,
        unspecific=row.get("unspecific", False) is True,
        also=also,
    )


def _condition(row: Mapping[str, Any]) -> Condition:
    _known(row, _CONDITION)
    disease = str(_have(row, "disease"))
    for one in (disease, *row.get("same", ())):
        if not _DISEASE.fullmatch(str(one)):
            raise _Odd(
                f"{one} is no disease (ICD10:…, OMIM:…, ORPHA:… or local:…)",
                f"{one} 不是疾病编号（ICD10:…、OMIM:…、ORPHA:… 或 local:…）",
            )
    if (sex := row.get("sex")) not in (None, "female", "male"):
        raise _Odd("sex is neither female nor male", "sex 须为 female 或 male")
    bands: dict[str, str] = dict(_have(row, "findings"))
    measured: dict[str, Any] = dict(row.get("measured", {}))
    sources = [str(one) for one in _have(row, "sources")]
    return Condition(
        id=str(_have(row, "id")),
        disease=disease,
        name=_words(row.get("name")),
        frequency=_number(row, "frequency", 0, 10_000),
        ages=tuple(float(one) for one in _have(row, "ages")),
        findings=_shares(bands, measured),
        bands=bands,
        measured={name: str(value["source"]) for name, value in measured.items()},
        sources=tuple(dict.fromkeys([*sources, *(v["source"] for v in measured.values())])),
        sex=sex,
        cannot_miss=row.get("cannot_miss", False) is True,
        same=tuple(map(str, row.get("same", ()))),
    )


def _shares(bands: Mapping[str, str], measured: Mapping[str, Any]) -> Mapping[str, float]:
    odd = next(((name, band) for name, band in bands.items() if band not in BANDS), None)
    if odd is not None:
        listed = ", ".join(BANDS)
        raise _Odd(
            f"{odd[0]} is “{odd[1]}”, which is no band: write one of {listed}",
            f"{odd[0]} 的“{odd[1]}”不是档次，须为：{listed}",
        )
    if not set(measured) <= set(bands):
        raise _Odd("what is measured must also have a band", "实测项也须有档次")
    found = {name: BANDS[band] for name, band in bands.items()}
    for name, value in measured.items():
        if "source" not in value:
            raise _Odd(f"{name} is measured without a source", f"实测项 {name} 缺少来源")
        found[name] = _number(value, "share", 0.001, 0.999)
    return found


def _together(knowledge: Knowledge) -> Iterator[Words]:
    """What does not fit together, one sentence each."""
    known = {entry.id for entry in knowledge.entries}
    terms = {term for entry in knowledge.entries for term in entry.terms}
    yield from _twice("finding", "表现", (entry.id for entry in knowledge.entries))
    yield from _twice("term", "术语", (term for entry in knowledge.entries for term in entry.terms))
    yield from _twice("condition", "病症", (one.id for one in knowledge.conditions))
    numbers = (each for one in knowledge.conditions for each in (one.disease, *one.same))
    yield from _twice("disease", "疾病", numbers)
    for entry in knowledge.entries:
        yield from _of_entry(knowledge, entry, known)
    for term, up in knowledge.wider.items():
        if term in terms or not up or not set(up) <= terms:
            yield Words(
                f"{term} must lead to findings that are listed, and not be one itself",
                f"{term} 须指向已列出的表现，且自身不在其中",
            )
    for condition in knowledge.conditions:
        yield from _of_condition(knowledge, condition, known)


def _of_entry(knowledge: Knowledge, entry: Entry, known: set[str]) -> Iterator[Words]:
    if not 0 < entry.background < 1:
        yield Words(
            f"the background of {entry.id} is not between 0 and 1",
            f"{entry.id} 的 background 不在 0 与 1 之间",
        )
    if entry.narrows is not None and entry.narrows not in known:
        yield Words(
            f"{entry.id} narrows {entry.narrows}, which is not a finding",
            f"{entry.id} 的 narrows 为 {entry.narrows}，并非已列出的表现",
        )
    if (entry.learnt == "test") != (entry.test in knowledge.tests):
        yield Words(
            f"{entry.id} is learnt from a test that is not listed",
            f"{entry.id} 所依据的检查未列出",
        )


def _of_condition(knowledge: Knowledge, one: Condition, known: set[str]) -> Iterator[Words]:
    for name in sorted(set(one.findings) - known):
        yield Words(
            f"{one.id} names {name}, which is not a finding",
            f"{one.id} 提到 {name}，并非已列出的表现",
        )
    for source in sorted(set(one.sources) - set(knowledge.sources)):
        yield Words(
            f"{one.id} names the source {source}, which is not listed",
            f"{one.id} 提到来源 {source}，未列出",
        )
    if len(one.ages) != len(AGES) or min(one.ages, default=-1) < 0:
        yield Words(
            f"{one.id} needs {len(AGES)} age multipliers of 0 or more",
            f"{one.id} 须有 {len(AGES)} 个不小于 0 的年龄系数",
        )
    if not one.sources or one.frequency <= 0:
        yield Words(f"{one.id} needs a source and a frequency", f"{one.id} 须有来源和频率")


def _twice(kind: str, zh: str, names: Iterable[str]) -> Iterator[Words]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield Words(f"the {kind} {name} is listed twice", f"{zh} {name} 列出两次")
        seen.add(name)
