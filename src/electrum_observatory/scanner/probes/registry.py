"""Every probe, in the order in which questions of one phase are sent.

The order is kind to servers and to us: questions that no program minds come first, so that the possible errors stand
between good requests (Fulcrum drops a client at ten net errors), and the two on which old esplora builds close the
connection come last, so that a close costs nothing else.
"""

from collections.abc import Collection, Sequence
from typing import Any

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group
from electrum_observatory.scanner.probes import connection, opening
from electrum_observatory.scanner.probes.banner import BannerProbe
from electrum_observatory.scanner.probes.base import AnyProbe
from electrum_observatory.scanner.probes.chain_tip import ChainTipProbe
from electrum_observatory.scanner.probes.donation_address import DonationAddressProbe
from electrum_observatory.scanner.probes.features import FeaturesProbe
from electrum_observatory.scanner.probes.fee_estimates import FeeEstimatesProbe
from electrum_observatory.scanner.probes.fee_histogram import FeeHistogramProbe
from electrum_observatory.scanner.probes.genesis import GenesisProbe
from electrum_observatory.scanner.probes.header_beyond_tip import HeaderBeyondTipProbe
from electrum_observatory.scanner.probes.latency import DEFAULT_PINGS, LatencyProbe
from electrum_observatory.scanner.probes.mempool_info import MempoolInfoProbe
from electrum_observatory.scanner.probes.peers import PeersProbe
from electrum_observatory.scanner.probes.ping_with_extra_key import PingWithExtraKeyProbe
from electrum_observatory.scanner.probes.ping_without_jsonrpc import PingWithoutJsonrpcProbe
from electrum_observatory.scanner.probes.relay_fee import RelayFeeProbe
from electrum_observatory.scanner.probes.reverse_dns import ReverseDnsProbe
from electrum_observatory.scanner.probes.server_version import ServerVersionProbe
from electrum_observatory.scanner.probes.tls_certificate import TlsCertificateProbe
from electrum_observatory.scanner.probes.unknown_method import UnknownMethodProbe
from electrum_observatory.scanner.probes.version_without_jsonrpc import VersionWithoutJsonrpcProbe


def all_probes(*, pings: int = DEFAULT_PINGS) -> tuple[AnyProbe, ...]:
    """Return every probe, ready to be put."""
    return (
        ServerVersionProbe(),
        LatencyProbe(pings=pings),
        GenesisProbe(),
        ChainTipProbe(),
        PeersProbe(),
        BannerProbe(),
        DonationAddressProbe(),
        FeeHistogramProbe(),
        RelayFeeProbe(),
        FeeEstimatesProbe(),
        FeaturesProbe(),
        MempoolInfoProbe(),
        TlsCertificateProbe(),
        ReverseDnsProbe(),
    )


PROBE_IDS = tuple(probe.id for probe in all_probes())
"""Ids of all probes; ``connection`` is no probe, it is recorded for every dial."""

BATTERY: tuple[BehaviourProbe, ...] = (
    HeaderBeyondTipProbe(),
    PingWithExtraKeyProbe(),
    PingWithoutJsonrpcProbe(),
    UnknownMethodProbe(),
    VersionWithoutJsonrpcProbe(),
)
"""Every probe of behaviour, in the order of implementations.md §9.a; visits are packed in this order."""


def battery(wanted: Collection[str]) -> Sequence[BehaviourProbe]:
    """Return the probes of behaviour that are named, each by its id or its group."""
    return tuple(probe for probe in BATTERY if probe.id in wanted or probe.group in wanted)


BATTERY_NAMES = frozenset(probe.id for probe in BATTERY) | frozenset(Group)
"""What may be named."""

APART = frozenset({opening.PROBE_ID}) | frozenset(probe.id for probe in BATTERY)
"""Ids of what is recorded outside of routine visits."""

RESULT_TYPES: tuple[tuple[str, type[Any]], ...] = (
    (connection.PROBE_ID, connection.ConnectionResult),
    *((probe.id, probe.result_type) for probe in all_probes()),
    (opening.PROBE_ID, opening.RESULT_TYPE),
    *((probe.id, probe.result_type) for probe in BATTERY),
)
"""Every kind of observation with its result: what schemas and reference pages are made from."""
