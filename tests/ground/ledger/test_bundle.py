"""An exported bundle convinces an outsider, and one that was touched never does."""

from __future__ import annotations

import ast
import io
import itertools
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.egress import Egress, places
from countersign.ground.ledger import (
    BundleOrder,
    BundleRefused,
    Cosigner,
    Event,
    EventKind,
    EventQuery,
    Ledger,
    LedgerUnavailable,
    Signer,
    export,
    verifier,
)
from countersign.kit.clock import utc_now
from ground.ledger.forged import packed, unpacked
from ground.ledger.known import ORIGIN, permit_all
from ground.ledger.witnessed import asking, listening, witness

LETTER = "出院小结".encode()
Files = dict[str, bytes]


@dataclass
class Case:
    """A real bundle of one patient's six events, exported against an older checkpoint."""

    raw: bytes
    files: Files
    key: str
    older: str
    between: str

    def check(self, raw: bytes, folder: Path, since: str | None = None) -> list[tuple[str, str]]:
        file = folder / "case.zip"
        file.write_bytes(raw)
        return verifier.check(str(file), self.key, since)


@pytest.fixture(scope="module")
def ledger(module_database: Database) -> Iterator[Ledger]:
    permit_all(module_database)
    signer = Signer(ORIGIN, b"\x21" * 32)
    made = Ledger(module_database.pool(DbRole.LEDGER), signer, utc_now, checkpoint_every=None)
    yield made
    made.close()


@pytest.fixture(scope="module")
def case(ledger: Ledger) -> Case:
    notes: list[str] = []
    for number, kind in itertools.product(range(60), (EventKind.DRAFT_VIEWED, EventKind.RELEASED)):
        commits = {"letter": sha256(LETTER).hexdigest()} if number == 10 else {}
        ledger.record(Event(kind, "person:1", patient=f"p{number % 20}", commits=commits))
        if kind is EventKind.RELEASED and number in (20, 30):
            notes.append(ledger.checkpoint().note)
    order = BundleOrder(
        "person:9",
        EventQuery(patient="p10"),
        {"letter.txt": LETTER, "说明.txt": b"only in the manifest"},
        earlier=(42,),
    )
    out = io.BytesIO()
    done = export(ledger, order, out)
    assert (done.events, done.checkpoint.size, done.receipt.index) == (6, 121, 120)
    return Case(out.getvalue(), unpacked(out.getvalue()), ledger.verifier_key, *notes)


def test_a_bundle_verifies_on_a_machine_with_python_alone(case: Case, tmp_path: Path) -> None:
    file, program = tmp_path / "case.zip", tmp_path / "verifier.py"
    file.write_bytes(case.raw)
    program.write_bytes(case.files["verifier.py"])
    older = tmp_path / "older.txt"
    older.write_bytes(case.older.encode())
    run = subprocess.run(
        [sys.executable, "-I", "-S", program, file, "--key", case.key, "--since", older],
        capture_output=True,
        cwd=tmp_path,
        env={},
        check=False,
    )
    said = run.stdout.decode()
    assert (run.returncode, run.stderr) == (0, b""), said
    for expected in (
        "6 events are unchanged",
        "6 个事件均未改动",
        "attachments/letter.txt is unchanged (event 20)",
        "attachments/说明.txt is unchanged (event 120)",
        "The first 42 leaves were never rewritten",
        "person:9 exported",
        "[GENUINE]",
        "包内一切均与账本记录一致",
    ):
        assert expected in said
    assert "ATTENTION" not in said


