"""Checks a case bundle of the ledger offline, in one file, with the standard library alone.

    python verifier.py BUNDLE.zip --key KEY [--since OLDER-CHECKPOINT.txt] [--witness KEY]...

KEY is the ledger's verifier key (name+id+base64) or a file that holds it; get it from the
hospital by another way than the bundle, and a witness's key from the witness. Exit: 0 genuine,
1 not. KEY 为账本或见证方的公钥（或其文件），应通过其他途径索取。退出码：0 通过，1 未通过。
Formats: RFC 6962 and RFC 9162 (tree and proofs), RFC 8032 (Ed25519), c2sp.org/signed-note,
c2sp.org/tlog-checkpoint and c2sp.org/tlog-cosignature. Needs Python 3.9 or later.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

MIB, MAX_NOTE, MAX_PROOF, MAX_SIGNATURES, LAST_SECOND = 1 << 20, 65_535, 64, 64, 253_402_300_799
MAX_ARCHIVE, MAX_UNPACKED, MAX_DIRECTORY = 1024 * MIB, 4096 * MIB, 8 * MIB
MAX_ENTRIES, MAX_EARLIER, MAX_MANIFEST, MAX_LINE = 10_000, 1000, 16 * MIB, MIB
MANIFEST, CHECKPOINT, KEY = "manifest.json", "checkpoint.txt", "key.txt"
EVENTS, EARLIER, PRUNED = "events.jsonl", "earlier.jsonl", "pruned.jsonl"
FILE_NAME, SIZE = re.compile(r"(attachments/)?\w[\w.-]{0,99}"), re.compile("0|[1-9][0-9]{0,18}")
Key = tuple[str, bytes, bytes]  # name, key id (4 bytes), public key (32 bytes)
Said = list[tuple[str, str]]  # in English and in Chinese
MALFORMED = (
    *(ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, MemoryError),
)


class Failure(Exception):
    """What is wrong, in English and in Chinese."""


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]  # in extended homogeneous coordinates, RFC 8032 §5.1.4


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return (i * j % P, k * m % P, j * k % P, i * m % P)


def _times(scalar: int, point: Point) -> Point:
    result = (0, 1, 1, 0)
    while scalar:
        result = _add(result, point) if scalar & 1 else result
        scalar, point = scalar >> 1, _add(point, point)
    return result


def _point(raw: bytes) -> Point:
    """Decodes 32 bytes; raises ValueError for what is no point."""
    sign, y = divmod(int.from_bytes(raw, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


def _encoded(point: Point) -> bytes:
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = _point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` over ``message`` is by the key; ValueError if the key is no point."""
    key, scalar = _point(public), int.from_bytes(signature[32:], "little")
    challenge = hashlib.sha512(signature[:32] + public + message).digest()
    factor = int.from_bytes(challenge, "little") % ORDER
    minus = (P - key[0], key[1], key[2], P - key[3])
    if len(public) != 32 or len(signature) != 64 or scalar >= ORDER:
        return False
    return _encoded(_add(_times(scalar, BASE), _times(factor, minus))) == signature[:32]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _climb(node: int, last: int, start: bytes, path: list[bytes]) -> tuple[bytes, bytes]:
    """The root of what lies left of a node, itself included, and of all; empty for a misfit."""
    left = whole = start
    for sibling in path:
        if last <= 0:
            return b"", b""
        if node & 1 or node == last:
            left, whole = _node(sibling, left), _node(sibling, whole)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            whole = _node(whole, sibling)
        node, last = node >> 1, last >> 1
    return (left, whole) if last == 0 else (b"", b"")


