"""Fee histograms that do not change although the mempool does.

Equal histograms of two servers say little (same program, same node, quiet times). But one server's, with several bins,
cannot stay the same to the byte from one block to the next, while those of others change: it is replayed. An empty one,
or one of a single bin, is no data.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from electrum_observatory.analysis.truth.backends import FEWEST, Backends, backend_of
from electrum_observatory.analysis.truth.finding import Finding, Quote, finding

FEWEST_BINS = 2
"""One bin may be the whole of a quiet mempool; with two, sizes to the vB cannot outlive several blocks."""

REPLIES = 3
"""Replies that must be equal."""

SPAN_S = 3_600.0
"""Over that long at least: several blocks. ElectrumX computes anew every 120 s and a little, all others more often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramSeen:
    """One reply to ``mempool.get_fee_histogram``.

    Attributes:
        server: Who gave it.
        at_s: When it was asked for.
        bins: Pairs of feerate and size, as given.
        quote: The reply.
        clock: By whose clock: replies of several are judged apart.
    """

    server: str
    at_s: float
    bins: tuple[tuple[float, float], ...]
    quote: Quote
    clock: str = ""


def judge_histograms(histograms: Sequence[HistogramSeen], backends: Backends) -> tuple[Finding, ...]:
    """Judge the histograms of all servers over time."""
    by_clock: dict[str, dict[str, list[HistogramSeen]]] = {}
    for seen in histograms:
        by_clock.setdefault(seen.clock, {}).setdefault(seen.server, []).append(seen)
    replayed = tuple(found for by_server in by_clock.values() for found in _replayed(by_server, backends))
    return (*replayed, *_insufficient(histograms, {found.subject for found in replayed}))


def _insufficient(histograms: Sequence[HistogramSeen], replayed: Set[str]) -> Iterator[Finding]:
    """Say of whom replies enough never differed, and could not be told from a replay either."""
    by_server: dict[str, list[HistogramSeen]] = {}
    for seen in histograms:
        by_server.setdefault(seen.server, []).append(seen)
    for server, own in sorted(by_server.items()):
        if len(own) >= REPLIES and len({seen.bins for seen in own}) == 1 and server not in replayed:
            words = (
                f"its histogram of {len(own[0].bins)} bins never changed, but for too short a time, with too few bins, "
                f"or beside fewer than {FEWEST} others that did"
            )
            yield finding("histograms_not_comparable", server, words, [seen.quote for seen in own])


def _replayed(by_server: Mapping[str, Sequence[HistogramSeen]], backends: Backends) -> Iterator[Finding]:
    moving = {server: own for server, own in by_server.items() if len({seen.bins for seen in own if seen.bins}) > 1}
    constant = {server: run for server, own in by_server.items() if (run := _constant(own))}
    for server, run in sorted(constant.items()):
        others = {
            backend_of(other, backends)
            for other, own in moving.items()
            if backend_of(other, backends) != backend_of(server, backends) and _changed(own, run)
        }
        if len(others) >= FEWEST:
            minutes = (run[-1].at_s - run[0].at_s) / 60
            words = (
                f"its histogram of {len(run[0].bins)} bins stayed the same over {minutes:.0f} minutes and {len(run)} "
                f"replies, while those of {len(others)} others changed"
            )
            yield finding("histogram_replayed", server, words, [seen.quote for seen in run])


def _constant(own: Sequence[HistogramSeen]) -> list[HistogramSeen]:
    """Return all replies of a server, in order, if they are one histogram with enough bins for long enough."""
    run = sorted(own, key=lambda seen: seen.at_s)
    long_enough = len(run) >= REPLIES and run[-1].at_s - run[0].at_s >= SPAN_S
    same = len({seen.bins for seen in run}) == 1 and len(run[0].bins) >= FEWEST_BINS
    return run if long_enough and same else []


def _changed(own: Sequence[HistogramSeen], run: Sequence[HistogramSeen]) -> bool:
    """Whether another server's histogram changed while this one's did not."""
    meanwhile = [seen for seen in own if run[0].at_s - SPAN_S <= seen.at_s <= run[-1].at_s + SPAN_S and seen.bins]
    return len({seen.bins for seen in meanwhile}) > 1
