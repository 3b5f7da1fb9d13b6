"""Headers of one server: proof of work, links, possible targets, and the blocks that are known beforehand.

A chain with the genesis of Bitcoin may still be another coin's (BCH, BSV, XEC): the blocks after the splits tell, and
then nothing else is held against it that is measured by our chain. What lies close to the tip may be reorganised
between two answers, so there a mismatch says nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from electrum_observatory.analysis.truth.finding import Finding, finding
from electrum_observatory.analysis.truth.header_reading import HeaderSeen, settled, settled_blocks
from electrum_observatory.analysis.truth.targets import Targets, judge_targets
from electrum_observatory.bitcoin.header import HEADER_BYTES
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.proof_of_work import proves_work
from electrum_observatory.bitcoin.reference import ChainReference


def judge_headers(headers: Sequence[HeaderSeen], reference: ChainReference) -> tuple[Finding, ...]:
    """Judge the headers of one server."""
    whole = [seen for seen in headers if len(seen.raw) == HEADER_BYTES]
    deep = settled(whole, settled_blocks(reference))
    foreign = tuple(_of_another_chain(whole, reference))
    by_our_chain = (
        *_without_work(whole, reference),
        *_against_known_blocks(whole, reference),
        *judge_targets(whole, deep, reference),
    )
    return (*_malformed(headers), *(foreign or by_our_chain), *_links(whole, deep), *_changed(deep))


def credible(headers: Iterable[HeaderSeen], reference: ChainReference) -> tuple[HeaderSeen, ...]:
    """Return the headers that may be of the chain: those that prove work, and are no other block than known.

    However many give a block that cannot be, they do not make it the one that others should have.
    """
    kind = NETWORKS[reference.network_id].proof_of_work
    heights = {block_hash: height for height, block_hash in reference.checkpoints.items()}
    targets = Targets(reference)
    return tuple(
        seen
        for seen in headers
        if len(seen.raw) == HEADER_BYTES
        and (not seen.height or _proves_work(seen.raw, kind, reference.easiest_bits))
        and reference.checkpoints.get(seen.height, seen.header.block_hash) == seen.header.block_hash
        and heights.get(seen.header.block_hash, seen.height) == seen.height
        and targets.allow(seen.height, seen.header.bits)
    )


def _malformed(headers: Sequence[HeaderSeen]) -> Iterator[Finding]:
    for seen in headers:
        if len(seen.raw) != HEADER_BYTES:
            words = f"the header of height {seen.height} has {len(seen.raw)} bytes instead of {HEADER_BYTES}"
            yield finding("header_malformed", seen.server, words, [seen.quote])


def _without_work(headers: Sequence[HeaderSeen], reference: ChainReference) -> Iterator[Finding]:
    kind = NETWORKS[reference.network_id].proof_of_work
    for seen in headers:
        if seen.height and not _proves_work(seen.raw, kind, reference.easiest_bits):
            words = f"the header of height {seen.height} ({seen.header.block_hash}) proves no work"
            yield finding("header_without_work", seen.server, words, [seen.quote])


_proves_work = lru_cache(maxsize=100_000)(proves_work)
"""Most servers give the same headers, and scrypt is slow."""


def _of_another_chain(headers: Sequence[HeaderSeen], reference: ChainReference) -> Iterator[Finding]:
    foreign = {(block.height, block.block_hash): block.chain for block in reference.foreign_blocks} | {
        (0, network.genesis_hash): name
        for name, network in NETWORKS.items()
        if network.genesis_hash != reference.checkpoints.get(0, network.genesis_hash) and name != reference.network_id
    }
    for seen in headers:
        chain = foreign.get((seen.height, seen.header.block_hash))
        if chain is not None:
            words = f"block {seen.height} is the one of {chain}: {seen.header.block_hash}"
            yield finding("foreign_chain", seen.server, words, [seen.quote])


def _against_known_blocks(headers: Sequence[HeaderSeen], reference: ChainReference) -> Iterator[Finding]:
    heights = {block_hash: height for height, block_hash in reference.checkpoints.items()}
    for seen in headers:
        found = seen.header.block_hash
        if reference.checkpoints.get(seen.height, found) != found:
            words = f"block {seen.height} should be {reference.checkpoints[seen.height]}, and is {found}"
            yield finding("header_of_other_block", seen.server, words, [seen.quote])
        elif heights.get(found, seen.height) != seen.height:
            words = f"block {seen.height} is said to be {found}, which is block {heights[found]}"
            yield finding("header_of_other_block", seen.server, words, [seen.quote])


def _links(headers: Sequence[HeaderSeen], deep: Sequence[HeaderSeen]) -> Iterator[Finding]:
    """Neighbours must link: within one reply always, over replies where nothing can have been reorganised."""
    within = (list(group) for _, group in groupby(headers, key=lambda seen: seen.one_reply))
    for group in (*within, deep):
        for lower, upper in _neighbours(sorted(group, key=lambda seen: seen.height)):
            if upper.header.previous_hash != lower.header.block_hash:
                words = (
                    f"block {upper.height} names {upper.header.previous_hash} as its parent; {lower.height} is another"
                )
                yield finding("headers_not_linked", upper.server, words, [upper.quote, lower.quote])


def _neighbours(by_height: Sequence[HeaderSeen]) -> Iterator[tuple[HeaderSeen, HeaderSeen]]:
    for place, lower in enumerate(by_height):
        for upper in by_height[place + 1 :]:
            if upper.height > lower.height + 1:
                break
            if upper.height == lower.height + 1:
                yield lower, upper


def _changed(deep: Sequence[HeaderSeen]) -> Iterator[Finding]:
    first: dict[int, HeaderSeen] = {}
    for seen in deep:
        known = first.setdefault(seen.height, seen)
        if known.raw != seen.raw:
            words = (
                f"two different headers were given for height {seen.height}, which lay deep below the tip both times"
            )
            yield finding("header_changed", seen.server, words, [seen.quote, known.quote])
