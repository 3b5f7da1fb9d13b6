"""Headers among the answers: which server gave which for what height, and which of them were settled.

What lies close to the tip may be reorganised between two answers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from electrum_observatory.analysis.truth.finding import Quote
from electrum_observatory.analysis.truth.reading import Answer
from electrum_observatory.bitcoin.header import HEADER_BYTES, BlockHeader, parse_header
from electrum_observatory.bitcoin.reference import ChainReference
from electrum_observatory.model.observation import Json

SETTLED_BLOCKS = 10
"""What lies deeper than this below a server's tip is not reorganised any more, where blocks cost something."""

_CHEAP_BLOCKS = {"testnet3": 100, "testnet4": 100}
"""On public networks where anybody may mine at the easiest target, dozens of blocks are replaced at times."""

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
        clock: By whose clock that was.
    """

    server: str
    height: int
    raw: bytes
    from_tip: bool
    one_reply: str
    at_s: float | None
    visit: str
    quote: Quote
    clock: str = ""

    @property
    def header(self) -> BlockHeader:
        """Its fields. Raises ValueError where it has not 80 bytes."""
        return _parsed(self.raw)


_parsed = lru_cache(maxsize=100_000)(parse_header)
"""Most servers give the same headers, and every test reads their fields."""


def read_headers(answers: Iterable[Answer]) -> tuple[HeaderSeen, ...]:
    """Return every header among the answers, whatever question it answers."""
    return tuple(seen for answer in answers if answer.error is None for seen in _headers(answer))


def settled_blocks(reference: ChainReference) -> int:
    """Return how deep below a tip nothing is reorganised any more on a network."""
    return _CHEAP_BLOCKS.get(reference.network_id, SETTLED_BLOCKS)


def settled(headers: Sequence[HeaderSeen], blocks: int = SETTLED_BLOCKS) -> tuple[HeaderSeen, ...]:
    """Return the headers that lay deep below the tip which their server named in the same visit."""
    tips: dict[tuple[str, str], int] = {}
    for seen in headers:
        if seen.from_tip:
            key = seen.server, seen.visit
            tips[key] = min(tips.get(key, seen.height), seen.height)
    return tuple(seen for seen in headers if seen.height <= tips.get((seen.server, seen.visit), 0) - blocks)


def _headers(answer: Answer) -> Iterator[HeaderSeen]:
    match answer.method, answer.params, answer.result:
        case "blockchain.headers.subscribe", (), {"height": int(height), "hex": str(text)} if not isinstance(
            height, bool
        ):
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
            clock=answer.clock,
        )


def is_deep(answer: Answer, height: int, tips: Mapping[str, int]) -> bool:
    """Whether a block lay deep below every tip that the server named."""
    return height <= tips.get(answer.server, -1) - SETTLED_BLOCKS
