"""What is known of a server besides its readings: its machine, its program's algorithm, its relay policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from electrum_observatory.analysis.histograms.algorithms import algorithms_of
from electrum_observatory.analysis.histograms.rules import Algorithm, name_of
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.fees_and_tips import FeeFloorTable
from electrum_observatory.datasets.watch.histograms import HistogramTable
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch_ports import NOTHING

SATOSHIS_PER_COIN = 1e8

_STALE = int(
    Algorithm.FULCRUM_1_9_1
    | Algorithm.FULCRUM_1_9_7
    | Algorithm.FULCRUM_1_9_8
    | Algorithm.ESPLORA_SINGLE
    | Algorithm.ESPLORA_DOUBLE
)
_STEADY = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """One server.

    Attributes:
        endpoint: Whom we asked.
        machine: Id of its machine: servers of one machine are never a pair.
        algorithms: Set of histogram algorithms that its histograms allow, 0 where they contradict each other.
        relay: The relay fee it tells in at least nine of ten rounds, in satoshi per 1000 virtual bytes; ``NOTHING``
            where there is none.
        relay_is_live: Whether that is its node's word of the day. Fulcrum tells what held when it last connected to its
            node, the esplora line what held when it started; ``mempool.get_info`` is live everywhere.
    """

    endpoint: Endpoint
    machine: str
    algorithms: int
    relay: int
    relay_is_live: bool

    @property
    def algorithm(self) -> str:
        """Name of the class of servers with the same set."""
        return name_of(Algorithm(self.algorithms))


def facts_of(
    endpoints: Sequence[Endpoint],
    histograms: HistogramTable,
    floors: FeeFloorTable,
    machines: Mapping[str, str] | None = None,
) -> tuple[ServerFacts, ...]:
    """Gather the facts of a watch's servers, in its order.

    Args:
        endpoints: The servers.
        histograms: Their histograms.
        floors: Their fee floors.
        machines: Endpoint id to machine id, as ``analysis.machines`` finds them. Whoever is not in it is taken for one
            machine with whoever has the same address.
    """
    known = machines or {}
    relay = [_usual(column) for column in floors.relay.T]
    by_info = [bool(told) for told in np.isfinite(floors.incremental).sum(axis=0)]
    return tuple(
        ServerFacts(
            endpoint=endpoint,
            machine=known.get(endpoint.endpoint_id, endpoint.known_address or endpoint.host),
            algorithms=int(found.algorithms),
            relay=fee,
            relay_is_live=told or (found.algorithms != 0 and not int(found.algorithms) & _STALE),
        )
        for endpoint, found, fee, told in zip(endpoints, algorithms_of(histograms), relay, by_info, strict=True)
    )


def _usual(fees: Floats) -> int:
    told = np.rint(fees[np.isfinite(fees)] * SATOSHIS_PER_COIN).astype(np.int64)
    if not len(told):
        return NOTHING
    values, counts = np.unique(told, return_counts=True)
    return int(values[counts.argmax()]) if counts.max() >= _STEADY * len(told) else NOTHING
