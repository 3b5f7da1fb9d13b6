"""Who speaks: how many independent sources stand behind a claim, when anybody may run as many servers as he likes.

A second address in the same building, a second name of the same domain, a second onion cost next to nothing; a second
provider together with a second domain costs a little more. So voices that share a network or a domain are one source
(docs/decisions/0007-two-sources.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from electrum_observatory.model.address import IpAddress, network_around, parse_address
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.scanner.networks import registered_domain

_V4_PREFIX = 16
_V6_PREFIX = 32  # what one provider is given; a /48 is handed to anybody who asks
_MARKS_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One speaker, by the marks that it shares with others of the same hand.

    Attributes:
        name: Under which its allowance is counted.
        marks: Network and domain of a server; the name of a list; one mark for all onions, and for all whom we do not
            know.
    """

    name: str
    marks: frozenset[str]

    @classmethod
    def of_list(cls, source: str) -> Self:
        """Return the voice of a list that a person handed us."""
        return cls(name=f"list {source}", marks=frozenset({f"list {source}"}))

    @classmethod
    def of_server(cls, speaker: Endpoint | None) -> Self:
        """Return the voice of a server that was asked; None where only an id is known of it."""
        if speaker is None:
            return cls(name="unknown", marks=frozenset({"unknown"}))
        if speaker.is_onion:
            return cls(name="onion", marks=frozenset({"onion"}))
        address = None if speaker.known_address is None else parse_address(speaker.known_address)
        marks = [] if address is None else [_network(address)]
        domain = registered_domain(speaker.host)
        marks += [] if domain is None else [domain]
        return cls(name=marks[0], marks=frozenset(marks))


class Sources:
    """The independent sources of one claim."""

    __slots__ = ("_groups",)

    def __init__(self) -> None:
        self._groups: list[frozenset[str]] = []

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._groups)

    def add(self, voice: Voice) -> None:
        """Take a voice; it joins every source that it shares a mark with, and makes them one.

        A source remembers so many marks: who has used them up can feign a second source with less trouble than that.
        """
        same = [group for group in self._groups if group & voice.marks]
        if len(same) == 1 and len(same[0]) >= _MARKS_KEPT:
            return
        self._groups = [group for group in self._groups if group not in same]
        self._groups.append(voice.marks.union(*same))


def independent(voices: Sequence[Voice]) -> int:
    """Return how many independent sources some voices are."""
    sources = Sources()
    for voice in voices:
        sources.add(voice)
    return len(sources)


def _network(address: IpAddress) -> str:
    return network_around(address, _V4_PREFIX if address.version == 4 else _V6_PREFIX)
