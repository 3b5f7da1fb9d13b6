"""What each build says to ``blockchain.scripthash.get_mempool``: fields, spacing and order are its own.

Its personality says a list of two once; every other list is cut to that pattern. Builds that lack the method refuse it,
each in its words, or hang up.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from electrum_observatory.lab.ledger import EmptyLedger, Unconfirmed
from electrum_observatory.lab.time.reply_lines import LineWriter, any_node
from electrum_observatory.model.watch import Question
from electrum_observatory.protocol.watch_questions import requests_of

_LATER, _EARLIER = "d0" * 32, "c0" * 32
_LATER_FEE, _EARLIER_FEE = 7_654_321, 1_234_567
_PROBE = (Unconfirmed(txid=_LATER, fee_sat=_LATER_FEE), Unconfirmed(txid=_EARLIER, fee_sat=_EARLIER_FEE))
_LIST = re.compile(
    rb"(?P<head>.*\[)(?P<first>\{[^{}]*\})(?P<between>,\s*)(?P<second>\{[^{}]*\})(?P<tail>\].*)", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    """A reply around its items; ``refusal`` where there is no list at all, empty where the program hangs up."""

    head: bytes = b""
    item: bytes = b""
    between: bytes = b""
    tail: bytes = b""
    sorts: bool = False
    refusal: bytes | None = None


class PendingWriter:
    """Writes the answers of one build, for the scripts of one watch."""

    def __init__(self, writer: LineWriter, negotiated: str, scripts: Sequence[str]) -> None:
        """Ask the build's personality once for each script."""
        asked = requests_of(Question.PENDING, negotiated, scripts)
        node = replace(any_node(), ledger=_Listed())
        self._patterns = [_pattern(writer.said(one, node)) for one in asked]
        self.sorts = self._patterns[0].sorts
        """Whether it lists transactions by id; others list them as their memory holds them."""
        self.hangs_up = self._patterns[0].refusal == b""
        """Whether it closes the connection over this question: there is no answer."""

    def items(self, txids: Sequence[str], fees_sat: Sequence[int]) -> list[bytes]:
        """Return each transaction as this build lists it."""
        template = self._patterns[0].item
        return [
            template.replace(b"%d" % _EARLIER_FEE, b"%d" % fee).replace(_EARLIER.encode(), txid.encode())
            for txid, fee in zip(txids, fees_sat, strict=True)
        ]

    def lines(self, listed: Sequence[Sequence[bytes]]) -> bytes:
        """Return the answer: a line for each script, with its items in order; nothing where the build hangs up."""
        return b"".join(
            one.head + one.between.join(items) + one.tail if one.refusal is None else one.refusal
            for one, items in zip(self._patterns, listed, strict=True)
        )


class _Listed(EmptyLedger):
    """A node on which two transactions touch every script, the later id first."""

    def unconfirmed(self, scripthash: str) -> Sequence[Unconfirmed]:  # noqa: ARG002
        return _PROBE


def _pattern(line: bytes) -> _Pattern:
    found = _LIST.fullmatch(line)
    if found is None:
        return _Pattern(refusal=line)
    sorts = _EARLIER.encode() in found["first"]
    return _Pattern(
        head=found["head"],
        item=found["first" if sorts else "second"],
        between=found["between"],
        tail=found["tail"],
        sorts=sorts,
    )
