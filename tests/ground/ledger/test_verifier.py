"""The verifier is right about signatures, and survives whatever it is given."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from countersign.ground.ledger import merkle, verifier
from ground.ledger.forged import KEY, bundle, packed

# RFC 8032 §7.1: tests 1, 2 and 3 (public key, message, signature).
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
        "1cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
        "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
        "984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
BODY = '{"actor":"person:1","at":"2026-11-22T08:00:00.000Z","kind":"released","v":1}'
GENUINE = packed(bundle([BODY, BODY, BODY], files={"attachments/a.txt": b"a"}))
quick = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def check(raw: bytes, folder: Path) -> list[tuple[str, str]]:
    file = folder / "bundle.zip"
    file.write_bytes(raw)
    return verifier.check(str(file), KEY)


def fails(raw: bytes, folder: Path) -> verifier.Failure:
    """A failure, said in both languages, and nothing else."""
    with pytest.raises(verifier.Failure) as problem:
        check(raw, folder)
    en, zh = problem.value.args
    assert en and zh
    return problem.value


def test_a_bundle_made_by_hand_is_genuine(tmp_path: Path) -> None:
    assert any("3 events" in en for en, _ in check(GENUINE, tmp_path))


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_rfc_8032(public: str, message: str, signature: str) -> None:
    key, text, signed = (bytes.fromhex(part) for part in (public, message, signature))
    assert verifier.ed25519_verify(key, text, signed)
    assert not verifier.ed25519_verify(key, text + b"x", signed)
    scalar = int.from_bytes(signed[32:], "little") + verifier.ORDER
    malleable = signed[:32] + scalar.to_bytes(32, "little")
    assert not verifier.ed25519_verify(key, text, malleable)
    assert not verifier.ed25519_verify(key, text, signed[:63])


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(), st.integers(0, 96 * 8 - 1))
def test_signatures_agree_with_openssl(seed: bytes, message: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    both = bytearray(private.public_key().public_bytes_raw() + private.sign(message))
    assert verifier.ed25519_verify(bytes(both[:32]), message, bytes(both[32:]))
    both[bit // 8] ^= 1 << bit % 8
    public, signature = bytes(both[:32]), bytes(both[32:])
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        expected = True
    except InvalidSignature:
        expected = False
    try:
        found = verifier.ed25519_verify(public, message, signature)
    except ValueError:
        found = False
    assert found == expected


@given(st.integers(1, 200), st.data())
def test_proofs_agree_with_the_ledgers_own(size: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(str(number).encode()) for number in range(size)]
    layers = merkle.layers(leaves, 9)
    nodes = {(level, i): node for level, row in enumerate(layers) for i, node in enumerate(row)}
    index, old = data.draw(st.integers(-1, size)), data.draw(st.integers(0, size))
    plan = merkle.inclusion_plan(min(max(index, 0), size - 1), size)
    proof = merkle.assemble(plan, nodes)
    root, leaf = merkle.root(leaves), leaves[min(max(index, 0), size - 1)]
    assert verifier.included(leaf, index, size, proof, root) == (0 <= index < size)
    older = verifier.Checkpoint("x", old, merkle.root(leaves[:old]))
    newer = verifier.Checkpoint("x", size, root)
    consistency = merkle.assemble(merkle.consistency_plan(old, size), nodes)
    assert verifier.consistent(older, newer, consistency)
    for wrong in ([*consistency, bytes(32)], [bytes(32), *consistency]):
        assert not verifier.consistent(older, newer, wrong)
    if consistency:
        assert not verifier.consistent(older, newer, consistency[1:])


@quick
@given(st.binary(max_size=400))
def test_any_file_gets_a_clear_answer(tmp_path: Path, raw: bytes) -> None:
    fails(raw, tmp_path)
    fails(raw + GENUINE[-22:], tmp_path)


@quick
@given(st.lists(st.tuples(st.integers(0, len(GENUINE) - 1), st.integers(1, 255)), max_size=4))
def test_a_damaged_archive_fails_or_says_the_same(
    tmp_path: Path, damage: list[tuple[int, int]]
) -> None:
    raw = bytearray(GENUINE)
    for place, change in damage:
        raw[place] ^= change
    try:
        said = check(bytes(raw), tmp_path)
    except verifier.Failure:
        return
    assert said == check(GENUINE, tmp_path)  # a time stamp of the archive, which proves nothing


@quick
@given(st.integers(0, len(GENUINE) - 1))
def test_an_archive_cut_off_fails(tmp_path: Path, end: int) -> None:
    fails(GENUINE[:end], tmp_path)


@quick
@given(
    st.sampled_from(["v", "origin", "events", "files", "earlier"]),
    values.filter(lambda value: repr(value) not in ("1", "[]")),
)
@example("events", [False])
@example("v", True)
@example("earlier", {})
def test_a_strange_manifest_that_the_ledger_really_signed_fails(
    tmp_path: Path, name: str, value: Any
) -> None:
    fails(packed(bundle([BODY], {name: value})), tmp_path)


@quick
@given(values)
def test_a_manifest_that_is_no_manifest_fails(tmp_path: Path, value: Any) -> None:
    fails(packed(bundle([BODY]) | {"manifest.json": json.dumps(value).encode()}), tmp_path)


@quick
@given(st.lists(values.map(json.dumps) | st.text(max_size=20).filter(str.isprintable)))
def test_strange_events_that_the_ledger_really_signed_get_an_answer(
    tmp_path: Path, bodies: list[str]
) -> None:
    try:
        check(packed(bundle(bodies)), tmp_path)
    except verifier.Failure:
        return
    assert all(isinstance(json.loads(body), dict) for body in bodies)


@quick
@given(
    st.sampled_from(["events.jsonl", "earlier.jsonl"]),
    st.lists(st.fixed_dictionaries({"index": values, "body": values, "proof": values}) | values),
)
def test_strange_lines_fail(tmp_path: Path, name: str, lines: list[Any]) -> None:
    content = "\n".join(json.dumps(line) for line in lines).encode()
    raw = packed(bundle([BODY]) | {name: content})
    if name == "earlier.jsonl" and not content:
        check(raw, tmp_path)
    else:
        fails(raw, tmp_path)


@quick
@given(st.text())
def test_strange_keys_and_notes_fail(text: str) -> None:
    for read in (
        lambda: verifier.read_key(text),
        lambda: verifier.read_note(text, verifier.read_key(KEY)),
    ):
        with pytest.raises(verifier.Failure):
            read()


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"v":' + b"9" * 100_000 + b"}",
        b'{"v":1,"v":1}',
        b'{"v":NaN}',
        b"\xff",
        '{"v":1}'.encode("utf-16"),
    ],
)
def test_hostile_json_fails(tmp_path: Path, content: bytes) -> None:
    fails(packed(bundle([BODY]) | {"manifest.json": content}), tmp_path)
    fails(packed(bundle([BODY]) | {"events.jsonl": content}), tmp_path)


def test_archives_that_would_fill_the_memory_fail_within_it(tmp_path: Path) -> None:
    zeros = bytes(200 * verifier.MIB)
    hostile = {
        "big-manifest": packed(bundle([BODY]) | {"manifest.json": zeros}),
        "one-line": packed(bundle([BODY]) | {"events.jsonl": zeros}),
        "many-files": packed({f"f{number}": b"" for number in range(10_001)}),
        "claims": _claiming_five_gigabytes(),
    }
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20));"
        "import runpy; runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    )
    for name, raw in hostile.items():
        file = tmp_path / f"{name}.zip"
        file.write_bytes(raw)
        run = subprocess.run(
            [sys.executable, "-I", "-c", program, verifier.__file__, file, "--key", KEY],
            capture_output=True,
            check=False,
        )
        assert (run.returncode, run.stderr) == (1, b""), name
        assert run.stdout.decode().startswith("[FAILED]"), name


def _claiming_five_gigabytes() -> bytes:
    raw = bytearray(packed({f"f{number}": b"x" for number in range(2)}))
    for entry in (raw.find(b"PK\x01\x02"), raw.rfind(b"PK\x01\x02")):
        struct.pack_into("<I", raw, entry + 24, 2_500_000_000)
    return bytes(raw)


@pytest.mark.parametrize("name", ["../evil.py", "/evil", "a/b", "attachments/../x", "x" * 102])
def test_a_name_that_leads_elsewhere_fails_even_where_the_manifest_lists_it(
    tmp_path: Path, name: str
) -> None:
    fails(packed(bundle([BODY], files={name: b"x"})), tmp_path)


def test_nothing_is_written_to_the_disk(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../escaped", b"x")
    fails(out.getvalue(), tmp_path)
    check(GENUINE, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["bundle.zip"]


def test_control_signs_of_a_hostile_bundle_do_not_reach_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bundle.zip"
    file.write_bytes(packed(bundle([BODY])))
    assert verifier.main(["\x1b[2J", "--key", KEY]) == 1
    assert verifier.main([str(file), "--key", "\x1b[2J"]) == 1
    assert verifier.main([str(file), "--key", KEY, "--since", "\x1b[2J"]) == 1
    assert "\x1b" not in capfd.readouterr().out


LINE = {"index": 3, "leaf": "ab" * 32, "kind": "sign-in", "at": "2020-01-01T00:00:00.000Z"}


def pruned(*lines: Any, said: bytes | None = None) -> bytes:
    """A bundle whose first event records a pruning; ``lines`` is what it lists."""
    told = said or "{index} {leaf} {kind} {at}\n".format(**LINE).encode()
    record = json.dumps(
        {"kind": "payloads-pruned", "actor": "system:x", "at": LINE["at"],
         "commits": {"pruned": sha256(told).hexdigest()}}
    )  # fmt: skip
    listed = "".join(json.dumps(line) + "\n" for line in lines).encode()
    return packed(bundle([record, BODY], files={"pruned.jsonl": listed}))


def test_the_pruned_events_are_those_that_the_ledger_recorded(tmp_path: Path) -> None:
    assert any(
        "1 events were pruned" in en for en, _ in check(pruned(LINE | {"record": 0}), tmp_path)
    )
    for wrong in (
        LINE | {"record": 1},
        LINE | {"record": 0, "leaf": "cd" * 32},
        LINE | {"record": 0, "index": 4},
        LINE | {"record": 0, "at": "2020-01-02T00:00:00.000Z"},
    ):
        assert "pruned" in fails(pruned(wrong), tmp_path).args[0]
    assert "pruned" in fails(pruned(LINE | {"record": 0}, LINE | {"record": 0}), tmp_path).args[0]


@quick
@given(line=values)
def test_a_strange_list_of_pruned_events_fails_clearly(tmp_path: Path, line: Any) -> None:
    fails(pruned(line), tmp_path)
