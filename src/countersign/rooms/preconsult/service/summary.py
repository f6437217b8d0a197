"""The half screen that a physician reads: one line for each answer, and who read and worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from countersign.ground.interviews import Entry
from countersign.ground.reasoning import Status
from countersign.ground.shell import Floor
from countersign.kit.words import Words
from countersign.rooms.preconsult.domain import ASK, BACKGROUND
from countersign.rooms.preconsult.inference import flags, speeches

from .interviewing import internal
from .voice import heard_by
from .words import UNDERSTOOD, WORDED, understood

TITLES = {
    "who": Words("Filled in by", "填写人"),
    "complaint": Words("Complaint, in the patient's words", "主诉（患者原话）"),
    "dangers": Words("Dangers ticked", "勾选的危险征象"),
    "history": Words("Past history", "既往史"),
    "medicines": Words("Medicines", "用药"),
    "allergies": Words("Allergies", "过敏"),
    "family": Words("Family history", "家族史"),
    "smoking": Words("Smoking", "吸烟"),
    "pictures": Words("Attachments", "附件"),
}
SAID = {
    "yes": Words("yes", "有"),
    "no": Words("no", "无"),
    "unsure": Words("does not know", "不清楚"),
    "never": Words("never", "从不"),
    "before": Words("stopped", "已戒"),
    "now": Words("smokes", "吸烟"),
    "skip": Words("would not say", "未作答"),
    "patient": Words("the patient", "患者本人"),
    "relative": Words("a relative", "家属代填"),
    "nurse": Words("a nurse", "护士代填"),
}
READ_AS = {
    Status.PRESENT: Words("present", "有"),
    Status.ABSENT: Words("denied", "否认"),
    Status.UNCERTAIN: Words("unsure", "不确定"),
}
NOTHING = Words("none, as told", "自述无")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the summary and what it rests on: the number of the entry."""

    item: str
    title: Words
    text: Words
    number: int


def summary(floor: Floor, entries: Sequence[Entry]) -> list[Line]:
    """The half screen: one line for each answer, in the order in which a history is taken."""
    newest: dict[str, Entry] = {}
    for one in entries:
        if not internal(one.item):
            newest[one.item] = one
    order = ["complaint", "dangers", *(i for i in newest if i.startswith(ASK)), *BACKGROUND, "who"]
    lines = [_line(floor, newest[item]) for item in order if item in newest]
    read = _read(floor, entries)
    return [*lines[:1], read, *lines[1:]] if read is not None and "complaint" in newest else lines


def paths(entries: Sequence[Entry]) -> list[Words]:
    """Who read the words and who worded the questions, for whoever relies on them."""
    kept = {one.item: one.value for one in entries}
    model = understood(kept).model
    asked = [item for item in kept if item.startswith(ASK)]
    worded = [kept[w] for w in kept if w.startswith(WORDED) and ASK + w[len(WORDED) :] in asked]
    by = sorted({str(one.get("model", "")) for one in worded})
    read = (
        Words(
            f"Words were read by rules, then also by {model}.",
            f"文字先由规则读取，再由 {model} 读取。",
        )
        if model
        else Words(
            "Words were read by rules; no language model read them.",
            "文字由规则读取，未经语言模型。",
        )
    )
    said = (
        Words(
            f"{len(worded)} of {len(asked)} questions were worded by {', '.join(by)} and checked "
            "against the signed ones.",
            f"{len(asked)}个问题中有{len(worded)}个由 {'、'.join(by)} 改写并与已签署问题核对。",
        )
        if worded
        else Words("Questions were asked as signed.", "问题按已签署的原文提出。")
    )
    chosen = Words(
        "Questions were chosen by expected information.", "问题按预期信息量选出，不由语言模型选择。"
    )
    spoken = [_spoken(by) for by in [heard_by(kept)] if by]
    return [read, said, chosen, *spoken]


def changed(floor: Floor, entries: Sequence[Entry]) -> list[tuple[Line, Entry]]:
    """What an answer said before it was changed, with the entry that kept it, the oldest first.

    Two people may fill in by one link; nothing that either of them gave is lost.
    """
    told = [
        one for one in entries if not internal(one.item) and one.item in (*TITLES, *_asked(entries))
    ]
    last = {one.item: _line(floor, one).text for one in told}
    lines = ((_line(floor, one), one) for one in told)
    return [(line, one) for line, one in lines if line.text != last[one.item]]


def own_words(floor: Floor, entries: Sequence[Entry]) -> list[tuple[Words, str, Entry]]:
    """What was written, as it was given: what it answers, in which language, and the entry."""
    return [
        (_line(floor, one).title, _language(one), one)
        for one in entries
        if not internal(one.item) and str(one.value.get("text", "")).strip()
    ]


def _language(entry: Entry) -> str:
    known = speeches().get(str(entry.value.get("language", "")))
    return known.name if known else ""


def _asked(entries: Sequence[Entry]) -> set[str]:
    return {one.item for one in entries if one.item.startswith(ASK)}


def _spoken(models: Sequence[str]) -> Words:
    by = ", ".join(models), "、".join(models)
    return Words(
        f"Some of it was spoken and written down by {by[0]}, then read by who filled it in; words "
        "may have been misheard. No recording was kept.",
        f"部分内容为口述，由 {by[1]} 转写，填写者已过目；可能有误听。未保存录音。",
    )


def _read(floor: Floor, entries: Sequence[Entry]) -> Line | None:
    """What a language model read in the complaint, each with the patient's own words."""
    kept = {one.item: one for one in entries}
    found = understood({item: one.value for item, one in kept.items()})
    if not found.findings:
        return None
    named = [(floor.reasoning.label(one.term), one.status, quote) for one, quote in found.findings]
    return Line(
        UNDERSTOOD,
        Words("Read by a language model (unverified)", "语言模型读取（未核实）"),
        Words(
            "; ".join(f"{n.en} ({READ_AS[s].en}: “{q}”)" for n, s, q in named),
            "；".join(f"{n.zh}（{READ_AS[s].zh}：“{q}”）" for n, s, q in named),
        ),
        kept[UNDERSTOOD].number,
    )


def _line(floor: Floor, entry: Entry) -> Line:
    value = entry.value
    if entry.item.startswith(ASK):
        said = SAID[str(value["answer"])]
        return Line(entry.item, floor.reasoning.label(entry.item.removeprefix(ASK)),
                    _joined(said, str(value.get("text", ""))), entry.number)  # fmt: skip
    title = TITLES.get(entry.item, Words(entry.item, entry.item))
    return Line(entry.item, title, _text(entry.item, value), entry.number)


def _text(item: str, value: Mapping[str, object]) -> Words:
    if item == "dangers":
        ticked = value.get("flags", [])
        names = [flags().one(str(one)) for one in ticked] if isinstance(ticked, list) else []  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
        titles = [one.title for one in names if one is not None]
        if not titles:
            return NOTHING
        return Words("; ".join(t.en for t in titles), "；".join(t.zh for t in titles))
    if item in ("who", "smoking"):
        code = str(value.get("who", value.get("answer", "")))
        return _joined(SAID.get(code, Words(code, code)), str(value.get("name", "")))
    text = str(value.get("text", ""))
    return Words(text, text) if text else NOTHING


def _joined(said: Words, text: str) -> Words:
    return Words(f"{said.en}: {text}", f"{said.zh}：{text}") if text else said
