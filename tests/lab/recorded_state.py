"""The lab state that equals what the node behind a recording said.

Every recording was made over one static node (height 148, mempool filled before), so the state of a recording is read
from its own replies: headers, fee estimate, relay fee, mempool, ledger. Nothing here knows a personality.
"""

import json
from collections.abc import Callable

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.lab.state import MempoolTransaction, NodeState, ServerState
from electrum_observatory.model.endpoint import Transport
from tests.lab.recorded_ledger import ledger_of
from tests.lab.recorded_servers import RecordedProbe

SECONDS_PER_PROBE = 1000.0
"""The world time that each probe of a replay gets for itself, so that no cache reaches from one into the next."""

_BANNER = (
    "Welcome to the lab server $SERVER_VERSION ($SERVER_SUBVERSION) daemon $DAEMON_VERSION\ndonate: $DONATION_ADDRESS\n"
)
_MAX_HEX = 160


def state_of(probes: tuple[RecordedProbe, ...]) -> Callable[[float], ServerState]:
    """Return the state source of a recording: all its probes see one node, each its own recorded mempool."""
    headers = _headers(probes)
    mempools = [_mempool(probe) for probe in probes]
    ledger = ledger_of(probes)

    def state(at: float) -> ServerState:
        node = NodeState(
            network=NETWORKS["litecoin-regtest"],
            height=len(headers) - 1,
            header=headers.__getitem__,
            mempool=mempools[min(int(at // SECONDS_PER_PROBE), len(mempools) - 1)],
            relay_fee=0.00001,
            incremental_relay_fee=None,
            mempool_min_fee=0.00001,
            estimate=lambda _target: 0.0002,
            version=210201,
            subversion="/LitecoinCore:0.21.2.1/",
            unbroadcast_count=137,
            ledger=ledger,
        )
        return ServerState(
            node=node,
            banner=_BANNER,
            donation_address="lab-donation",
            hosts={"electrum.lab-test.org": {Transport.TCP: 50001, Transport.SSL: 50002}},
            peers=(),
            local_address="127.0.0.1",
            local_ports={},
        )

    return state


def _headers(probes: tuple[RecordedProbe, ...]) -> list[bytes]:
    for probe in probes:
        if probe.name == "[1.4] blockchain.block.headers:[0, 5000]":
            text = json.loads(probe.steps[1].received[0][1])["result"]["hex"]
            return [bytes.fromhex(text[start : start + _MAX_HEX]) for start in range(0, len(text), _MAX_HEX)]
    raise LookupError("the recording holds no list of all headers")


def _mempool(probe: RecordedProbe) -> tuple[MempoolTransaction, ...]:
    """One transaction per recorded bin: cut again by the right algorithm, they give the recorded bins."""
    if not probe.name.endswith("mempool.get_fee_histogram"):
        return ()
    bins = json.loads(b"".join(data for _, data in probe.steps[1].received))["result"]
    return tuple(
        MempoolTransaction(fee_sat=round(rate * size + 0.05 * size), weight=4 * size, size=size, segwit=False)
        for rate, size in bins
    )
