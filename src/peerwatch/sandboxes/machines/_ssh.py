"""Keys for ssh, made from a word: the same machines have the same keys, and nobody has to hold one in between."""

import hashlib
from dataclasses import dataclass
from functools import cache


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
    # Loaded here, as most commands have no machines and it takes 0.1 s.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{secret}/{owner}".encode()).digest())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return Key(public=public.decode(), private=private.decode())
