"""Tips: who lags behind, who stands still, who follows another branch.

Servers learn of blocks by polling, so a tip that is up to ten seconds old, and one more for padding, is nobody's fault
(field notes: ElectrumX polls every 5 s twice, Fulcrum every 2 s, romanz HEAD every 10 s). A lag therefore needs several
visits, and branches near the tip are ordinary. What the height was is taken from the others: the median of backends, so
that a few who claim too much make nobody look late.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.truth.backends import FEWEST, Backends, backend_of, majority
from electrum_observatory.analysis.truth.finding import Finding, Quote, finding
from electrum_observatory.analysis.truth.headers import SETTLED_BLOCKS, HeaderSeen, settled
from electrum_observatory.analysis.truth.known_height import KnownHeights
from electrum_observatory.bitcoin.header import HEADER_BYTES

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
    block_hash: str
    quote: Quote


def read_tips(headers: Sequence[HeaderSeen]) -> tuple[TipSeen, ...]:
    """Return the tips among headers; those whose time is not known cannot be compared and are left out."""
    return tuple(
        TipSeen(
            server=seen.server,
            visit=seen.visit,
            at_s=seen.at_s,
            height=seen.height,
            block_hash=seen.header.block_hash,
            quote=seen.quote,
        )
        for seen in headers
        if seen.from_tip and seen.at_s is not None and len(seen.raw) == HEADER_BYTES
    )


def judge_tips(tips: Sequence[TipSeen], headers: Sequence[HeaderSeen], backends: Backends) -> tuple[Finding, ...]:
    """Judge the tips of all servers, over all their visits.

    Args:
        tips: What they named, whenever.
        headers: Every header that they gave; they show branches.
        backends: Who shares a vote.
    """
    if len({backend_of(tip.server, backends) for tip in tips}) < FEWEST:
        words = f"tips of fewer than {FEWEST} backends were heard"
        return tuple(
            finding("tips_not_comparable", server, words, [tip.quote for tip in tips if tip.server == server])
            for server in sorted({tip.server for tip in tips})
        )
    known = KnownHeights((tip.at_s, backend_of(tip.server, backends), tip.height) for tip in tips)
    by_server: dict[str, list[TipSeen]] = {}
    for tip in sorted(tips, key=lambda tip: (tip.server, tip.at_s)):
        by_server.setdefault(tip.server, []).append(tip)
    found = [lag for server, own in by_server.items() for lag in _lags(own, known, backend_of(server, backends))]
    return (*found, *_forks(headers, known, backends))


def _behind(tip: TipSeen, known: KnownHeights, backend: str) -> int | None:
    """Return how many blocks the tip is behind what most others had for longer than the allowance.

    None where it is behind nothing and too few were asked shortly before: who is visited first in a round of a
    campaign cannot be seen to be behind.
    """
    height, recent = known.by(tip.at_s - ALLOWANCE_S, without=backend)
    if height is not None and height > tip.height:
        return height - tip.height
    return 0 if recent else None


def _lags(own: Sequence[TipSeen], known: KnownHeights, backend: str) -> Iterator[Finding]:
    """Judge the tips of one server; several connections of one visit count once, with the best of them."""
    best: dict[str, TipSeen] = {}
    for tip in own:
        best[tip.visit] = max(best.get(tip.visit, tip), tip, key=lambda one: one.height)
    judged = [(tip, _behind(tip, known, backend)) for tip in best.values()]
    behind = [(tip, blocks) for tip, blocks in judged if blocks is not None]
    if len(behind) < FAR_VISITS or not all(blocks for _, blocks in behind):
        return
    far = all(blocks >= FAR_BLOCKS for _, blocks in behind)
    server, quotes = behind[0][0].server, [tip.quote for tip, _ in behind]
    if far and len({tip.height for tip, _ in behind}) == 1:
        words = f"its tip stood at {behind[0][0].height} in {len(behind)} visits, {behind[-1][1]} blocks behind at last"
        yield finding("tip_stale", server, words, quotes)
    elif far or len(behind) >= LAG_VISITS:
        listed = ", ".join(str(blocks) for _, blocks in behind)
        words = f"its tip was behind in all {len(behind)} visits that can be compared, by {listed} blocks"
        yield finding("tip_lags", server, words, quotes)


def _forks(headers: Sequence[HeaderSeen], known: KnownHeights, backends: Backends) -> Iterator[Finding]:
    """Find whose block differs from the majority's although that had settled by the time it was given.

    What was given deep below a tip outweighs what was once the newest: that may have been reorganised away since.
    """
    whole = [seen for seen in headers if len(seen.raw) == HEADER_BYTES]
    deep = frozenset(settled(whole))
    agreed_deep, agreed = _agreed(deep, backends), _agreed(whole, backends)
    named: set[tuple[str, int]] = set()
    for seen in whole:
        most, own = agreed_deep.get(seen.height), seen.header.block_hash
        if most is None and seen not in deep:
            most = agreed[seen.height]
        late = seen in deep or _settled_elsewhere(seen, known, backend_of(seen.server, backends))
        if most is not None and own != most and late and (seen.server, seen.height) not in named:
            named.add((seen.server, seen.height))
            words = f"its block {seen.height} is {own}, and most others have had {most} for long"
            yield finding("tip_on_a_fork", seen.server, words, [seen.quote])


def _agreed(headers: Iterable[HeaderSeen], backends: Backends) -> dict[int, str | None]:
    """Return height to the block that most backends give."""
    votes: dict[int, dict[str, set[str]]] = {}
    for seen in headers:
        votes.setdefault(seen.height, {}).setdefault(seen.header.block_hash, set()).add(seen.server)
    return {height: majority(of_height, backends) for height, of_height in votes.items()}


def _settled_elsewhere(seen: HeaderSeen, known: KnownHeights, backend: str) -> bool:
    """Whether most others had many more blocks on top when this server named it as its newest."""
    if not seen.from_tip or seen.at_s is None:
        return False
    height, _ = known.by(seen.at_s - ALLOWANCE_S, without=backend)
    return height is not None and height >= seen.height + SETTLED_BLOCKS
