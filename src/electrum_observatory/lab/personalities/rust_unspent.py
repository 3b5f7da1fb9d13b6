"""Unspent outputs as romanz electrs and its fork, electrs-esplora, list them: out of a hash map.

``src/status.rs`` (``Unspent``) of the one, ``src/new_index/query.rs`` (``utxo``) of the other.
"""

import hashlib
from collections.abc import Iterable

from electrum_observatory.lab.ledger import Unspent
from electrum_observatory.model.observation import Json


def unspent_rows(unspent: Iterable[Unspent]) -> list[Json]:
    """Return the rows of ``listunspent``. A hash map's order is any; here it is always the same."""
    return [
        {"height": max(0, one.height), "tx_hash": one.txid, "tx_pos": one.position, "value": one.value}
        for one in sorted(unspent, key=_place_in_map)
    ]


def _place_in_map(output: Unspent) -> bytes:
    return hashlib.blake2b(f"{output.txid}:{output.position}".encode(), digest_size=8).digest()
