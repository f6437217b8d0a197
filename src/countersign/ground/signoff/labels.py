"""Labels what a recall reaches where it is read; what was released is never altered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from countersign.ground.chart import Version
from countersign.ground.db import Pool
from countersign.kit.json import JSON, decode, encode
from countersign.kit.words import Words

RecallLabel = Literal["under-recall", "being-corrected", "withdrawn"]
SYSTEM = "urn:countersign:recall"
LABELS: dict[RecallLabel, Words] = {
    "under-recall": Words("under recall", "召回复核中"),
    "being-corrected": Words("under recall, being corrected", "召回后更正中"),
    "withdrawn": Words("withdrawn after recall", "召回后撤回"),
}


class Labels:
    """Finds the label of released versions. ``pool`` logs in as ROOM."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def of(self, versions: Iterable[Version]) -> dict[str, RecallLabel]:
        """From ``Type/id/_history/n`` to its label, for those that have one.

        A version is under recall while a signer of its answer has not reviewed it; it stays
        labelled when one corrects or withdraws it, until the correction takes its place.
        """
        named = [one.versioned for one in versions if one.release_id is not None]
        return self.of_references(named) if named else {}

    def of_references(self, references: Iterable[str]) -> dict[str, RecallLabel]:
        """The same by reference; one without a version has no label."""
        places = [found.groups() for found in map(_VERSIONED.fullmatch, references) if found]
        rows = self._pool.rows(
            _LABELS,
            {
                "type": [kind for kind, _, _ in places],
                "id": [name for _, name, _ in places],
                "version": [int(number) for _, _, number in places],
            },
        )
        return {row["node"].removeprefix("version:"): row["label"] for row in rows if row["label"]}


def overlaid(raw: bytes, label: RecallLabel) -> bytes:
    """The JSON of a resource with the label as a tag, in ``meta.tag`` of R4."""
    resource: JSON = decode(raw)
    meta: JSON = dict(resource.get("meta", {}))
    tag = {"system": SYSTEM, "code": label, "display": LABELS[label].en}
    meta["tag"] = [*meta.get("tag", []), tag]
    return encode({**resource, "meta": meta})


_VERSIONED = re.compile(r"([A-Za-z]+)/([A-Za-z0-9.-]{1,64})/_history/([1-9][0-9]{0,8})")
_LABELS: Final = """
select t.node,
       case when bool_or(a.answer = 'withdrawn') then 'withdrawn'
            when bool_or(a.answer = 'corrected') then 'being-corrected'
            when bool_or(a.task_id is null) then 'under-recall' end as label
from unnest(%(type)s::text[], %(id)s::text[], %(version)s::integer[])
    as named (type, id, version)
join signoff.recall_touched t
    on t.node = 'version:' || named.type || '/' || named.id || '/_history/' || named.version
join chart.version v
    on v.type = named.type and v.id = named.id and v.version = named.version
join release.released r on r.id = v.release_id
join signoff.recall_task k on k.recall_id = t.recall_id and k.draft_id = r.draft_id
left join signoff.recall_answer a on a.task_id = k.id
group by t.node
"""
