"""Verifies SM2 signatures; signing stays with the device that holds the key.

GB/T 32918.2-2016 on the curve of GB/T 32918.5-2017, with SM3 and the usual identity of GM/T 0009.
Whatever is computed with here is public, so that the time it takes tells nobody anything.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SM3, Hash

P = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
A = P - 3
B = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
N = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
G = (
    0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7,
    0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0,
)
IDENTITY = b"1234567812345678"

Point = tuple[int, int, int]
"""Jacobian coordinates; the third is 0 for the point at infinity."""


def point(public: bytes) -> tuple[int, int]:
    """The point of a public key of 65 bytes, ``04 || x || y``. Raises ValueError."""
    if len(public) != 65 or public[0] != 4:
        raise ValueError("not an uncompressed point")
    x, y = int.from_bytes(public[1:33]), int.from_bytes(public[33:])
    if x >= P or y >= P or (y * y - (x * x + A) * x - B) % P:
        raise ValueError("not a point of the curve")
    return x, y


def plain(signature: bytes) -> bytes:
    """``r || s`` (64 bytes) of a signature in DER (GB/T 35276-2017). Raises ValueError."""
    r, s = decode_dss_signature(signature)
    if not (0 < r < N and 0 < s < N):
        raise ValueError("out of range")
    return r.to_bytes(32) + s.to_bytes(32)


def verified(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the key signed ``message``; ``signature`` is ``r || s``, 64 bytes."""
    try:
        key = point(public)
    except ValueError:
        return False
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    t = (r + s) % N
    if len(signature) != 64 or not 0 < r < N or not 0 < s < N or not t:
        return False
    x, _, z = _sum_of(s, G, t, key)
    if not z:
        return False
    across = x * pow(z * z, -1, P) % P
    return (int.from_bytes(digest(public, message)) + across) % N == r


def digest(public: bytes, message: bytes) -> bytes:
    """What is signed: SM3 over the signer's identity, curve and key, and the message."""
    whole = (len(IDENTITY) * 8).to_bytes(2) + IDENTITY
    whole += b"".join(number.to_bytes(32) for number in (A, B, *G)) + public[1:]
    return _sm3(_sm3(whole) + message)


def _sm3(content: bytes) -> bytes:
    total = Hash(SM3())
    total.update(content)
    return total.finalize()


def _sum_of(s: int, first: tuple[int, int], t: int, second: tuple[int, int]) -> Point:
    """``s * first + t * second``, both multiplied in one pass."""
    one, two = (*first, 1), (*second, 1)
    table = (None, one, two, _add(one, two))
    total: Point = (1, 1, 0)
    for place in range(255, -1, -1):
        total = _double(total)
        step = table[(s >> place & 1) | (t >> place & 1) << 1]
        if step is not None:
            total = _add(total, step)
    return total


def _double(a: Point) -> Point:
    x, y, z = a
    square, zz = y * y % P, z * z % P
    four = 4 * x * square % P
    slope = 3 * (x - zz) * (x + zz) % P
    right = (slope * slope - 2 * four) % P
    return right, (slope * (four - right) - 8 * square * square) % P, 2 * y * z % P


def _add(a: Point, b: Point) -> Point:
    if not a[2]:
        return b
    if not b[2]:
        return a
    az, bz = a[2] * a[2] % P, b[2] * b[2] % P
    u, v = a[0] * bz % P, b[0] * az % P
    c, d = a[1] * bz * b[2] % P, b[1] * az * a[2] % P
    if u == v:
        return _double(a) if c == d else (1, 1, 0)
    h, k = (v - u) % P, (d - c) % P
    hh = h * h % P
    hhh, w = h * hh % P, u * hh % P
    x = (k * k - hhh - 2 * w) % P
    return x, (k * (w - x) - c * hhh) % P, a[2] * b[2] * h % P