def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Whether ``leaf`` is at ``index`` of the tree of ``size`` with that root."""
    return 0 <= index < size and _climb(index, size - 1, leaf, proof)[1] == root


def consistent(old: Checkpoint, new: Checkpoint, proof: list[bytes]) -> bool:
    """Whether the newer tree begins with every leaf of the older one."""
    if not 0 < old.size < new.size:
        return not proof and old[1:] in (new[1:], (0, hashlib.sha256().digest()))
    first, *path = proof if old.size & (old.size - 1) else [old.root, *proof]
    node, last = old.size - 1, new.size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    return _climb(node, last, first, path) == (old.root, new.root)


def _base64(text: str) -> bytes:
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise ValueError
    return value


def read_key(text: str, algorithm: int = 1) -> Key:
    """A verifier key, ``name+id+base64`` (a witness's: algorithm 4); raises Failure."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    with suppress(ValueError):
        raw = _base64(encoded)
        found = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        if name and len(raw) == 33 and raw[0] == algorithm and found.hex() == key_id:
            return name, found, raw[1:]
    raise Failure("The verifier key is malformed.", "验证公钥格式不正确。")


def _signatures(note: str, key: Key) -> tuple[bytes, list[bytes]]:
    """What a note says, and the signatures below it that carry the name and id of ``key``."""
    body, _, signatures = note.rpartition("\n\n")
    lines = [line.split(" ") for line in signatures.split("\n", MAX_SIGNATURES)[:-1]]
    found = [(name, _base64(encoded)) for dash, name, encoded in lines if dash == "\u2014"]
    return (body + "\n").encode(), [r[4:] for name, r in found if (name, r[:4]) == key[:2]]


def cosigned(note: str, key: Key) -> str:
    """When the witness ``key`` signed below a note, or ""; raises Failure for a wrong one."""
    body, good = _signatures(note, key)
    for raw in good:
        second = int.from_bytes(raw[:8], "big")
        said = b"cosignature/v1\ntime %d\n%b" % (second, body)
        if second > LAST_SECOND or not ed25519_verify(key[2], said, raw[8:]):
            raise Failure(f"The cosignature of {key[0]} is wrong.", f"{key[0]} 的联署无效。")
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
    return ""


def read_note(note: str, key: Key) -> Checkpoint:
    """The checkpoint in a note that ``key`` signed; raises Failure."""
    with suppress(*MALFORMED):
        body, good = _signatures(note, key)
        if good and all(ed25519_verify(key[2], body, raw) for raw in good):
            origin, size, encoded = body.decode().split("\n")[:3]
            root = _base64(encoded)
            if origin == key[0] and len(root) == 32 and SIZE.fullmatch(size):
                return Checkpoint(origin, int(size), root)
    raise Failure("The checkpoint is not signed by this key.", "检查点的签名无效。")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return dict(pairs)


def read_json(text: str) -> dict[str, Any]:
    """A JSON object that names nothing twice."""
    value = json.loads(text, object_pairs_hook=_unique, parse_int=lambda digits: int(digits[:20]))
    return dict(value.items())


def _proof(holder: dict[str, Any]) -> list[bytes]:
    proof = [_base64(item) for item in holder["proof"]]
    if len(proof) > MAX_PROOF or any(len(item) != 32 for item in proof):
        raise ValueError
    return proof


class Archive:
    """The bundle's files, within limits; an entry never yields more than its stated size."""

    def __init__(self, path: str) -> None:
        with Path(path).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 42))
            tail = file.read(42)
        # A list of files that would fill the memory as soon as it is opened is refused before.
        count, length = struct.unpack("<10xHI6x", tail[-22:])
        whole = (tail[-22:-18], tail[-2:]) == (b"PK\x05\x06", b"\0\0") and tail[:4] != b"PK\x06\x07"
        if size > MAX_ARCHIVE or count > MAX_ENTRIES or length > MAX_DIRECTORY or not whole:
            raise zipfile.BadZipFile
        self._zip = zipfile.ZipFile(path)
        entries = self._zip.infolist()
        self.names = {entry.filename for entry in entries}
        named = len(self.names) == len(entries) and all(map(FILE_NAME.fullmatch, self.names))
        plain = all(one.compress_type in (0, 8) and not one.flag_bits & 1 for one in entries)
        if not named or not plain or sum(one.file_size for one in entries) > MAX_UNPACKED:
            raise zipfile.BadZipFile

    def read(self, name: str, limit: int) -> bytes:
        with self._zip.open(name) as file:
            content = file.read(limit + 1)
        if len(content) > limit:
            raise ValueError
        return content

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        with self._zip.open(name) as file:
            while line := file.readline(MAX_LINE + 1):
                if len(line) > MAX_LINE:
                    raise ValueError
                yield read_json(line.decode())

    def digest(self, name: str) -> str:
        total = hashlib.sha256()
        with self._zip.open(name) as file:
            while block := file.read(MIB):
                total.update(block)
        return total.hexdigest()


