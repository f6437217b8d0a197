"""Exports a case bundle: events with their proofs, for a verifier that has no database."""

from __future__ import annotations

import re
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from countersign.kit.clock import stamp
from countersign.kit.json import encode
from countersign.kit.words import Words

from . import verifier
from .errors import BundleRefused
from .event import Event, EventKind, Receipt, Recorded
from .ledger import Ledger
from .note import Checkpoint
from .pruned import Gone
from .query import EventQuery
from .witnessing import Witnesses

MOST_EVENTS = 100_000
_PAGE = 1000
_ATTACHMENT = re.compile(r"\w[\w.-]{0,99}")
_README = """\
Countersign: a case bundle of the ledger
========================================

events.jsonl      events as they were recorded, each with its proof of place
manifest.json     what was asked for, and the SHA-256 of every other file
checkpoint.txt    the ledger's signed root, with the signatures of witnesses
pruned.jsonl      leaves of that time whose events ended with their retention (if there are any)
earlier.jsonl     proofs that nothing was rewritten since earlier checkpoints (if asked for)
attachments/      documents; each SHA-256 stands in an event or in the manifest
key.txt           the ledger's verifier key, to be compared with the hospital's
verifier.py       checks all of it with Python 3.9 or later, without a network:

    python verifier.py THIS-FILE.zip --key KEY [--witness KEY-OF-A-WITNESS]

Take verifier.py and KEY from the hospital by another way than this file.

账本凭据包：events.jsonl 为所记录的事件及其位置证明；manifest.json 为查询条件及各文件的
SHA-256；checkpoint.txt 为账本签名的根；pruned.jsonl 为该时段内保存期满已清除的叶；
attachments/ 为附件；key.txt 为账本公钥。
用上面的命令即可离线核验。verifier.py 与 KEY 应通过其他途径向医院索取。
"""


@dataclass(frozen=True, slots=True)
class BundleOrder:
    """Who exports which events, with which attachments (name → bytes).

    ``earlier`` are sizes of checkpoints that this ledger made; the bundle then proves that
    nothing was rewritten since. With ``witnesses`` they are asked to cosign the bundle's
    checkpoint, and the newest that each of them cosigned is among the earlier ones.
    """

    actor: str
    query: EventQuery
    attachments: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    earlier: Sequence[int] = ()
    witnesses: Witnesses | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """What was exported: the receipt of the export, its checkpoint, how many events."""

    receipt: Receipt
    checkpoint: Checkpoint
    events: int


def export(ledger: Ledger, order: BundleOrder, out: BinaryIO) -> Exported:
    """Writes the bundle as a ZIP archive to ``out``.

    The export itself is recorded first: its event commits to the manifest and is the last
    in the bundle, so that an event or a file cannot be left out afterwards. Raises
    BundleRefused, LedgerUnavailable (then nothing may leave the house) or LedgerBroken.
    """
    files = _files(ledger, order)
    earlier = _earlier(ledger, order)
    events = _events(ledger, order)
    if gone := _gone(ledger, order):
        files[verifier.PRUNED] = b"".join(map(_gone_line, gone))
        events = _with_records(ledger, events, {one.record for one in gone})
    manifest = encode(
        {
            "v": 1,
            "origin": ledger.origin,
            "query": order.query.as_json(),
            "events": [event.index for event in events],
            "earlier": sorted(earlier),
            "files": {name: sha256(content).hexdigest() for name, content in files.items()},
        }
    )
    receipt = ledger.record(_event(order, manifest, len(events)))
    events.append(_own(ledger, receipt))
    checkpoint = ledger.checkpoint()
    note = checkpoint.note
    if order.witnesses is not None:
        order.witnesses.send(checkpoint)
        note = order.witnesses.cosigned(checkpoint)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        names = _Names(archive, receipt.at)
        names.write(verifier.MANIFEST, [manifest])
        names.write(verifier.CHECKPOINT, [note.encode()])
        names.write(verifier.EVENTS, _event_lines(ledger, events, checkpoint))
        if earlier:
            names.write(verifier.EARLIER, _earlier_lines(ledger, earlier, checkpoint))
        for name, content in files.items():
            names.write(name, [content])
    return Exported(receipt, checkpoint, len(events) - 1)


class _Names:
    """Writes named entries that all carry the time of the export."""

    def __init__(self, archive: zipfile.ZipFile, at: datetime) -> None:
        self._archive = archive
        self._at = (at.year, at.month, at.day, at.hour, at.minute, at.second)

    def write(self, name: str, content: Sequence[bytes] | Iterator[bytes]) -> None:
        entry = zipfile.ZipInfo(name, self._at)
        entry.compress_type = zipfile.ZIP_DEFLATED
        with self._archive.open(entry, "w") as file:
            for piece in content:
                file.write(piece)


