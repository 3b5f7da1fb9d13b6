"""Defences against hearsay."""

from collections.abc import Iterable, Sequence
from typing import Any

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.net.resolve import CachingResolver
from electrum_observatory.scanner.admission import Admission, Refusal, endpoint_of
from electrum_observatory.scanner.frontier import Frontier, Target
from electrum_observatory.scanner.voices import Sources, Voice
from tests.hostile.defence import Defence


def offer_without_end(self: Frontier, sightings: Iterable[Sighting], **how: Any) -> list[Sighting]:
    """Take as many rows as a reply has."""
    return [kept for one in sightings for kept in _offer(self, [one], **how)]


def judge_by_the_first(
    self: Admission, target: Target, addresses: Sequence[str], *, before: int = 0
) -> tuple[list[Endpoint], list[Refusal]]:
    """Check one address of a name, the last, and believe the others."""
    checked, refusals = _judge(self, target, addresses[-1:], before=before)
    return [*checked, *(endpoint_of(target, one) for one in addresses[:-1])], refusals


def add_every_statement(self: Sources, voice: Voice) -> None:
    """Count what one machine says twice as two sources."""
    self._groups.append(voice.marks)


async def ask_each_time(self: CachingResolver, host: str) -> tuple[str, ...]:
    """Look a name up again whenever one of its ports is dialled."""
    return await self._inner.addresses(host)


_offer = Frontier.offer
_judge = Admission.judge

PEER_DEFENCES: tuple[Defence, ...] = (
    Defence(
        id="rows_cap",
        what="No more than 5,000 rows of one peer list are even read.",
        target="electrum_observatory.protocol.peers:MOST_READ",
        replacement=1_000_000_000,
    ),
    Defence(
        id="reply_cap",
        what="No more than 1,000 peers are taken from one reply.",
        target="electrum_observatory.scanner.frontier:Frontier.offer",
        replacement=offer_without_end,
    ),
    Defence(
        id="domain_cap",
        what="No more than 100 names of one registrable domain are followed.",
        target="electrum_observatory.scanner.frontier:domain_of",
        replacement=lambda host: None,
    ),
    Defence(
        id="machine_cap",
        what="No more than 50 endpoints of one machine are visited, whatever they are called.",
        target="electrum_observatory.scanner.frontier:Frontier.admit_machine",
        replacement=lambda self, machine, **how: True,
    ),
    Defence(
        id="address_policy",
        what="Addresses that are not public are refused, with the reason and the teller.",
        target="electrum_observatory.net.policy:AddressPolicy.refusal",
        replacement=lambda self, address: None,
    ),
    Defence(
        id="port_policy",
        what="Ports of other services are refused on everybody's word, unusual ones on one word.",
        target="electrum_observatory.net.policy:PortPolicy.refusal",
        replacement=lambda self, port, **how: None,
    ),
    Defence(
        id="one_voice_per_machine",
        what="What one machine says twice is one word.",
        target="electrum_observatory.scanner.voices:Sources.add",
        replacement=add_every_statement,
    ),
    Defence(
        id="own_word_where_spoken",
        what="What a server says of an unusual port of its own holds at the address from which it spoke.",
        target="electrum_observatory.scanner.frontier:Frontier.is_open",
        replacement=lambda self, target, address: True,
    ),
    Defence(
        id="dead_ends",
        what="After three names in a row failed at one address and port, no further name is tried there.",
        target="electrum_observatory.scanner.dead_ends:DeadEnds.words_against",
        replacement=lambda self, endpoint: None,
    ),
    Defence(
        id="every_address_is_checked",
        what="Each address of a name is checked by itself.",
        target="electrum_observatory.scanner.admission:Admission.judge",
        replacement=judge_by_the_first,
    ),
    Defence(
        id="one_lookup_per_name",
        what="A name is looked up once in a campaign; what was checked is what is dialled.",
        target="electrum_observatory.net.resolve:CachingResolver.addresses",
        replacement=ask_each_time,
    ),
    Defence(
        id="network_caps",
        what="No more than 128 addresses of a /16 and 64 of a /48 are dialled.",
        target="electrum_observatory.scanner.frontier:Frontier.admit_address",
        replacement=lambda self, address, **how: True,
    ),
    Defence(
        id="half_for_one_voice",
        what="One voice gets half of the room that a network or a machine has.",
        target="electrum_observatory.scanner.frontier:Frontier._has_room",
        replacement=lambda self, place, taken, cap, voice: taken < cap,
    ),
    Defence(
        id="hosts_are_checked",
        what="What is neither a name nor an address is no host.",
        target="electrum_observatory.protocol.peers:normalise_host",
        replacement=lambda text: text,
    ),
)
