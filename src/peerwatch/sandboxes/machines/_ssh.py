"""Deterministic ssh keys derived from a secret: the same machines have the same keys, which need not be stored."""

import hashlib
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Key:
    """An Ed25519 key pair in OpenSSH format.

    Attributes:
        public: The line for `authorized_keys`, without a comment.
        private: Contents of the private key file.
    """

    public: str
    private: str


@cache
def key_of(secret: str, owner: str) -> Key:
    """Return the key pair of a person.

    Args:
        secret: Seed of the keys of one set of machines.
        owner: The person.
    """
    # Imported here because it takes 0.1 s and most commands have no machines.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{secret}/{owner}".encode()).digest())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return Key(public=public.decode(), private=private.decode())
