"""Keys for ssh, made from a word: the same machines have the same keys, and nobody has to hold one in between.

Only the public half needs arithmetic (RFC 8032); signing is OpenSSH's, on the machines.
"""

import base64
import hashlib
import struct
from dataclasses import dataclass
from functools import cache

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_KIND = b"ssh-ed25519"

Point = tuple[int, int, int, int]
"""A point of the curve in extended coordinates: x, y, z and t with x * y = z * t."""


@dataclass(frozen=True)
class Key:
    """An Ed25519 key pair as OpenSSH writes it.

    Attributes:
        public: The line for `authorized_keys`, without a comment.
        private: The private key's file.
    """

    public: str
    private: str


@cache
def key_of(secret: str, owner: str) -> Key:
    """The key pair of somebody.

    Args:
        secret: What the keys of one set of machines are made from.
        owner: Whose it is.
    """
    seed = hashlib.sha256(f"{secret}/{owner}".encode()).digest()
    point = _public(seed)
    blob = _string(_KIND) + _string(point)
    check = hashlib.sha256(seed + point).digest()[:4]
    inner = check * 2 + blob + _string(seed + point) + _string(owner.encode())
    inner += bytes(range(1, 1 + -len(inner) % 8))
    none = _string(b"none")
    whole = b"openssh-key-v1\0" + none + none + _string(b"") + struct.pack(">I", 1) + _string(blob) + _string(inner)
    lines = base64.encodebytes(whole).decode()
    return Key(
        public=f"{_KIND.decode()} {base64.b64encode(blob).decode()}",
        private=f"-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}-----END OPENSSH PRIVATE KEY-----\n",
    )


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _public(seed: bytes) -> bytes:
    number = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    number = (number & ~7 & ((1 << 254) - 1)) | (1 << 254)
    x, y, z, _ = _multiplied(_base(), number)
    inverse = pow(z, -1, _P)
    return (y * inverse % _P | (x * inverse % _P & 1) << 255).to_bytes(32, "little")


@cache
def _base() -> Point:
    """The curve's base point: y is 4/5, and x is even."""
    y = 4 * pow(5, -1, _P) % _P
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    x = _P - x if x & 1 else x
    return x, y, 1, x * y % _P


def _multiplied(point: Point, number: int) -> Point:
    found: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _added(found, point)
        point = _added(point, point)
        number >>= 1
    return found


def _added(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P