def test_the_verifier_is_one_short_file_of_the_standard_library() -> None:
    text = Path(verifier.__file__).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    imported = {
        name
        for node in ast.walk(ast.parse(text, feature_version=(3, 9)))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_the_key_inside_the_bundle_is_used_with_a_warning(
    case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "case.zip"
    file.write_bytes(case.raw)
    assert verifier.main([str(file)]) == 0
    assert "[!] ATTENTION: the key came with the bundle" in capfd.readouterr().out


def test_the_key_may_be_given_as_a_file(case: Case, tmp_path: Path) -> None:
    file, key = tmp_path / "case.zip", tmp_path / "key"
    file.write_bytes(case.raw)
    key.write_text(case.key + "\n")
    assert verifier.main([str(file), "--key", str(key)]) == 0
    assert verifier.main([str(file), "--key", str(tmp_path / "none")]) == 1


def test_only_what_was_asked_for_is_in_the_bundle(case: Case) -> None:
    lines = [json.loads(line) for line in case.files["events.jsonl"].splitlines()]
    bodies = [json.loads(line["body"]) for line in lines]
    assert [line["index"] for line in lines] == [20, 21, 60, 61, 100, 101, 120]
    assert {body["patient"] for body in bodies} == {"p10"}
    assert json.loads(case.files["manifest.json"])["query"] == {"patient": "p10"}


@pytest.mark.parametrize("name", [
    "manifest.json", "checkpoint.txt", "events.jsonl", "earlier.jsonl", "key.txt", "README.txt",
    "verifier.py", "attachments/letter.txt", "attachments/说明.txt",
])  # fmt: skip
def test_no_file_can_be_changed_emptied_or_removed(case: Case, tmp_path: Path, name: str) -> None:
    content = case.files[name]
    middle = len(content) // 2
    for changed in (
        content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        content[:-2],
        b"x" + content,
        b"",
    ):
        with pytest.raises(verifier.Failure):
            case.check(packed(case.files | {name: changed}), tmp_path)
    rest = {other: kept for other, kept in case.files.items() if other != name}
    with pytest.raises(verifier.Failure):
        case.check(packed(rest), tmp_path)
    with pytest.raises(verifier.Failure):
        case.check(packed(rest | {f"{name}x": content}), tmp_path)


def test_nothing_can_be_added(case: Case, tmp_path: Path) -> None:
    for name in ("attachments/more.txt", "more.txt", "../evil.py", "/etc/x", "a\\b", "events.json"):
        with pytest.raises(verifier.Failure):
            case.check(packed(case.files | {name: b"x"}), tmp_path)


Lines = list[dict[str, object]]


def without_first(lines: Lines) -> Lines:
    return lines[1:]


def without_export(lines: Lines) -> Lines:
    return lines[:-1]


def twice(lines: Lines) -> Lines:
    return [lines[0], *lines]


def reordered(lines: Lines) -> Lines:
    return [lines[1], lines[0], *lines[2:]]


def moved(lines: Lines) -> Lines:
    return [{**lines[0], "index": 22}, *lines[1:]]


def swapped_proofs(lines: Lines) -> Lines:
    first, second = lines[0]["proof"], lines[1]["proof"]
    return [{**lines[0], "proof": second}, {**lines[1], "proof": first}, *lines[2:]]


def no_proofs(lines: Lines) -> Lines:
    return [{**line, "proof": []} for line in lines]


def another_person(lines: Lines) -> Lines:
    body = str(lines[0]["body"]).replace("person:1", "person:2")
    return [{**lines[0], "body": body}, *lines[1:]]


def no_body(lines: Lines) -> Lines:
    return [{**lines[0], "body": None}, *lines[1:]]


def true_index(lines: Lines) -> Lines:
    return [{**lines[0], "index": True}, *lines[1:]]


@pytest.mark.parametrize("touched", [
    without_first, without_export, twice, reordered, moved, swapped_proofs, no_proofs,
    another_person, no_body, true_index,
])  # fmt: skip
def test_no_event_can_be_touched(
    case: Case, tmp_path: Path, touched: Callable[[Lines], Lines]
) -> None:
    lines = touched([json.loads(line) for line in case.files["events.jsonl"].splitlines()])
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    with pytest.raises(verifier.Failure):
        case.check(packed(case.files | {"events.jsonl": content}), tmp_path)


def test_leaving_an_event_out_of_events_and_manifest_is_found(case: Case, tmp_path: Path) -> None:
    lines = case.files["events.jsonl"].splitlines(keepends=True)
    manifest = json.loads(case.files["manifest.json"])
    manifest["events"] = manifest["events"][1:]
    changed = {
        "events.jsonl": b"".join(lines[1:]),
        "manifest.json": json.dumps(manifest).encode(),
    }
    with pytest.raises(verifier.Failure, match="another manifest"):
        case.check(packed(case.files | changed), tmp_path)


def test_a_bundle_signed_by_a_forger_is_found_with_the_hospitals_key(
    case: Case, ledger: Ledger, tmp_path: Path
) -> None:
    forger = Signer(ORIGIN, b"\x66" * 32)
    genuine = ledger.checkpoint()
    changed = {
        "checkpoint.txt": forger.sign(genuine.size, genuine.root).note.encode(),
        "key.txt": forger.verifier.text.encode(),
    }
    with pytest.raises(verifier.Failure, match="not signed by this key"):
        case.check(packed(case.files | changed), tmp_path)


def test_an_older_signed_checkpoint_does_not_carry_the_events(case: Case, tmp_path: Path) -> None:
    changed = {"checkpoint.txt": case.older.encode()}
    with pytest.raises(verifier.Failure):
        case.check(packed(case.files | changed), tmp_path)


def test_an_outsiders_own_checkpoint_reveals_another_history(case: Case, tmp_path: Path) -> None:
    signer = Signer(ORIGIN, b"\x21" * 32)
    assert any("42 leaves" in en for en, _ in case.check(case.raw, tmp_path, case.older))
    newest = case.files["checkpoint.txt"].decode()
    assert any("121 leaves" in en for en, _ in case.check(case.raw, tmp_path, newest))
    with pytest.raises(verifier.Failure, match="another history"):
        case.check(case.raw, tmp_path, signer.sign(42, b"\1" * 32).note)
    with pytest.raises(verifier.Failure, match="Ask for an export"):
        case.check(case.raw, tmp_path, case.between)
    with pytest.raises(verifier.Failure, match="not signed"):
        case.check(case.raw, tmp_path, Signer(ORIGIN, b"\1" * 32).sign(42, bytes(32)).note)


def test_an_earlier_checkpoint_of_another_history_is_found(case: Case, tmp_path: Path) -> None:
    line = json.loads(case.files["earlier.jsonl"])
    line["note"] = Signer(ORIGIN, b"\x21" * 32).sign(42, b"\1" * 32).note
    changed = {"earlier.jsonl": json.dumps(line).encode()}
    with pytest.raises(verifier.Failure, match="older checkpoint disagrees"):
        case.check(packed(case.files | changed), tmp_path)


def test_a_bundle_carries_what_witnesses_signed(
    ledger: Ledger, module_database: Database, tmp_path: Path
) -> None:
    cosigner, away = Cosigner("w1.example", b"\7" * 32), Cosigner("w2.example", b"\6" * 32)
    signer = Signer(ORIGIN, b"\x21" * 32)
    egress = Egress(places(["127.0.0.1"]))
    with listening(witness(tmp_path / "w", signer, cosigner), cosigner) as place:
        witnesses = asking(ledger, module_database, egress, place)
        out = io.BytesIO()
        order = BundleOrder("person:9", EventQuery(patient="p10"), witnesses=witnesses)
        done = export(ledger, order, out)
    egress.close()
    file = tmp_path / "case.zip"
    file.write_bytes(out.getvalue())
    said = verifier.check(str(file), ledger.verifier_key, None, cosigner.verifier.text)
    assert any(f"w1.example witnessed {done.checkpoint.size} leaves" in en for en, _ in said)
    with pytest.raises(verifier.Failure, match=r"w2\.example witnessed none of it"):
        verifier.check(str(file), ledger.verifier_key, None, away.verifier.text)
    files = unpacked(out.getvalue())
    note = files["checkpoint.txt"].decode()
    forged = away.cosign(note, utc_now()).line.replace("w2", "w1")
    line = cosigner.verifier.find(note)
    assert line is not None
    for other in (forged, "", line.line[:40] + "AAAA" + line.line[44:]):
        changed = {"checkpoint.txt": note.replace(line.line, other).encode()}
        file.write_bytes(packed(files | changed))
        with pytest.raises(verifier.Failure):
            verifier.check(str(file), ledger.verifier_key, None, cosigner.verifier.text)
    # Later, with the witness away, the newest witnessed checkpoint is among the earlier ones.
    late, egress = io.BytesIO(), Egress(places(["127.0.0.1"]))
    order = BundleOrder(
        "person:9",
        EventQuery(patient="p10"),
        witnesses=asking(ledger, module_database, egress, place),
    )
    export(ledger, order, late)
    egress.close()
    file.write_bytes(late.getvalue())
    said = verifier.check(str(file), ledger.verifier_key, None, cosigner.verifier.text)
    assert any(f"w1.example witnessed {done.checkpoint.size} leaves" in en for en, _ in said)


def test_an_export_is_itself_recorded(case: Case, ledger: Ledger) -> None:
    (event,) = ledger.events(EventQuery(kinds=(EventKind.EXPORTED,), until=None)).events[-1:]
    assert (event.actor, event.patient) == ("person:9", "p10")
    assert event.commits["manifest"] == sha256(case.files["manifest.json"]).hexdigest()
    assert dict(event.detail) == {"events": 6, "attachments": 2}


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "x" * 101, "a b"])
def test_an_attachment_with_an_unsafe_name_is_refused(ledger: Ledger, name: str) -> None:
    size = ledger.size()
    with pytest.raises(BundleRefused):
        export(ledger, BundleOrder("person:9", EventQuery(), {name: b""}), io.BytesIO())
    assert ledger.size() == size


