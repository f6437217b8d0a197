"""Says what a draft rests on, so that a recall finds whatever a model or a guideline touched."""

from __future__ import annotations

import re
from collections.abc import Iterable

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool

from .explanation import Explanation
from .rows import Rows

_REGISTERED = re.compile(r"[a-z][a-z0-9-]{0,63}@[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")
BATCH = 200


def document_node(document: str, version: str) -> str:
    """How an edge names one version of a document."""
    return f"document:{document}@{version}"


def model_node(label: str) -> str:
    """How an edge names a registered model, prompt or rule pack (``name@version``)."""
    return f"model:{label}"


def registered_of(explanation: Explanation) -> list[str]:
    """Labels of the registered prompts, models and rule packs that an answer had beside its own
    model, in the order in which it names them."""
    return [one for one in dict.fromkeys(explanation.inputs) if _REGISTERED.fullmatch(one)]


def targets_of(explanation: Explanation) -> list[str]:
    """The nodes that an answer rests on, sorted: its inputs, documents and other models.

    An input without a slash that looks like ``name@version`` is a registered prompt, rule
    pack or index; any other input without one names nothing that could be recalled.
    """
    found: set[str] = {model_node(one.model.label) for one in explanation.opinions}
    for name in (*explanation.inputs, *(item.reference or "" for item in explanation.evidence)):
        if "/" in name:
            found.add(f"version:{name}")
        elif _REGISTERED.fullmatch(name):
            found.add(model_node(name))
    for item in explanation.evidence:
        if item.document is not None and item.version is not None:
            found.add(document_node(item.document, item.version))
    return sorted(found)


def trace(connection: Connection[DictRow], draft_id: str, targets: Iterable[str]) -> None:
    """Writes the edges of a draft in the transaction that proposes it."""
    connection.execute("select signoff.trace_inputs(%s, %s)", (draft_id, list(targets)))


class Tracing:
    """Traces the drafts from before there were edges: their inputs are sealed."""

    def __init__(self, pool: Pool, rows: Rows) -> None:
        self._pool = pool
        self._rows = rows

    def catch_up(self) -> int:
        """Opens and traces the next of them; returns how many were traced."""
        rows = self._pool.rows("select draft_id from signoff.untraced limit %s", (BATCH,))
        done = 0
        for row in rows:
            targets = targets_of(self._rows.draft(row["draft_id"]).explanation)
            try:
                with self._pool.transaction() as connection:
                    trace(connection, row["draft_id"], targets)
            except psycopg.DatabaseError as problem:
                if problem.sqlstate != "CSG15":
                    raise
                continue  # another process was quicker
            done += 1
        return done
