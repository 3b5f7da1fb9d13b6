"""What tells the ElectrumX releases apart, as data: each row is the one before it with what came new.

ElectrumX changes its version only on release day, so between two tags lie checkouts of master that carry the older
label. The commonest on the network were those of 2022 to 2025, which still called themselves 1.16.0. The rows follow
the dates of the commits (github.com/spesmilo/electrumx), each named where it stands.
"""

from dataclasses import dataclass, replace

from electrum_observatory.lab.histograms import Histogram, electrumx_a, electrumx_b, electrumx_c, electrumx_d

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One ElectrumX release, or the checkouts between two commits.

    Attributes:
        compact: aiorpcX 0.22 or later: JSON without spaces.
        protocol_max: As its ``PROTOCOL_MAX``; printed with all its parts where the client offers more.
        histogram: How it cuts its mempool.
        caches_estimates: 1.16: fee estimates are kept until the tip changes, their targets are bucketed and their
            modes listed. Before, target and mode go to bitcoind as they come.
        packages_since: Protocol from which ``broadcast_package`` is offered; None for never.
        max_send: Largest reply, bytes (``MAX_SEND``).
        padded: 1.18: lines on tcp and ssl are padded and delayed.
        warm_up: 1.19: the first kilobyte of replies is not delayed.
        flush_on_close: Whether a reply followed by a disconnect is sent at all (1.18 loses it).
        version_first: 1.19: any other first request gets the two crash notifications and is refused.
        version_takes_more: 1.19: extra arguments of ``server.version`` are ignored.
        mode_in_any_case: 1.19: ``estimatefee`` upper-cases its mode.
        checks_hex: 1.19: what is to be broadcast must be hex, before bitcoind is asked.
        canonical_order: 1.19: unconfirmed transactions are listed as protocol 1.6 demands.
        daemon_version_fixed: 1.19: ``$DAEMON_VERSION`` of Core 28.1 is 28.1.0, no longer 0.28.1.
        buckets_test_networks: 1.20: fee targets are bucketed on Bitcoin's test networks too.
        ping_takes_arguments: 2.0: at any protocol.
        history_error: Code of "history too large".
        proves_in_range: 2.0: a merkle proof above the tip is refused as "out of range".
        hangs_on_depth: To 1.17: a line nested too deep leaves the session open and dead, later it is closed.
        tsc_merkle: Only the BSV fork: ``get_tsc_merkle``.
    """

    compact: bool
    protocol_max: Version
    histogram: Histogram
    caches_estimates: bool
    packages_since: Version | None
    max_send: int
    padded: bool
    warm_up: bool
    flush_on_close: bool
    version_first: bool
    version_takes_more: bool
    mode_in_any_case: bool
    checks_hex: bool
    canonical_order: bool
    daemon_version_fixed: bool
    buckets_test_networks: bool
    ping_takes_arguments: bool
    history_error: int
    proves_in_range: bool
    hangs_on_depth: bool
    tsc_merkle: bool


RELEASE_1_15 = Release(
    compact=False,
    protocol_max=(1, 4, 2),
    histogram=electrumx_a,
    caches_estimates=False,
    packages_since=None,
    max_send=1_000_000,
    padded=False,
    warm_up=False,
    flush_on_close=True,
    version_first=False,
    version_takes_more=False,
    mode_in_any_case=False,
    checks_hex=False,
    canonical_order=False,
    daemon_version_fixed=False,
    buckets_test_networks=False,
    ping_takes_arguments=False,
    history_error=1,
    proves_in_range=False,
    hangs_on_depth=True,
    tsc_merkle=False,
)
RELEASE_BSV = replace(RELEASE_1_15, compact=True, tsc_merkle=True)
"""kyuupichan/electrumx 1.20.x: the original's later life, for another coin with the same genesis block."""

RELEASE_1_16 = replace(RELEASE_1_15, histogram=electrumx_b, caches_estimates=True)
GIT_2022_01_28 = replace(RELEASE_1_16, compact=True)  # 0256e97
GIT_2022_03_29 = replace(GIT_2022_01_28, histogram=electrumx_c)  # 265a5a8
GIT_2025_02_19 = replace(GIT_2022_03_29, protocol_max=(1, 4, 3), packages_since=(1, 4))  # 7de390f
GIT_2025_02_26 = replace(GIT_2025_02_19, max_send=8_100_000)  # 2969ab1
RELEASE_1_17 = GIT_2025_02_26
GIT_2025_05_29 = replace(RELEASE_1_17, padded=True, flush_on_close=False)  # e36c067
RELEASE_1_18 = replace(GIT_2025_05_29, hangs_on_depth=False)
GIT_2025_10_24 = replace(
    RELEASE_1_18, flush_on_close=True, checks_hex=True, mode_in_any_case=True, daemon_version_fixed=True
)  # 6bbd311, 36af30a, b5dac26, d6f596a
GIT_2025_10_27 = replace(GIT_2025_10_24, warm_up=True)  # 735513f
GIT_2025_10_31 = replace(GIT_2025_10_27, version_first=True, version_takes_more=True)  # 03e7582, b2d6d04
GIT_2025_11_07 = replace(
    GIT_2025_10_31, protocol_max=(1, 6, 0), packages_since=(1, 6), canonical_order=True
)  # 8b00d24, 269f2e0
RELEASE_1_19 = GIT_2025_11_07
GIT_2025_11_17 = replace(RELEASE_1_19, histogram=electrumx_d)  # 23ec2f3
RELEASE_1_20 = replace(GIT_2025_11_17, buckets_test_networks=True)
GIT_2026_06_03 = replace(RELEASE_1_20, ping_takes_arguments=True, history_error=10_001)  # b301008
RELEASE_2_0 = replace(GIT_2026_06_03, protocol_max=(1, 7, 0), proves_in_range=True)
