"""Whom we have heard of, from whom, and whom we go and ask: pure bookkeeping with a single owner.

Peer lists are hostile input. A flood of names is counted and never dialled; a name that was refused for lack of room
may still come in when another teller, with room left, names it.
"""

import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from electrum_observatory.model.endpoint import Endpoint, Transport, is_onion
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.net.policy import PortPolicy
from electrum_observatory.scanner.causes import Causes
from electrum_observatory.scanner.config import Caps
from electrum_observatory.scanner.discovery import known_endpoints
from electrum_observatory.scanner.networks import domain_of, network_of
from electrum_observatory.scanner.voices import Sources, Voice

TargetKey: TypeAlias = tuple[str, int, Transport]
TELLERS_KEPT = 8
"""Statements kept of one target and source. In a network of n servers that all know each other, keeping every one would
make n² rows; who else named it stands in the stored peer lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something to visit once its host is resolved.

    Attributes:
        host: Canonical host.
        port: Port.
        transport: How to speak to it.
        depth: How many times removed from the sources we were handed.
        trusted: Whether a source we were handed named it.
        tellers: Who named it: endpoint ids and source ids, the first few.
        voice: Name of the voice that named it first; None where that was a list.
        addresses: Those of its addresses that are meant, where it was looked up before and these were held back; None
            stands for a name that is not looked up here. Empty where nothing is known of its addresses yet.
    """

    host: str
    port: int
    transport: Transport
    depth: int
    trusted: bool
    tellers: tuple[str, ...]
    voice: str | None = None
    addresses: tuple[str | None, ...] = ()

    @property
    def key(self) -> TargetKey:
        """What makes it one target."""
        return self.host, self.port, self.transport


@dataclass(slots=True, kw_only=True)
class _Known:
    depth: int
    trusted: bool
    voice: str | None
    told: dict[str, list[str]] = field(default_factory=dict)
    sources: Sources | None = None
    vouched: bool = False
    released: bool = False
    answered_at: frozenset[str] = frozenset()  # empty for nearly all, and then shared
    held_back: tuple[str | None, ...] = ()

    @property
    def tellers(self) -> list[str]:
        """Whose word was kept, each once, over all sources."""
        return list(dict.fromkeys(teller for tellers in self.told.values() for teller in tellers))


