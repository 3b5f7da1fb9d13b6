"""Which machines the numbers about a network are about, and which serve another chain.

Verified means that block 0 is the network's. Chains that split off later share it (of Bitcoin: BCH, BSV and XEC), so a
verified machine may still follow one of them; nothing here can tell.
"""

from collections.abc import Iterable

from electrum_observatory.analysis.machines import Machine
from electrum_observatory.datasets.genesis import GenesisState
from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.model.campaign import CampaignKind


def genesis_of(machine: Machine) -> GenesisState:
    """Return the best that the machine's answering endpoints of this network let us learn.

    A machine with two coins is judged by this network's: it is of another chain only where all that answered are.
    """
    states = {row.genesis for row in machine.endpoints if row.answered}
    order = (GenesisState.VERIFIED, GenesisState.CLAIMED, GenesisState.UNKNOWN, GenesisState.OTHER)
    return next((state for state in order if state in states), GenesisState.UNKNOWN)


def of_this_network(rows: Iterable[ServerRow]) -> tuple[ServerRow, ...]:
    """Return the endpoints that are not known to serve another chain."""
    return tuple(row for row in rows if row.genesis is not GenesisState.OTHER)


def of_another_chain(rows: Iterable[ServerRow]) -> tuple[ServerRow, ...]:
    """Return the endpoints that answered and serve or name another chain."""
    return tuple(row for row in rows if row.answered and row.genesis is GenesisState.OTHER)


def measured(machines: Iterable[Machine], kind: CampaignKind) -> tuple[Machine, ...]:
    """Return the machines that shares, map, latency and tips are about.

    Of a scan: those that answered and whose chain was verified, since anybody can put up servers that merely answer. An
    import may not have asked for block 0: there, those that answered and are not known to be of another chain.
    """
    wanted = {GenesisState.VERIFIED}
    if kind is CampaignKind.IMPORT:
        wanted |= {GenesisState.CLAIMED, GenesisState.UNKNOWN}
    return tuple(machine for machine in machines if machine.answered and genesis_of(machine) in wanted)
