"""Tips: who lags behind, who stands still; who follows another branch says ``branches``.

Servers learn of blocks by polling, so a tip that is up to ten seconds old, and one more for padding, is nobody's fault
(field notes: ElectrumX polls every 5 s twice, Fulcrum every 2 s, romanz HEAD every 10 s). A lag therefore needs several
visits, and branches near the tip are ordinary. What the height was is taken from the others: the median of backends, so
that a few who claim too much make nobody look late. Moments are compared within one campaign only: two may have been
asked by two clocks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.truth.backends import FEWEST, Backends, backend_of
from electrum_observatory.analysis.truth.branches import judge_branches
from electrum_observatory.analysis.truth.finding import Finding, Quote, finding
from electrum_observatory.analysis.truth.header_reading import HeaderSeen
from electrum_observatory.analysis.truth.known_height import ALLOWANCE_S, KnownByClock, known_by_clock
from electrum_observatory.bitcoin.header import HEADER_BYTES
from electrum_observatory.bitcoin.reference import ChainReference

LAG_VISITS = 3
"""A lag by a block or a few that was seen in fewer visits says nothing."""

FAR_BLOCKS = 6
FAR_VISITS = 2
"""A lag by that many blocks is no matter of minutes, and needs that many visits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TipSeen:
    """The newest block that a server named in one visit."""

    server: str
    visit: str
    at_s: float
    height: int
    quote: Quote
    clock: str = ""


def read_tips(headers: Sequence[HeaderSeen]) -> tuple[TipSeen, ...]:
    """Return the tips among headers; those whose time is not known cannot be compared and are left out."""
    return tuple(
        TipSeen(
            server=seen.server,
            visit=seen.visit,
            at_s=seen.at_s,
            height=seen.height,
            quote=seen.quote,
            clock=seen.clock,
        )
        for seen in headers
        if seen.from_tip and seen.at_s is not None and len(seen.raw) == HEADER_BYTES
    )


def judge_tips(
    tips: Sequence[TipSeen], headers: Sequence[HeaderSeen], backends: Backends, reference: ChainReference
) -> tuple[Finding, ...]:
    """Judge the tips of all servers, over all their visits.

    Args:
        tips: What they named, whenever.
        headers: Every header that they gave; they show branches.
        backends: Who shares a vote.
        reference: What is known of the chain, its targets among them.
    """
    known = known_by_clock((tip.clock, tip.at_s, backend_of(tip.server, backends), tip.height) for tip in tips)
    by_server: dict[str, list[TipSeen]] = {}
    for tip in sorted(tips, key=lambda tip: (tip.server, tip.at_s)):
        by_server.setdefault(tip.server, []).append(tip)
    found = [lag for server, own in by_server.items() for lag in _lags(own, known, backend_of(server, backends))]
    return (*found, *judge_branches(headers, known, backends, reference))


def _behind(tip: TipSeen, known: KnownByClock, backend: str) -> int | None:
    """Return how many blocks the tip is behind what most others had for longer than the allowance.

    None where it is behind nothing and too few were asked shortly before: who is visited first in a round of a
    campaign cannot be seen to be behind.
    """
    height, recent = known[tip.clock].by(tip.at_s - ALLOWANCE_S, without=backend)
    if height is not None and height > tip.height:
        return height - tip.height
    return 0 if recent else None


def _lags(own: Sequence[TipSeen], known: KnownByClock, backend: str) -> Iterator[Finding]:
    """Judge the tips of one server; several connections of one visit count once, with the best of them."""
    best: dict[str, TipSeen] = {}
    for tip in own:
        best[tip.visit] = max(best.get(tip.visit, tip), tip, key=lambda one: one.height)
    if all(known[tip.clock].others(backend) < FEWEST for tip in own):
        words = f"tips of fewer than {FEWEST} other backends were heard in the same campaign"
        yield finding("tips_not_comparable", own[0].server, words, [tip.quote for tip in own])
        return
    judged = [(tip, _behind(tip, known, backend)) for tip in best.values()]
    behind = [(tip, blocks) for tip, blocks in judged if blocks is not None]
    if len(behind) < FAR_VISITS or not all(blocks for _, blocks in behind):
        return
    far = all(blocks >= FAR_BLOCKS for _, blocks in behind)
    server, quotes = own[0].server, [tip.quote for tip, _ in behind]
    if far and len({tip.height for tip, _ in behind}) == 1:
        words = f"its tip stood at {behind[0][0].height} in {len(behind)} visits, {behind[-1][1]} blocks behind at last"
        yield finding("tip_stale", server, words, quotes)
    elif far or len(behind) >= LAG_VISITS:
        listed = ", ".join(str(blocks) for _, blocks in behind)
        words = f"its tip was behind in all {len(behind)} visits that can be compared, by {listed} blocks"
        yield finding("tip_lags", server, words, quotes)
