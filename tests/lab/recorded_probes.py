"""Which recorded probes a personality must equal now, and which wait until the lab's world holds transactions.

The rule is mechanical. Compared are all probes that begin a connection (handshake, version first, HTTP, silence) and
all others whose name is not in ``WAITING``: the metadata methods, unknown methods, malformed requests, ids, batches,
framing and pipelining, and the script methods for scripts that nobody used. What waits asks for a transaction, or for a
script that has a history. A test checks that nothing else hides in the list.
"""

import re

from tests.lab.normalisation import probe_base
from tests.lab.recorded_servers import RecordedProbe

_USED_SCRIPTS = ("known", "legacy", "miner")
_USED_SCRIPT_METHODS = ("get_balance", "get_history", "listunspent", "subscribe", "get_mempool")
_NO_TX = "0" * 58
_KNOWN = "35784575dfbf0e8520f1bdfdaba5e1251b1d6837aebd0ed7b95b692c01"

WAITING = frozenset(
    {f"scripthash.{method}-{script}" for method in _USED_SCRIPT_METHODS for script in _USED_SCRIPTS}
    | {
        f'blockchain.scripthash.get_history:["{_KNOWN}',
        f'blockchain.transaction.get:["{_NO_TX}',
        'blockchain.transaction.get:["zz"]',
        f'blockchain.transaction.get_merkle:["{_NO_TX}',
        "blockchain.transaction.id_from_pos:[1, 0]",
        "blockchain.transaction.id_from_pos:[1, 9]",
        "blockchain.transaction.id_from_pos:[1, 0, true]",
        'blockchain.transaction.broadcast:["00"]',
        'blockchain.transaction.broadcast:["zz"]',
        'blockchain.transaction.broadcast_package:[["00"]]',
        f'blockchain.utxo.get_info:["{_NO_TX}',
        "pipeline-10",
    }
)
"""Names without their handshake group, as the recorder cut them."""

_ASKS_FOR_TRANSACTIONS = re.compile(rb'"blockchain\.(transaction|utxo)\.|"blockchain\.scripthash\.')


def waits(probe: RecordedProbe) -> bool:
    """Whether the probe needs a world with transactions."""
    return not probe.begins_connection and any(probe_base(probe.name).startswith(name) for name in WAITING)


def asks_for_transactions(probe: RecordedProbe) -> bool:
    """Whether what the probe sends justifies its waiting."""
    return any(_ASKS_FOR_TRANSACTIONS.search(step.send) for step in probe.steps[1:])