class Frontier:
    """Turns sightings into targets, each once.

    Attributes:
        counts: What was not followed and why: ``overflow_<cap>``, ``skipped_<filter>``.
        causes: The same by teller.
    """

    def __init__(
        self,
        *,
        caps: Caps,
        depth: int,
        ports: PortPolicy,
        accept: Callable[[Target], bool] = lambda _target: True,
        limit: int | None = None,
    ) -> None:
        """Take the rules.

        Args:
            caps: What strangers may make us do.
            depth: Hearsay is followed this many times removed.
            ports: Which ports are dialled on whose word.
            accept: The filters of the command line; what it refuses is known but not visited.
            limit: Visit at most so many targets.
        """
        self.counts: Counter[str] = Counter()
        self.causes = Causes()
        self._caps = caps
        self._depth = depth
        self._ports = ports
        self._accept = accept
        self._limit = limit
        self._known: dict[TargetKey, _Known] = {}
        self._queue: deque[Target] = deque()
        self._released = 0
        self._told_by: Counter[str] = Counter()
        self._domains: dict[str, set[str]] = {}
        self._networks: dict[str, set[str]] = {}
        self._machines: Counter[str] = Counter()
        self._taken_by: Counter[tuple[str, str]] = Counter()

    @property
    def known(self) -> int:
        """Distinct targets heard of and taken up."""
        return len(self._known)

    @property
    def queued(self) -> int:
        """Targets that wait to be taken."""
        return len(self._queue)

    def offer(
        self,
        sightings: Iterable[Sighting],
        *,
        depth: int,
        trusted: bool,
        speaker: Endpoint | None = None,
    ) -> list[Sighting]:
        """Take what one teller said in one go; return the sightings to be kept.

        The others overflowed (see ``counts``), or say what ``TELLERS_KEPT`` others of the same source have said.

        Args:
            sightings: What was said.
            depth: 0 for the sources we were handed, one more than the teller's own otherwise.
            trusted: Whether a person handed us the source. What earlier campaigns met or an import brought is no
                person's choice all the same, and the caps on strangers hold for it.
            speaker: The endpoint that said it; None for lists, and where only its id is known. What it says of its own
                host needs no second voice, at the address from which it spoke: nobody but itself is dialled there. Its
                name may lead elsewhere as well, as it likes.
        """
        said = _Said(speaker)
        kept: list[Sighting] = []
        for number, sighting in enumerate(sightings):
            if not trusted and number >= self._caps.targets_per_reply:
                self._count("overflow_reply", _teller(sighting))
                continue
            chosen = trusted and sighting.source not in known_endpoints.NO_CHOICE
            if self._take_up(sighting, said, depth=depth, trusted=chosen):
                kept.append(sighting)
        return kept

    def leave_out(self, number: int, teller: str) -> None:
        """Count so many statements of one reply as overflow that nobody even looked at."""
        self._count("overflow_reply", teller, number)

    def has_heard_enough(self, sighting: Sighting) -> bool:
        """Whether one more teller of the same would change nothing and not be kept."""
        known = self._known.get((sighting.host, sighting.port, sighting.transport))
        return known is not None and known.vouched and len(known.told.get(sighting.source, ())) >= TELLERS_KEPT

    def take(self) -> Target | None:
        """Return the next target to visit, or None."""
        return self._queue.popleft() if self._queue else None

    def drop_withheld(self) -> Sequence[Target]:
        """Give up on the targets whose unusual port too few machines have named; return them, each once.

        Among them are those that were dialled where they had spoken from, with the addresses that were held back.
        """
        withheld = {key: known for key, known in self._known.items() if not known.released or known.held_back}
        targets = [self._target(key, known, *known.held_back) for key, known in withheld.items()]
        for known in withheld.values():
            known.released = True
            known.held_back = ()
        return targets

    def is_open(self, target: Target, address: str | None) -> bool:
        """Say whether a target's port may be dialled at an address, None for a name that is not looked up here.

        Where it may not, the address is held back until somebody vouches for the port, or speaks from there.
        """
        known = self._known[target.key]
        if known.vouched or _place(target.host, address) in known.answered_at:
            return True
        if address not in known.held_back:
            known.held_back += (address,)
        return False

    def admit_address(self, address: str, *, trusted: bool, teller: str, voice: str | None = None) -> bool:
        """Say whether an address may be dialled under the caps per network; counts it where it may."""
        name, network = network_of(address)
        members = self._networks.setdefault(network, set())
        if address in members:
            return True
        cap = self._caps.addresses_per_v4_16 if name == "v4_16" else self._caps.addresses_per_v6_48
        if not trusted and not self._has_room(network, len(members), cap, voice):
            self._count(f"overflow_{name}", teller)
            return False
        members.add(address)
        return True

    def admit_machine(self, machine: str, *, trusted: bool, teller: str, voice: str | None = None) -> bool:
        """Say whether one more endpoint of a machine may be visited; counts it where it may."""
        if not trusted and not self._has_room(
            machine, self._machines[machine], self._caps.endpoints_per_machine, voice
        ):
            self._count("overflow_machine", teller)
            return False
        self._machines[machine] += 1
        return True

    def _has_room(self, place: str, taken: int, cap: int, voice: str | None) -> bool:
        """Whether a place has room for one more, and this voice its half of it still; takes it where both hold.

        With half for each, nobody crowds the others out of a network or a machine by himself.
        """
        if taken >= cap:
            return False
        if voice is not None:
            if self._taken_by[place, voice] >= math.ceil(cap / 2):
                return False
            self._taken_by[place, voice] += 1
        return True

    def _take_up(self, sighting: Sighting, said: "_Said", *, depth: int, trusted: bool) -> bool:
        key = (sighting.host, sighting.port, sighting.transport)
        teller = _teller(sighting)
        known = self._known.get(key)
        if known is None:
            voice = said.by(sighting)
            overflow = self._overflow(sighting, voice, depth=depth, trusted=trusted)
            if overflow is not None:
                self._count(f"overflow_{overflow}", teller)
                return False
            name = None if sighting.told_by is None else voice.name
            known = self._known[key] = _Known(depth=depth, trusted=trusted, voice=name)
            self._told_by[voice.name] += 1
        known.trusted = known.trusted or trusted
        told = known.told.setdefault(sighting.source, [])
        kept = teller in told or len(told) < TELLERS_KEPT
        if kept and teller not in told:
            told.append(teller)
        if not known.vouched:
            self._open(key, known, sighting, said)
        return kept

    def forget_counts(self) -> None:
        """Count from zero: what was counted so far stands in the counts of an earlier sitting."""
        self.counts.clear()
        self.causes = Causes()

    def _count(self, reason: str, teller: str, number: int = 1) -> None:
        self.counts[reason] += number
        self.causes.note(reason, teller, number)

    def _overflow(self, sighting: Sighting, voice: Voice, *, depth: int, trusted: bool) -> str | None:
        if len(self._known) >= self._caps.targets:
            return "targets"
        if trusted:
            return None
        if depth > self._depth:
            return "depth"
        if sighting.told_by is not None and self._told_by[voice.name] >= self._caps.targets_per_teller:
            return "teller"
        domain = domain_of(sighting.host)
        if domain is not None:
            hosts = self._domains.setdefault(domain, set())
            if sighting.host not in hosts and len(hosts) >= self._caps.hosts_per_domain:
                return "domain"
            hosts.add(sighting.host)
        return None

    def _open(self, key: TargetKey, known: _Known, sighting: Sighting, said: "_Said") -> None:
        """Let a target be dialled wherever somebody vouches for its port, and at least where it spoke from itself."""
        known.vouched = self._is_vouched(key, known, sighting, said)
        if known.vouched:
            known.sources = None
        else:
            place = said.spoken_from(sighting)
            if place is None or self._ports.refusal(key[1], trusted=True) is not None:
                return
            known.answered_at |= {place}
        if not known.released:
            self._release(key, known)
        elif known.held_back:
            self._let_go(key, known)

    def _is_vouched(self, key: TargetKey, known: _Known, sighting: Sighting, said: "_Said") -> bool:
        """Say whether the port may be dialled wherever the name leads; only an unusual one remembers who named it.

        What earlier campaigns met is no voice of its own: one stranger may have said it then, and says it again now.
        """
        if self._ports.refusal(key[1], trusted=known.trusted) is None:
            return True
        if known.sources is None:
            known.sources = Sources()
        if sighting.source not in known_endpoints.NO_CHOICE:
            known.sources.add(said.by(sighting))
        return self._ports.refusal(key[1], tellers=len(known.sources), trusted=known.trusted) is None

    def _let_go(self, key: TargetKey, known: _Known) -> None:
        """Queue the addresses that were held back and may be dialled now."""
        host = key[0]
        free = [one for one in known.held_back if known.vouched or _place(host, one) in known.answered_at]
        if free:
            known.held_back = tuple(one for one in known.held_back if one not in free)
            self._queue.append(self._target(key, known, *free))

    def _release(self, key: TargetKey, known: _Known) -> None:
        known.released = True
        target = self._target(key, known)
        if not self._accept(target):
            self.counts["skipped_filtered"] += 1
        elif self._limit is not None and self._released >= self._limit:
            self.counts["skipped_limit"] += 1
        else:
            self._released += 1
            self._queue.append(target)

    def _target(self, key: TargetKey, known: _Known, *addresses: str | None) -> Target:
        host, port, transport = key
        return Target(
            host=host,
            port=port,
            transport=transport,
            depth=known.depth,
            trusted=known.trusted,
            tellers=tuple(known.tellers),
            voice=known.voice,
            addresses=addresses,
        )


class _Said:
    """What one server or list said in one go; whose voice it is, is worked out when somebody asks, which is rare."""

    __slots__ = ("_speaker", "_voice")

    def __init__(self, speaker: Endpoint | None) -> None:
        self._speaker = speaker
        self._voice: Voice | None = None

    def by(self, sighting: Sighting) -> Voice:
        """Return whose voice a statement is: the speaker's, or that of the list it stands on."""
        if sighting.told_by is None:
            return Voice.of_list(sighting.source)
        if self._voice is None:
            self._voice = Voice.of_server(self._speaker)
        return self._voice

    def spoken_from(self, sighting: Sighting) -> str | None:
        """Return where the host that a statement names was really met: it spoke itself, or answered us before."""
        if sighting.source == known_endpoints.ID:
            return _place(sighting.host, sighting.address_claimed)
        speaker = self._speaker
        if speaker is None or sighting.host not in (speaker.host, speaker.known_address):
            return None
        return _place(speaker.host, speaker.known_address)


def _place(host: str, address: str | None) -> str | None:
    """Return what is really dialled: an address, or an onion, which leads to nobody else; None for any other name."""
    return host if address is None and is_onion(host) else address


def _teller(sighting: Sighting) -> str:
    return sighting.told_by or sighting.source
