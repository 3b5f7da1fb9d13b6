"""Electrum's name for a script: what ``blockchain.scripthash.*`` methods take."""

import hashlib


def scripthash(script: bytes) -> str:
    """Return the SHA-256 of an output script, byte-reversed, as hex.

    Source: Electrum protocol, "Script Hashes".
    """
    return hashlib.sha256(script).digest()[::-1].hex()
