"""What an inspection of the ledger can find, said in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from countersign.kit.words import Words


class FindingKind(StrEnum):
    """The ways in which stored rows can disagree with each other."""

    CHANGED_BODY = "changed-body"
    CHANGED_LEAF = "changed-leaf"
    CHANGED_COLUMNS = "changed-columns"
    LOST_BODY = "lost-body"
    LOST_LEAF = "lost-leaf"
    WRONG_HEAD = "wrong-head"
    WRONG_TILE = "wrong-tile"
    LOST_TILE = "lost-tile"
    WRONG_CHECKPOINT = "wrong-checkpoint"
    FOREIGN_CHECKPOINT = "foreign-checkpoint"
    OTHER_HISTORY = "other-history"
    WRONG_COSIGNATURE = "wrong-cosignature"
    SPLIT_VIEW = "split-view"
    LONGER_ELSEWHERE = "longer-elsewhere"
    WRONG_SECOND = "wrong-second-signature"
    PRUNED_UNPROVED = "pruned-unproved"
    PRUNED_EARLY = "pruned-early"


_SENTENCES = {
    FindingKind.CHANGED_BODY: Words(
        "The event {place} was changed: its text no longer has the hash of its leaf.",
        "事件 {place} 被改动：其内容与叶哈希不符。",
    ),
    FindingKind.CHANGED_LEAF: Words(
        "The leaf {place} was changed: event and tile agree on another hash.",
        "叶 {place} 被改动：事件与树块的哈希一致，叶哈希不同。",
    ),
    FindingKind.CHANGED_COLUMNS: Words(
        "The search columns of event {place} say something else than the event.",
        "事件 {place} 的检索列与事件内容不一致。",
    ),
    FindingKind.LOST_BODY: Words(
        "The event {place} is lost; its leaf is still there.",
        "事件 {place} 丢失，其叶哈希仍在。",
    ),
    FindingKind.LOST_LEAF: Words("The leaf {place} is lost.", "叶 {place} 丢失。"),
    FindingKind.WRONG_HEAD: Words(
        "The head counts {place} leaves, which is not how many there are.",
        "表头记录的叶数为 {place}，与实际不符。",
    ),
    FindingKind.WRONG_TILE: Words(
        "A tile disagrees with the leaves at {place}: one of the two was changed.",
        "{place} 处的树块与叶不一致：二者之一被改动。",
    ),
    FindingKind.LOST_TILE: Words("The tile {place} is lost.", "树块 {place} 丢失。"),
    FindingKind.WRONG_CHECKPOINT: Words(
        "The checkpoint of {place} leaves does not match the stored leaves.",
        "叶数为 {place} 的检查点与所存的叶不符。",
    ),
    FindingKind.FOREIGN_CHECKPOINT: Words(
        "The checkpoint of {place} leaves is not signed by this ledger's key.",
        "叶数为 {place} 的检查点并非由本账本的密钥签名。",
    ),
    FindingKind.OTHER_HISTORY: Words(
        "A checkpoint of {place} leaves that was kept elsewhere shows another history: "
        "an old backup was restored, or the record was rewritten.",
        "在他处保存的叶数为 {place} 的检查点显示另一段历史：可能恢复了旧备份，或记录被改写。",
    ),
    FindingKind.WRONG_COSIGNATURE: Words(
        "The cosignature of {place} was not made by that witness over the kept checkpoint.",
        "{place} 的联署签名与所存检查点或该见证方的密钥不符。",
    ),
    FindingKind.SPLIT_VIEW: Words(
        "A witness has signed another history ({place}): the record was rewritten, or shown in "
        "two versions.",
        "见证方所签为另一段历史（{place}）：记录被改写，或对外出示了两个版本。",
    ),
    FindingKind.LONGER_ELSEWHERE: Words(
        "A witness has signed more leaves than there are ({place}): an old backup was restored, "
        "or leaves were removed.",
        "见证方已签的叶多于现有的叶（{place}）：可能恢复了旧备份，或有叶被删除。",
    ),
    FindingKind.WRONG_SECOND: Words(
        "The device's signature below the checkpoint of {place} leaves is wrong.",
        "叶数为 {place} 的检查点下方的设备签名无效。",
    ),
    FindingKind.PRUNED_UNPROVED: Words(
        "The record of pruning {place} does not account for the events that are gone.",
        "清除记录 {place} 与已不存在的事件不符。",
    ),
    FindingKind.PRUNED_EARLY: Words(
        "The event {place} was pruned before its retention ended.",
        "事件 {place} 在保存期满之前被清除。",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement. ``place`` is an index, a size, or ``level/index`` of a tile."""

    kind: FindingKind
    place: str

    @property
    def words(self) -> Words:
        """The finding as a sentence."""
        said = _SENTENCES[self.kind]
        return Words(said.en.format(place=self.place), said.zh.format(place=self.place))


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked and found. ``further`` counts findings beyond those listed."""

    size: int
    root: bytes
    events: int
    tiles: int
    checkpoints: int
    findings: tuple[Finding, ...]
    further: int
    pruned: int = 0
    cosignatures: int = 0
    seconds: int = 0
    """Checkpoints that carry a good signature of the hospital's device."""

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def words(self) -> Words:
        """The outcome in a sentence."""
        counted = (self.size, self.events, self.tiles, self.checkpoints)
        if self.sound:
            en = "The ledger is sound: {} leaves, {} events, {} tiles and {} checkpoints agree."
            zh = "账本完好：{} 个叶、{} 个事件、{} 个树块和 {} 个检查点相互一致。"
            said = Words(en.format(*counted), zh.format(*counted))
            return said if not self.pruned else _with_pruned(said, self.pruned)
        count = len(self.findings) + self.further
        return Words(
            f"The ledger is NOT sound: {count} findings. Change nothing in the database and "
            "tell the security officer.",
            f"账本不完好：发现 {count} 处问题。请勿改动数据库，并告知安全员。",
        )


def _with_pruned(said: Words, count: int) -> Words:
    return Words(
        f"{said.en} {count} events were pruned when their retention ended, each accounted for.",
        f"{said.zh}{count} 个事件在保存期满后被清除，均有记录。",
    )
