"""Who made us leave out what: counted by reason and teller, bounded however many lie.

What was refused stands in the facts, each endpoint with all who told of it; what overflowed stands in no fact, so it is
counted here.
"""

from collections import Counter

_PAIRS_KEPT = 1_000
_PAIRS_SEALED = 100
_TOLD_BY = "_told_by_"
OTHERS = "others"
"""Stands for the tellers that there was no room for."""


class Causes:
    """Counts (reason, teller) pairs, such as ("overflow_reply", "0123456789abcdef")."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, reason: str, teller: str, number: int = 1) -> None:
        """Count so many; tellers beyond the first thousand pairs are counted together."""
        pair = (reason, teller)
        if pair not in self._counts and len(self._counts) >= _PAIRS_KEPT:
            pair = (reason, OTHERS)
        self._counts[pair] += number

    def sealed(self) -> Counter[str]:
        """Return the largest hundred as counts of a campaign; the rest of each reason is summed up as ``others``.

        Of equal numbers the first by name is kept, so that one network measured twice gives one seal.
        """
        largest = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        named = Counter({_name(*pair): number for pair, number in largest[:_PAIRS_SEALED]})
        for (reason, _), number in largest[_PAIRS_SEALED:]:
            named[_name(reason, OTHERS)] += number
        return named


def cause_of_count(name: str) -> tuple[str, str] | None:
    """Return reason and teller of a sealed count that :class:`Causes` made; None for any other count."""
    reason, found, teller = name.partition(_TOLD_BY)
    return (reason, teller) if found else None


def _name(reason: str, teller: str) -> str:
    return f"{reason}{_TOLD_BY}{teller}"