def _files(ledger: Ledger, order: BundleOrder) -> dict[str, bytes]:
    for name in order.attachments:
        if not _ATTACHMENT.fullmatch(name):
            raise BundleRefused(
                reason=Words(
                    f"an attachment cannot be named “{name[:40]}”", f"附件不能命名为“{name[:40]}”"
                )
            )
    return {
        "README.txt": _README.encode(),
        verifier.KEY: f"{ledger.verifier_key}\n".encode(),
        "verifier.py": Path(verifier.__file__).read_bytes(),
        **{f"attachments/{name}": content for name, content in order.attachments.items()},
    }


def _earlier(ledger: Ledger, order: BundleOrder) -> dict[int, str]:
    if len(order.earlier) > verifier.MAX_EARLIER:
        raise BundleRefused(
            reason=Words(
                f"at most {verifier.MAX_EARLIER} earlier checkpoints fit",
                f"至多可附 {verifier.MAX_EARLIER} 个较早的检查点",
            )
        )
    notes = ledger.checkpoints(order.earlier)
    for size in order.earlier:
        if size not in notes:
            raise BundleRefused(
                reason=Words(
                    f"no checkpoint was made of {size} leaves", f"没有 {size} 片叶时的检查点"
                )
            )
    if order.witnesses is None:
        return notes
    seen = [checkpoint for checkpoint, _ in order.witnesses.witnessed() if checkpoint.size]
    kept = {size: ledger.opened(note) for size, note in notes.items()}
    kept |= {checkpoint.size: checkpoint for checkpoint in seen}
    return {size: order.witnesses.cosigned(one) for size, one in kept.items()}


def _events(ledger: Ledger, order: BundleOrder) -> list[Recorded]:
    """What the query asks for, oldest first."""
    found: list[Recorded] = []
    query: EventQuery | None = replace(order.query, before=None, limit=_PAGE)
    while query is not None:
        page = ledger.events(query)
        found.extend(page.events)
        if len(found) > MOST_EVENTS:
            raise BundleRefused(
                reason=Words(
                    f"more than {MOST_EVENTS} events; choose a shorter time",
                    f"超过 {MOST_EVENTS} 个步骤；请缩短时间范围",
                )
            )
        query = query.following(page)
    return found[::-1]


def _gone(ledger: Ledger, order: BundleOrder) -> list[Gone]:
    """What was pruned of the kinds and the time that are asked for, in whole batches."""
    found = ledger.gone(order.query, MOST_EVENTS + 1)
    if len(found) > MOST_EVENTS:
        raise BundleRefused(reason=f"more than {MOST_EVENTS} pruned events; choose a shorter time")
    return found


def _gone_line(one: Gone) -> bytes:
    """From these fields a verifier makes what the record of the pruning commits to."""
    leaf = one.leaf
    said = {
        "index": leaf.index,
        "leaf": leaf.leaf_hash.hex(),
        "kind": leaf.kind,
        "at": stamp(leaf.at),
        "rule": one.rule,
        "record": one.record,
    }
    return encode(said) + b"\n"


def _with_records(ledger: Ledger, events: Sequence[Recorded], records: Set[int]) -> list[Recorded]:
    """The events, and those that record what was pruned, by rising index."""
    found = {event.index: event for event in events}
    for index in records - found.keys():
        page = ledger.events(EventQuery(before=index + 1, limit=1))
        found |= {event.index: event for event in page.events if event.index == index}
    return [found[index] for index in sorted(found)]


def _event(order: BundleOrder, manifest: bytes, count: int) -> Event:
    return Event(
        kind=EventKind.EXPORTED,
        actor=order.actor,
        patient=order.query.patient,
        subject=order.query.subject,
        model=order.query.model,
        commits={"manifest": sha256(manifest).hexdigest()},
        detail={"events": count, "attachments": len(order.attachments)},
    )


def _own(ledger: Ledger, receipt: Receipt) -> Recorded:
    """The event of the export as it was recorded."""
    return ledger.events(EventQuery(before=receipt.index + 1, limit=1)).events[0]


def _event_lines(
    ledger: Ledger, events: Sequence[Recorded], checkpoint: Checkpoint
) -> Iterator[bytes]:
    for start in range(0, len(events), _PAGE):
        some = events[start : start + _PAGE]
        proofs = ledger.inclusions([event.index for event in some], checkpoint.size)
        for event, proof in zip(some, proofs, strict=True):
            line = {"index": event.index, "body": event.body.decode(), "proof": _texts(proof)}
            yield encode(line) + b"\n"


def _earlier_lines(
    ledger: Ledger, notes: Mapping[int, str], checkpoint: Checkpoint
) -> Iterator[bytes]:
    for size, note in sorted(notes.items()):
        proof = ledger.consistency(size, checkpoint.size)
        yield encode({"note": note, "proof": _texts(proof)}) + b"\n"


def _texts(proof: Sequence[bytes]) -> list[str]:
    return [b64encode(item).decode() for item in proof]
