"""Tips: who lags behind, who stands still, who follows another branch.

Servers learn of blocks by polling, so a tip that is up to ten seconds old, and one more for padding, is nobody's fault
(field notes: ElectrumX polls every 5 s twice, Fulcrum every 2 s, romanz HEAD every 10 s). A lag therefore needs several
visits, and branches near the tip are ordinary. What the height was is taken from the others: the median of backends, so
that a few who claim too much make nobody look late. Moments are compared within one campaign only: two may have been
asked by two clocks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.truth.backends import FEWEST, Backends, backend_of, majority
from electrum_observatory.analysis.truth.finding import Finding, Quote, finding
from electrum_observatory.analysis.truth.header_reading import SETTLED_BLOCKS, HeaderSeen, settled
from electrum_observatory.analysis.truth.known_height import KnownHeights
from electrum_observatory.analysis.truth.targets import Targets, agreed_targets
from electrum_observatory.bitcoin.header import HEADER_BYTES
from electrum_observatory.bitcoin.reference import ChainReference

ALLOWANCE_S = 60.0
"""A tip may be that much younger among others than here. Poll phases explain 11 s; the rest is propagation and load."""

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
    known = _known_heights(tips, backends)
    by_server: dict[str, list[TipSeen]] = {}
    for tip in sorted(tips, key=lambda tip: (tip.server, tip.at_s)):
        by_server.setdefault(tip.server, []).append(tip)
    found = [lag for server, own in by_server.items() for lag in _lags(own, known, backend_of(server, backends))]
    return (*found, *_forks(headers, known, backends, agreed_targets(headers, reference, backends)))


_Known = Mapping[str, KnownHeights]
"""By clock."""


def _known_heights(tips: Iterable[TipSeen], backends: Backends) -> _Known:
    by_clock: dict[str, list[tuple[float, str, int]]] = {}
    for tip in tips:
        by_clock.setdefault(tip.clock, []).append((tip.at_s, backend_of(tip.server, backends), tip.height))
    return {clock: KnownHeights(seen) for clock, seen in by_clock.items()}


def _behind(tip: TipSeen, known: _Known, backend: str) -> int | None:
    """Return how many blocks the tip is behind what most others had for longer than the allowance.

    None where it is behind nothing and too few were asked shortly before: who is visited first in a round of a
    campaign cannot be seen to be behind.
    """
    height, recent = known[tip.clock].by(tip.at_s - ALLOWANCE_S, without=backend)
    if height is not None and height > tip.height:
        return height - tip.height
    return 0 if recent else None


def _lags(own: Sequence[TipSeen], known: _Known, backend: str) -> Iterator[Finding]:
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


def _forks(headers: Sequence[HeaderSeen], known: _Known, backends: Backends, targets: Targets) -> Iterator[Finding]:
    """Find whose block differs from the majority's although that had settled by the time it was given.

    What was given deep below a tip outweighs what was once the newest: that may have been reorganised away since. A
    block whose target fits none of the majority's is of another branch too, and has no vote.
    """
    whole = [seen for seen in headers if len(seen.raw) == HEADER_BYTES]
    deep = frozenset(settled(whole))
    fitting = [seen for seen in whole if targets.allow(seen.height, seen.header.bits)]
    agreed_deep, agreed = _agreed(settled(fitting), backends), _agreed(fitting, backends)
    named: set[tuple[str, int]] = set()
    for seen in whole:
        most, own = agreed_deep.get(seen.height), seen.header.block_hash
        if most is None and seen not in deep:
            most = agreed.get(seen.height)
        late = seen in deep or _settled_elsewhere(seen, known, backend_of(seen.server, backends))
        if not late or (seen.server, seen.height) in named:
            continue
        if most is not None and own != most:
            words = f"its block {seen.height} is {own}, and most others have had {most} for long"
        elif not targets.allow(seen.height, seen.header.bits):
            height, bits = targets.nearest(seen.height)
            words = (
                f"its block {seen.height} is {own} of target {seen.header.bits:#010x}, which is of no chain with the "
                f"{bits:#010x} that most others state at {height}"
            )
        else:
            continue
        named.add((seen.server, seen.height))
        yield finding("tip_on_a_fork", seen.server, words, [seen.quote])


def _agreed(headers: Iterable[HeaderSeen], backends: Backends) -> dict[int, str | None]:
    """Return height to the block that most backends give."""
    votes: dict[int, dict[str, set[str]]] = {}
    for seen in headers:
        votes.setdefault(seen.height, {}).setdefault(seen.header.block_hash, set()).add(seen.server)
    return {height: majority(of_height, backends) for height, of_height in votes.items()}


def _settled_elsewhere(seen: HeaderSeen, known: _Known, backend: str) -> bool:
    """Whether most others had many more blocks on top when this server named it as its newest."""
    if not seen.from_tip or seen.at_s is None:
        return False
    height, _ = known[seen.clock].by(seen.at_s - ALLOWANCE_S, without=backend)
    return height is not None and height >= seen.height + SETTLED_BLOCKS
