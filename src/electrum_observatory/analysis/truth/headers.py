"""Headers of one server: proof of work, links, possible targets, and the blocks that are known beforehand.

A chain with the genesis of Bitcoin may still be another coin's (BCH, BSV, XEC): the blocks after the splits tell, and
then nothing else is held against it that is measured by our chain. What lies close to the tip may be reorganised
between two answers, so there a mismatch says nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise

from electrum_observatory.analysis.truth.finding import Finding, Quote, finding
from electrum_observatory.analysis.truth.reading import Answer
from electrum_observatory.bitcoin.header import HEADER_BYTES, BlockHeader, parse_header
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.proof_of_work import may_follow, proves_work
from electrum_observatory.bitcoin.reference import ChainReference
from electrum_observatory.model.observation import Json

SETTLED_BLOCKS = 10
"""What lies deeper than this below a server's tip is not reorganised any more."""

_HEIGHT_LIMIT = 1 << 31
"""Some programs wrap heights at 32 bits (Fulcrum answers 2**32 with block 0); such questions test manners only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderSeen:
    """A header that a server gave for a height.

    Attributes:
        server: Who gave it.
        height: For which height.
        raw: The bytes.
        from_tip: Whether it came as the server's newest block.
        one_reply: Tells the replies apart: headers of one reply come from one state of the server.
        at_s: When it was asked for; None where that is not known.
        visit: In which visit.
        quote: The reply.
    """

    server: str
    height: int
    raw: bytes
    from_tip: bool
    one_reply: str
    at_s: float | None
    visit: str
    quote: Quote

    @property
    def header(self) -> BlockHeader:
        """Its fields. Raises ValueError where it has not 80 bytes."""
        return parse_header(self.raw)


def read_headers(answers: Iterable[Answer]) -> tuple[HeaderSeen, ...]:
    """Return every header among the answers, whatever question it answers."""
    return tuple(seen for answer in answers if answer.error is None for seen in _headers(answer))


def judge_headers(headers: Sequence[HeaderSeen], reference: ChainReference) -> tuple[Finding, ...]:
    """Judge the headers of one server."""
    whole = [seen for seen in headers if len(seen.raw) == HEADER_BYTES]
    deep = settled(whole)
    foreign = tuple(_of_another_chain(whole, reference))
    by_our_chain = (
        *_without_work(whole, reference),
        *_against_known_blocks(whole, reference),
        *_targets(whole, reference),
    )
    return (*_malformed(headers), *(foreign or by_our_chain), *_links(whole, deep), *_changed(deep))


def credible(headers: Iterable[HeaderSeen], reference: ChainReference) -> tuple[HeaderSeen, ...]:
    """Return the headers that may vote on what the chain is: those that prove work, and are no other block than known.

    However many give a block that cannot be, they do not make it the one that others should have.
    """
    kind = NETWORKS[reference.network_id].proof_of_work
    heights = {block_hash: height for height, block_hash in reference.checkpoints.items()}
    return tuple(
        seen
        for seen in headers
        if len(seen.raw) == HEADER_BYTES
        and (not seen.height or _proves_work(seen.raw, kind, reference.easiest_bits))
        and reference.checkpoints.get(seen.height, seen.header.block_hash) == seen.header.block_hash
        and heights.get(seen.header.block_hash, seen.height) == seen.height
    )


def settled(headers: Sequence[HeaderSeen]) -> tuple[HeaderSeen, ...]:
    """Return the headers that lay deep below the tip which their server named in the same visit."""
    tips: dict[tuple[str, str], int] = {}
    for seen in headers:
        if seen.from_tip:
            key = seen.server, seen.visit
            tips[key] = min(tips.get(key, seen.height), seen.height)
    return tuple(seen for seen in headers if seen.height <= tips.get((seen.server, seen.visit), 0) - SETTLED_BLOCKS)


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


def _targets(headers: Sequence[HeaderSeen], reference: ChainReference) -> Iterator[Finding]:
    """Targets must be reachable from one known height to the next, and from there to those that were given."""
    seen_bits = {seen.height: seen.header.bits for seen in headers} | dict(reference.known_bits)
    for lower, upper in pairwise(sorted(seen_bits)):
        pair = (lower, seen_bits[lower]), (upper, seen_bits[upper])
        if not _possible(*pair, reference):
            quotes = [seen.quote for seen in headers if seen.height in (lower, upper)]
            server = next((seen.server for seen in headers if seen.height in (lower, upper)), None)
            if server is not None:
                words = f"targets {pair[0][1]:#010x} at {lower} and {pair[1][1]:#010x} at {upper} cannot both be"
                yield finding("target_impossible", server, f"{words} in one chain", quotes)


def _possible(earlier: tuple[int, int], later: tuple[int, int], reference: ChainReference) -> bool:
    try:
        return may_follow(
            earlier, later, easiest_bits=reference.easiest_bits, retarget_blocks=reference.retarget_blocks
        )
    except ValueError:  # no target at all: such a header proves no work, which is said elsewhere
        return True


def _headers(answer: Answer) -> Iterator[HeaderSeen]:
    match answer.method, answer.params, answer.result:
        case "blockchain.headers.subscribe", (), {"height": int(height), "hex": str(text)}:
            yield from _chunks(answer, height, [text], from_tip=True)
        case "blockchain.block.header", (height, *_), str(text) if is_height(height):
            yield from _chunks(answer, height, [text])
        case "blockchain.block.header", (height, *_), {"header": str(text)} if is_height(height):
            yield from _chunks(answer, height, [text])
        case "blockchain.block.headers", (height, *_), {"headers": list(texts)} if is_height(height):
            yield from _chunks(answer, height, texts)
        case "blockchain.block.headers", (height, *_), {"hex": str(text)} if is_height(height):
            size = 2 * HEADER_BYTES
            yield from _chunks(answer, height, [text[at : at + size] for at in range(0, len(text), size)])


def is_height(value: Json) -> bool:
    """Whether a parameter is a height as every program reads it."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _HEIGHT_LIMIT


def _chunks(answer: Answer, height: int, texts: Sequence[Json], *, from_tip: bool = False) -> Iterator[HeaderSeen]:
    for offset, text in enumerate(texts):
        try:
            raw = bytes.fromhex(text)
        except (ValueError, TypeError):
            raw = b""
        yield HeaderSeen(
            server=answer.server,
            height=height + offset,
            raw=raw,
            from_tip=from_tip,
            one_reply=f"{answer.connection}/{answer.place}",
            at_s=answer.at_s,
            visit=answer.visit,
            quote=answer.quote,
        )
