"""What tells the ElectrumX releases apart, as data.

Each row is a tagged release, or for ``1.16 git`` the master checkouts of 2022-03-29 to 2025-02-19 that still called
themselves 1.16.0 and were by far the commonest form on the network: compact JSON, bins of 30 kvB, protocol 1.4.2.
(Checkouts of 2025-02 to 2025-04 negotiated 1.4.3; they are not a row of their own.)
"""

from dataclasses import dataclass

from electrum_observatory.lab.histograms import Histogram, electrumx_b, electrumx_c, electrumx_d


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One ElectrumX release.

    Attributes:
        compact: aiorpcX 0.22 or later: JSON without spaces.
        protocol_max: As its ``PROTOCOL_MAX``; printed with all its parts where the client offers more.
        histogram: How it cuts its mempool.
        padded: 1.18: lines on tcp and ssl are padded and delayed.
        warm_up: 1.19: the first kilobyte of replies is not delayed.
        flush_on_close: Whether a reply followed by a disconnect is sent at all (1.18 loses it).
        version_first: 1.19: any other first request gets the two crash notifications and is refused.
        version_takes_more: 1.19: extra arguments of ``server.version`` are ignored.
        mode_in_any_case: 1.19: ``estimatefee`` upper-cases its mode.
        daemon_version_fixed: 1.19: ``$DAEMON_VERSION`` of Core 28.1 is 28.1.0, no longer 0.28.1.
        buckets_test_networks: 1.20: fee targets are bucketed on Bitcoin's test networks too.
        hangs_on_depth: To 1.17: a line nested too deep leaves the session open and dead, later it is closed.
    """

    compact: bool
    protocol_max: tuple[int, ...]
    histogram: Histogram
    padded: bool
    warm_up: bool
    flush_on_close: bool
    version_first: bool
    version_takes_more: bool
    mode_in_any_case: bool
    daemon_version_fixed: bool
    buckets_test_networks: bool
    hangs_on_depth: bool


RELEASE_1_16 = Release(
    compact=False,
    protocol_max=(1, 4, 2),
    histogram=electrumx_b,
    padded=False,
    warm_up=False,
    flush_on_close=True,
    version_first=False,
    version_takes_more=False,
    mode_in_any_case=False,
    daemon_version_fixed=False,
    buckets_test_networks=False,
    hangs_on_depth=True,
)
RELEASE_1_16_GIT = Release(
    compact=True,
    protocol_max=(1, 4, 2),
    histogram=electrumx_c,
    padded=False,
    warm_up=False,
    flush_on_close=True,
    version_first=False,
    version_takes_more=False,
    mode_in_any_case=False,
    daemon_version_fixed=False,
    buckets_test_networks=False,
    hangs_on_depth=True,
)
RELEASE_1_18 = Release(
    compact=True,
    protocol_max=(1, 4, 3),
    histogram=electrumx_c,
    padded=True,
    warm_up=False,
    flush_on_close=False,
    version_first=False,
    version_takes_more=False,
    mode_in_any_case=False,
    daemon_version_fixed=False,
    buckets_test_networks=False,
    hangs_on_depth=False,
)
RELEASE_1_20 = Release(
    compact=True,
    protocol_max=(1, 6, 0),
    histogram=electrumx_d,
    padded=True,
    warm_up=True,
    flush_on_close=True,
    version_first=True,
    version_takes_more=True,
    mode_in_any_case=True,
    daemon_version_fixed=True,
    buckets_test_networks=True,
    hangs_on_depth=False,
)