class Bundle:
    """Checks one bundle; ``done`` says what was found good, in both languages."""

    def __init__(self, path: str, key: str | None, since: str | None, seen: Iterable[str]) -> None:
        self.done: dict[str, str] = {}
        self.commits: dict[str, int] = {}
        self.archive = Archive(path)
        raw = self.archive.read(MANIFEST, MAX_MANIFEST)
        self.manifest, self.digest = read_json(raw.decode()), hashlib.sha256(raw).hexdigest()
        self.key = read_key(key or self.archive.read(KEY, MAX_NOTE).decode())
        note = self.archive.read(CHECKPOINT, MAX_NOTE).decode()
        self.checkpoint = read_note(note, self.key)
        self.notes = [(self.checkpoint.size, note)]
        name, size = self.key[0], self.checkpoint.size
        if repr(self.manifest["v"]) != "1" or self.manifest["origin"] != name:
            raise ValueError
        self.done[f"{name} signed its {size} leaves."] = f"{name} 对其 {size} 个叶的签名有效。"
        if not key:
            en = "ATTENTION: the key came with the bundle. Get it elsewhere and give it: --key."
            self.done[en] = "注意：公钥来自凭据包本身。请从其他途径取得公钥，并用 --key 提供。"
        self._check_files(self._check_events())
        self._check_earlier(None if since is None else read_note(since, self.key))
        for witness in seen:
            self._check_witness(read_key(witness, 4))

    def _check_events(self) -> int:
        indices, body = [-1], dict[str, Any]()
        for line in self.archive.lines(EVENTS):
            index: int = line["index"]
            if type(index) is not int or index <= indices[-1]:
                raise ValueError
            indices.append(index)
            body = self._check_event(index, line["body"], _proof(line))
        if body["kind"] != "exported" or body["commits"]["manifest"] != self.digest:
            raise Failure("The ledger recorded another manifest.", "清单与账本的记录不符。")
        if repr(indices[1:-1]) != repr(self.manifest["events"]):
            raise Failure("The events are not those of the manifest.", "事件与清单所列不符。")
        count, at, actor = len(indices) - 2, body["at"], body["actor"]
        self.done[f"{count} events are unchanged, at their places."] = f"{count} 个事件均未改动。"
        en = f"The manifest is the one that {actor} exported at {at} (event {indices[-1]})."
        self.done[en] = f"清单由 {actor} 于 {at} 导出（事件 {indices[-1]}）。"
        return indices[-1]

    def _check_event(self, index: int, text: str, proof: list[bytes]) -> dict[str, Any]:
        leaf = hashlib.sha256(b"\0" + text.encode()).digest()
        if not included(leaf, index, self.checkpoint.size, proof, self.checkpoint.root):
            raise Failure(f"Event {index} is not in the ledger.", f"事件 {index} 不在账本中。")
        body = read_json(text)
        for digest in body.get("commits", {}).values():
            self.commits.setdefault(digest, index)
        return body

    def _check_files(self, exported: int) -> None:
        files: dict[str, str] = self.manifest["files"]
        if self.archive.names - {MANIFEST, CHECKPOINT, EVENTS, EARLIER} != files.keys():
            raise Failure("The files are not those of the manifest.", "文件与清单所列不符。")
        for name, expected in sorted(files.items()):
            if self.archive.digest(name) != expected:
                raise Failure(f"{name} was changed.", f"{name} 被改动。")
            if name == PRUNED:
                self._check_pruned()
            if name.startswith("attachments/"):
                at = self.commits.get(expected, exported)
                self.done[f"{name} is unchanged (event {at})."] = f"{name} 未改动（事件 {at}）。"

    def _check_pruned(self) -> None:
        totals, count = dict[int, Any](), 0
        for line in self.archive.lines(PRUNED):
            count, said = count + 1, "{index} {leaf} {kind} {at}\n".format(**line)
            totals.setdefault(line["record"], hashlib.sha256()).update(said.encode())
        if any(self.commits.get(one.hexdigest()) != record for record, one in totals.items()):
            raise Failure("The pruned events are not those recorded.", "已清除的事件与记录不符。")
        self.done[f"{count} events were pruned, as recorded."] = f"{count} 个事件已清除并有记录。"

    def _check_earlier(self, wanted: Checkpoint | None) -> None:
        proved, sizes = [self.checkpoint], list[int]()
        for line in self.archive.lines(EARLIER) if EARLIER in self.archive.names else ():
            older = read_note(line["note"], self.key)
            if len(sizes) == MAX_EARLIER or not consistent(older, self.checkpoint, _proof(line)):
                raise Failure("An older checkpoint disagrees.", "较早的检查点与之不符。")
            proved.append(older)
            self.notes.append((older.size, line["note"]))
            sizes.append(older.size)
        if repr(sizes) != repr(self.manifest["earlier"]):
            raise ValueError
        if wanted and wanted.size not in [other.size for other in proved]:
            raise Failure("Ask for an export with your checkpoint.", "请要求据您的检查点重新导出。")
        if wanted and wanted not in proved:
            raise Failure("Your checkpoint shows another history.", "您的检查点显示另一段历史。")
        for size in sorted({*sizes, wanted.size} if wanted else sizes):
            self.done[f"The first {size} leaves were never rewritten."] = f"前 {size} 个叶未改写。"

    def _check_witness(self, key: Key) -> None:
        for size, note in sorted(self.notes, reverse=True):
            if at := cosigned(note, key):
                en = f"{key[0]} witnessed {size} leaves at {at}."
                self.done[en] = f"{key[0]} 于 {at} 见证了 {size} 个叶。"
                return
        raise Failure(f"{key[0]} witnessed none of it.", f"{key[0]} 未见证其中任何检查点。")


