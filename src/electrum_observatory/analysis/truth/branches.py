"""Branches: whose blocks are other ones than the majority's, at heights that had settled by the time they were given.

Branches near the tip are ordinary. What was given deep below a tip outweighs what was once the newest: that may have
been reorganised away since.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from electrum_observatory.analysis.truth.backends import Backends, backend_of, majority
from electrum_observatory.analysis.truth.finding import Finding, finding
from electrum_observatory.analysis.truth.header_reading import SETTLED_BLOCKS, HeaderSeen, settled, settled_blocks
from electrum_observatory.analysis.truth.known_height import ALLOWANCE_S, KnownByClock
from electrum_observatory.analysis.truth.targets import Targets, agreed_targets
from electrum_observatory.bitcoin.header import HEADER_BYTES
from electrum_observatory.bitcoin.reference import ChainReference


def judge_branches(
    headers: Sequence[HeaderSeen], known: KnownByClock, backends: Backends, reference: ChainReference
) -> Iterator[Finding]:
    """Find whose block differs from the majority's, lies elsewhere among theirs, or is of no chain with theirs.

    A block whose target fits none of the majority's has no vote.

    Args:
        headers: Every header that all servers gave.
        known: Heights that others had by some moment.
        backends: Who shares a vote.
        reference: What is known of the chain, its targets among them.
    """
    whole = [seen for seen in headers if len(seen.raw) == HEADER_BYTES]
    blocks, targets = settled_blocks(reference), agreed_targets(whole, reference, backends)
    deep = frozenset(settled(whole, blocks))
    fitting = [seen for seen in whole if targets.allow(seen.height, seen.header.bits)]
    agreed_deep, agreed, places = (
        _agreed(settled(fitting, blocks), backends),
        _agreed(fitting, backends),
        _places(whole, backends),
    )
    named: set[tuple[str, int]] = set()
    for seen in whole:
        is_deep = seen in deep
        late = is_deep or _settled_elsewhere(seen, known, backend_of(seen.server, backends), blocks)
        most = agreed_deep.get(seen.height)
        if most is None and not is_deep:
            most = agreed.get(seen.height)
        words = _elsewhere(seen, most if late else None, places) or _unlike(seen, targets, late=late)
        if words is not None and (seen.server, seen.height) not in named:
            named.add((seen.server, seen.height))
            yield finding("tip_on_a_fork", seen.server, words, [seen.quote])


def _elsewhere(seen: HeaderSeen, most: str | None, places: Mapping[str, int | None]) -> str | None:
    """Say what does not fit to the blocks that most others give; None where nothing is."""
    own = seen.header.block_hash
    if most is not None and own != most:
        return f"its block {seen.height} is {own}, and most others have had {most} for long"
    place = places.get(own)
    if place is not None and place != seen.height:
        return f"its block {seen.height} is {own}, which most others have as block {place}"
    return None


def _unlike(seen: HeaderSeen, targets: Targets, *, late: bool) -> str | None:
    """Say what does not fit to the targets that most others state; a branch may begin a period with another one."""
    if targets.allow(seen.height, seen.header.bits) or not (late or targets.into_period(seen.height) >= SETTLED_BLOCKS):
        return None
    height, bits = targets.nearest(seen.height)
    return (
        f"its block {seen.height} is {seen.header.block_hash} of target {seen.header.bits:#010x}, which is of no chain "
        f"with the {bits:#010x} that most others state at {height}"
    )


def _agreed(headers: Iterable[HeaderSeen], backends: Backends) -> dict[int, str | None]:
    """Return height to the block that most backends give."""
    votes: dict[int, dict[str, set[str]]] = {}
    for seen in headers:
        votes.setdefault(seen.height, {}).setdefault(seen.header.block_hash, set()).add(seen.server)
    return {height: majority(of_height, backends) for height, of_height in votes.items()}


def _places(headers: Iterable[HeaderSeen], backends: Backends) -> dict[str, int | None]:
    """Return block to the height at which most of the backends that give it do, of those that are given at several."""
    votes: dict[str, dict[int, set[str]]] = {}
    for seen in headers:
        votes.setdefault(seen.header.block_hash, {}).setdefault(seen.height, set()).add(seen.server)
    return {block: majority(of_block, backends) for block, of_block in votes.items() if len(of_block) > 1}


def _settled_elsewhere(seen: HeaderSeen, known: KnownByClock, backend: str, blocks: int) -> bool:
    """Whether most others had many more blocks on top when this server named it as its newest."""
    if not seen.from_tip or seen.at_s is None:
        return False
    height, _ = known[seen.clock].by(seen.at_s - ALLOWANCE_S, without=backend)
    return height is not None and height >= seen.height + blocks
