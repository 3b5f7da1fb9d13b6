"""What counts as the usual answer to a question: is one way of asking answered otherwise than another?

An answer is *usual* where it comes in time and is what most of the other servers say to the same question at about the
same time: equal for what has one true answer, near the median for fees. What follows from it says ``differential``.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from electrum_observatory.model.dialogue import Exchange
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import Reply, decode_server_message
from electrum_observatory.protocol.numbers import finite_number

WALLET = "wallet"
"""The arm that the others are compared with."""

IN_TIME_MS = 2500.0
"""Later than any known program keeps an answer back."""

NEAR = 1.5
"""Factor from the others' median within which a fee is usual."""

_ERROR = "error "

USUAL_KIND = "p2wpkh"
"""The kind of address that others are compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer.

    Attributes:
        text: The result, spelled out so that programs which order its members differently agree; an error says so.
        number: The result where it is a number.
        after_ms: How late it came; None where that is not known.
    """

    text: str
    number: float | None
    after_ms: float | None

    @property
    def refused(self) -> bool:
        """Whether it is an error reply."""
        return self.text.startswith(_ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What most of the others say to one question at about the same time.

    Attributes:
        text: What most say; None where they do not agree, or say numbers.
        number: Their median, where most say numbers.
    """

    text: str | None
    number: float | None

    def fits(self, told: Told) -> bool:
        """Whether an answer is in time and like theirs."""
        if told.after_ms is not None and told.after_ms > IN_TIME_MS:
            return False
        if self.number is not None and self.number > 0:  # then none, as -1 says, is not like theirs
            return told.number is not None and 1 / NEAR <= told.number / self.number <= NEAR
        return self.text is None or told.text == self.text


def usual_of(told: Sequence[Told]) -> Usual:
    """Return what is usual, from the answers of others to one question."""
    numbers = [one.number for one in told if one.number is not None]
    if len(numbers) * 2 > len(told):
        return Usual(text=None, number=median(numbers))
    text, count = Counter(one.text for one in told).most_common(1)[0] if told else ("", 0)
    return Usual(text=text if count * 2 > len(told) else None, number=None)


def told_in(exchange: Exchange) -> Told | None:
    """Return the first reply to a question; None where it was left unanswered."""
    for line in exchange.lines:
        reply = decode_server_message(line.data)
        if isinstance(reply, Reply):
            text = _spelled(reply.result) if reply.error is None else _ERROR + reply.error.message
            return Told(text=text, number=finite_number(reply.result), after_ms=line.after_ms)
    return None


def _spelled(result: Json) -> str:
    if isinstance(result, dict):
        return str(sorted((key, _spelled(value)) for key, value in result.items() if key != "fee"))
    if isinstance(result, list | tuple):
        return str([_spelled(element) for element in result])
    return str(result)