def check(path: str, key: str | None = None, since: str | None = None, *seen: str) -> Said:
    """What was found good, in English and Chinese; raises Failure when anything is not."""
    try:
        return list(Bundle(path, key, since, seen).done.items())
    except MALFORMED:
        raise Failure("No bundle, or damaged.", "不是凭据包，或已损坏。") from None


def _text_of(path: str, sign: str = "\n") -> str:
    try:
        return path if sign in path else Path(path).read_bytes()[:MAX_NOTE].decode()
    except (OSError, ValueError):
        raise Failure(f"{path} cannot be read.", f"{path} 无法读取。") from None


def _say(mark: str, en: str, zh: str) -> None:
    for text in (f"{mark} {en}", f"{' ' * len(mark)} {zh}"):
        clean = "".join(sign if sign.isprintable() else "?" for sign in text)
        sys.stdout.buffer.write(clean.encode("utf-8", "replace") + b"\n")


def main(arguments: list[str] | None = None) -> int:
    """Prints what was checked; returns 0 when the bundle is genuine and 1 when it is not."""
    parser = argparse.ArgumentParser(description="Checks a case bundle offline. 离线核验凭据包。")
    parser.add_argument("bundle", help="BUNDLE.zip")
    parser.add_argument("--key", help="the ledger's verifier key, or its file 验证公钥或其文件")
    parser.add_argument("--since", help="a file with an older checkpoint 较早检查点的文件")
    parser.add_argument("--witness", action="append", default=[], help="its key 见证方公钥")
    given = parser.parse_args(arguments)
    try:
        key = given.key and _text_of(given.key, "+")
        seen = [_text_of(one, "+") for one in given.witness]
        done = check(given.bundle, key, given.since and _text_of(given.since), *seen)
    except Failure as failure:
        _say("[FAILED]", *failure.args)
        return 1
    for en, zh in done:
        _say("[!]" if en.startswith("ATTENTION") else "[ok]", en, zh)
    en = "All of it is as the ledger recorded it. No bundle can show that nothing else was."
    _say("[GENUINE]", en, "包内一切均与账本记录一致；但凭据包无法证明没有其他记录。")
    return 0


if __name__ == "__main__":
    sys.exit(main())