def test_a_checkpoint_that_was_never_made_cannot_be_proved(ledger: Ledger) -> None:
    with pytest.raises(BundleRefused, match="of 7 leaves"):
        export(ledger, BundleOrder("person:9", EventQuery(), earlier=(7,)), io.BytesIO())


def test_no_receipt_no_export(database: Database, signer: Signer) -> None:
    ledger = Ledger(
        database.pool(DbRole.LEDGER), signer, utc_now, deadline=0.1, checkpoint_every=None
    )
    out = io.BytesIO()
    with psycopg.connect(database.owner_conninfo) as holder:
        holder.execute("select * from ledger.head for update")
        with pytest.raises(LedgerUnavailable):
            export(ledger, BundleOrder("person:9", EventQuery()), out)
    assert out.getvalue() == b""
    ledger.close()


def test_an_export_of_nothing_proves_that_it_was_asked_for(
    database: Database, signer: Signer, tmp_path: Path
) -> None:
    ledger = Ledger(database.pool(DbRole.LEDGER), signer, utc_now, checkpoint_every=None)
    file = tmp_path / "empty.zip"
    with file.open("wb") as out:
        assert export(ledger, BundleOrder("person:9", EventQuery(patient="p0")), out).events == 0
    assert zipfile.is_zipfile(file)
    assert any("0 events" in en for en, _ in verifier.check(str(file), ledger.verifier_key))
    ledger.close()
