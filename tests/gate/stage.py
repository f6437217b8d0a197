"""What who writes SQL by hand needs: honest rows, of which an attempt changes one thing.

Each ``…_row`` gives the values of a row that the gate lets pass (``test_honest.py`` shows it),
so that an attempt fails for what it changed and for nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb

from building import OTHER_PATIENT, PATIENT, Building
from countersign.ground.db import DbRole, Scope
from countersign.ground.db.scope import SET_SCOPE
from countersign.ground.identity import Principal
from countersign.ground.ledger import Event, EventKind
from countersign.ground.signoff import RiskClass
from countersign.kit.ids import new_id

Row = dict[str, Any]
FORGED = b"forged"
EVERYTHING = Scope(whole=True, person="wang", patients=frozenset({PATIENT, OTHER_PATIENT}))
ADMIN = Principal.system("test")


@dataclass(frozen=True)
class Attempt:
    """A way round the physician in plain words, and the refusal that it must meet.

    ``refusal`` is an SQLSTATE (42501: no right; 23503, 23505, 23514: a key, a repetition, a
    check; CS…: the house's own) or the error of the programs above the database.
    """

    name: str
    refusal: str | type[BaseException]
    run: Callable[[Stage], object]

    def __str__(self) -> str:
        return self.name


class Stage:
    """The building as an attacker sees it, with the password of every database role."""

    def __init__(self, building: Building) -> None:
        self.building = building

    @contextmanager
    def work(self, role: DbRole, *, isolation: int | None = None) -> Iterator[Connection[DictRow]]:
        """One transaction as a role, committed at the end."""
        conninfo = self.building.database.conninfo(role)
        with closing(psycopg.connect(conninfo, row_factory=dict_row)) as connection:
            if isolation is not None:
                connection.isolation_level = psycopg.IsolationLevel(isolation)
            # Whoever has a role's password also says for whom it reads: an attempt fails for
            # what it does, not for what it cannot see.
            connection.execute(SET_SCOPE, EVERYTHING.settings())
            connection.commit()
            yield connection
            connection.commit()

    @contextmanager
    def owner(self) -> Iterator[Connection[DictRow]]:
        """One transaction as the owner of every table."""
        conninfo = self.building.database.owner_conninfo
        with closing(psycopg.connect(conninfo, row_factory=dict_row)) as connection:
            yield connection
            connection.commit()

    def stopped(self) -> None:
        self.building.floor.switch._press(ADMIN, "a test", stopped=True)

    def resumed(self) -> None:
        if self.building.floor.switch.state().stopped:
            self.building.floor.switch._press(ADMIN, "a test is over", stopped=False)

    def drafted(self, **changes: Any) -> Row:
        """A draft that the house proposed, as its row."""
        return self.draft(self.building.drafted(**changes))

    def draft(self, draft: str) -> Row:
        return self.building.rows("select * from signoff.draft where id = %s", draft)[0]

    def viewed(self, *names: str, **changes: Any) -> Row:
        """A draft that these people have opened."""
        draft = self.building.drafted(**changes)
        for name in names:
            self.seen(name, draft)
        return self.draft(draft)

    def seen(self, name: str, draft: str) -> None:
        """The ledger says that the person opened it, whether or not the policy allows it."""
        self.building.ledger.record(
            Event(
                EventKind.DRAFT_VIEWED,
                f"person:{self.building.people[name]}",
                subject=f"draft:{draft}",
            )
        )

    def signed(self, name: str = "wang", **changes: Any) -> tuple[Row, Row]:
        """A draft and its first signature, both honest."""
        draft = self.viewed(name, **changes)
        self.building.signoff.decisions.accept(self.building.who(name), draft["id"])
        return draft, self.signatures(draft["id"])[0]

    def signed_twice(self) -> tuple[Row, Row, Row]:
        """A draft of the highest class with both signatures."""
        draft, _ = self.signed(risk=RiskClass.HIGH)
        self.building.countersign("li", draft["id"])
        return draft, *self.signatures(draft["id"])

    def signatures(self, draft: str) -> list[Row]:
        return self.building.rows(
            "select * from signoff.signature where draft_id = %s order by ordinal", draft
        )

    def draft_row(self, **changes: Any) -> Row:
        """What ROOM may insert, with ``draft_leaf``."""
        model = self.building.model
        box = self.building.house.vault.seal(PATIENT, FORGED, "forged")
        now = datetime.now(UTC)
        manifest = {
            "rationale": 10,
            "evidence": 1,
            "limits": 1,
            "confidence": "given",
            "alternatives": 0,
            "model": model.label,
            "inputs": 1,
            **changes.pop("manifest", {}),
        }
        without = changes.pop("without", None)
        return {
            "id": new_id(),
            "room": "forged",
            "kind": "forged",
            "patient": PATIENT,
            "risk": "medium",
            "urgency": "routine",
            "signer_kinds": ["physician", "senior_physician"],
            "fingerprint": secrets.randbits(62),
            "topic": secrets.randbits(62),
            "corrects": None,
            "model_name": model.name,
            "model_version": model.version,
            "model_digest": bytes.fromhex(model.digest),
            "manifest": Jsonb({part: n for part, n in manifest.items() if part != without}),
            "sha256": secrets.token_bytes(32),
            "suite": box.suite,
            "key_id": box.key_id,
            "box": box.box,
            "proposed_by": "system:worker",
            "proposed_at": now,
            "expires_at": now + timedelta(days=1),
            **changes,
        }

    def signature_row(self, draft: Row, name: str = "wang", **changes: Any) -> Row:
        """What SIGNER may insert, with ``signature_leaf``; an acceptance of the draft."""
        licence = self.licence(name)
        box = self.building.house.vault.seal(PATIENT, b"", "forged")
        return {
            "id": new_id(),
            "draft_id": draft["id"],
            "draft_sha256": draft["sha256"],
            "risk": draft["risk"],
            "patient": draft["patient"],
            "ordinal": 1,
            "signer_id": self.building.people[name],
            "licence_id": licence["id"],
            "licence_kind": licence["kind"],
            "valid_from": licence["valid_from"],
            "valid_to": licence["valid_to"],
            "decision": "accepted",
            "reason_code": None,
            "signed_sha256": draft["sha256"],
            "suite": box.suite,
            "key_id": box.key_id,
            "box": box.box,
            "presence_id": self.presence(name) if draft["risk"] == "high" else None,
            "signed_at": datetime.now(UTC),
            "signed_on": date.today(),  # noqa: DTZ011 - replaced by the database
            **changes,
        }

    def presence(self, name: str) -> str | None:
        """The fresh proof of presence of a person of the staff, or None of whom is not there."""
        if name not in self.building.accounts:
            return None
        return self.building.floor.entrance.presences.fresh(self.building.who(name))

    def second_row(self, draft: Row, name: str = "li", **changes: Any) -> Row:
        """The second signature on a draft of the highest class."""
        return self.signature_row(
            draft, name, **{"ordinal": 2, "decision": "countersigned", **changes}
        )

    def release_row(self, draft: Row, first: Row, second: Row | None = None, **changes: Any) -> Row:
        """What SENDER may insert, with ``release_leaf``."""
        return {
            "id": new_id(),
            "draft_id": draft["id"],
            "risk": draft["risk"],
            "patient": draft["patient"],
            "signed_sha256": first["signed_sha256"],
            "decision": first["decision"],
            "signature_id": first["id"],
            "signer_id": first["signer_id"],
            "second_signature_id": second["id"] if second else None,
            "second_ordinal": 2 if second else None,
            "second_signer_id": second["signer_id"] if second else None,
            "second_decision": "countersigned" if second else None,
            "targets": ["DetectedIssue/" + new_id()],
            "released_at": datetime.now(UTC),
            **changes,
        }

    def version_row(self, release: Row, **changes: Any) -> Row:
        """What SENDER may insert into the chart after its release."""
        kind, _, identifier = release["targets"][0].partition("/")
        box = self.building.house.vault.seal(PATIENT, b"{}", "forged")
        return {
            "type": kind,
            "id": identifier,
            "version": 1,
            "patient": release["patient"],
            "at": datetime.now(UTC),
            "origin": "released",
            "release_id": release["id"],
            "author": "person:forged",
            "suite": box.suite,
            "key_id": box.key_id,
            "box": box.box,
            "sha256": secrets.token_bytes(32),
            **changes,
        }

    def licence(self, name: str) -> Row:
        return self.building.rows(
            "select * from identity.licence where id = %s", self.building.licences[name]
        )[0]


def insert(connection: Connection[DictRow], table: str, row: Row) -> None:
    """Inserts a row by hand."""
    schema, _, name = table.partition(".")
    connection.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(schema, name),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        list(row.values()),
    )


def leaf(connection: Connection[DictRow], event: Event) -> None:
    """Appends an event by hand, as every role may."""
    body = event.body(datetime.now(UTC), secrets.token_bytes(16))
    connection.execute("select ledger.append(%b::bytea[])", ([body],), binary=True)


def draft_leaf(row: Row, **changes: Any) -> Event:
    given: Row = {
        "kind": EventKind.DRAFT_PROPOSED,
        "actor": row["proposed_by"],
        "subject": f"draft:{row['id']}",
        "commits": {"content": row["sha256"].hex()},
        **changes,
    }
    return Event(**given)


def signature_leaf(row: Row, **changes: Any) -> Event:
    rejected = row["decision"] == "rejected"
    commits = {"draft": row["draft_sha256"].hex()}
    if row["signed_sha256"] is not None:
        commits["signed"] = row["signed_sha256"].hex()
    given: Row = {
        "kind": EventKind.DRAFT_REJECTED if rejected else EventKind.DRAFT_SIGNED,
        "actor": f"person:{row['signer_id']}",
        "subject": f"draft:{row['draft_id']}",
        "commits": commits,
        **changes,
    }
    return Event(**given)


def release_leaf(row: Row, **changes: Any) -> Event:
    given: Row = {
        "kind": EventKind.RELEASED,
        "actor": f"person:{row['signer_id']}",
        "subject": f"draft:{row['draft_id']}",
        "commits": {"signed": row["signed_sha256"].hex()},
        **changes,
    }
    return Event(**given)


def propose(stage: Stage, role: DbRole = DbRole.ROOM, **changes: Any) -> Row:
    """A draft by hand, with its leaf."""
    row = stage.draft_row(**changes)
    with stage.work(role) as connection:
        insert(connection, "signoff.draft", row)
        leaf(connection, draft_leaf(row))
    return row


def sign(stage: Stage, row: Row, role: DbRole = DbRole.SIGNER) -> Row:
    """A signature by hand, with its leaf."""
    with stage.work(role) as connection:
        insert(connection, "signoff.signature", row)
        leaf(connection, signature_leaf(row))
    return row


def release(
    stage: Stage, row: Row, *versions: Row, role: DbRole = DbRole.SENDER
) -> tuple[Row, ...]:
    """A release by hand, with its leaf and what it writes."""
    with stage.work(role) as connection:
        insert(connection, "release.released", row)
        for version in versions:
            insert(connection, "chart.version", version)
        leaf(connection, release_leaf(row))
    return row, *versions


def refused(attempt: Attempt, stage: Stage) -> str:
    """What became of an attempt: the SQLSTATE or the name of the error, or that it passed."""
    try:
        attempt.run(stage)
    except psycopg.Error as problem:
        return problem.sqlstate or type(problem).__name__
    except Exception as problem:  # noqa: BLE001 - every refusal is looked at
        return type(problem).__name__
    finally:
        stage.resumed()
    return "nothing refused it"


def expected(attempt: Attempt) -> str:
    return attempt.refusal if isinstance(attempt.refusal, str) else attempt.refusal.__name__
