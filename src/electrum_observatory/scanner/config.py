"""What a scan may cost, to servers and to us. The defaults are those of ``experiments/config/default.yaml``."""

from dataclasses import dataclass, field, replace
from typing import Literal, Self

from electrum_observatory import __version__
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.protocol.limits import MAX_DEPTH, MAX_DIGITS, MAX_MEMBERS
from electrum_observatory.scanner.probes.latency import DEFAULT_PINGS, MAX_PINGS
from electrum_observatory.scanner.probes.registry import BATTERY_NAMES, PROBE_IDS

_SHORTEST_SCALED_REQUEST_S = 5.0
_PROXIED_REQUEST_S = 30.0  # Tor's circuits stall for several seconds
_AFTER_THE_DIALLER_S = 5.0
_MOST_BATCHES = 20
_MOST_ROUNDS = 100
_DEEPEST = 200  # the standard library's parser recurses
_LONGEST_NUMBER = 4_300  # Python's own limit for text that becomes an integer


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """How gently we ask. Real public servers: leave the defaults; labs and own servers may loosen them.

    Attributes:
        spacing_s: Seconds between two new connections to one machine.
        connections_at_once: Connections open to one machine at the same time.
        requests: Requests in one visit.
        errors: Error replies that one visit may provoke; ElectrumX charges each a tenth of its soft limit and Fulcrum
            drops a client at ten, so never more requests are in flight than errors we can still afford.
        errors_per_probe: Error replies after which one probe asks no more.
        in_flight: Requests without a reply at the same time (ElectrumX works on ten at once).
        revisit_s: Seconds between the visits of two campaigns to one machine, as far as the data folder knows.
        failed_names: After so many names in a row failed at one address, port and transport in a campaign, no further
            name is tried there.
        backoff_s: An address, port and transport whose last n dials (or handshakes) failed rests for this times 2 to n,
            over campaigns and whatever it is called; ElectrumX doubles the same five minutes between tries of a peer.
        longest_backoff_s: The longest such pause.
    """

    spacing_s: float = 10.0
    connections_at_once: int = 2
    requests: int = 40
    errors: int = 6
    errors_per_probe: int = 6
    in_flight: int = 10
    failed_names: int = 3
    revisit_s: float = 600.0
    backoff_s: float = 300.0
    longest_backoff_s: float = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """When we stop waiting. Padding servers answer a second late, Tor several; so these are generous.

    Attributes:
        dial_s: From the first packet to a connection that is ready.
        request_s: From sending a request to its reply.
        probe_s: For one probe, its place in the queue included.
        session_s: For a whole conversation.
        battery_s: For a whole conversation of a battery visit, which waits for each reply before it goes on.
        silence_s: For a reply to what some program leaves unanswered on purpose.
        resolve_s: For the addresses of one name, from when it is its turn to be looked up.
        aside_s: A visit or a lookup that hears no reply for so long gives its seat to another, and goes on without.
        stop_grace_s: How long visits in flight may go on after a polite stop.
    """

    dial_s: float = 45.0
    request_s: float = 20.0
    probe_s: float = 60.0
    session_s: float = 90.0
    battery_s: float = 180.0
    silence_s: float = 5.0
    resolve_s: float = 20.0
    aside_s: float = 1.0
    stop_grace_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What strangers may make us do. Overflow is counted and never dialled.

    What we were handed ourselves (lists, targets) is exempt from the caps on networks and domains.

    Attributes:
        targets: Distinct (host, port, transport) in one campaign.
        targets_per_reply: Taken from one peer list.
        targets_per_teller: New ones taken over the whole campaign from all servers of one IPv4 /16, IPv6 /32 or (where
            no address is known) domain together: whoever has one address there has more.
        addresses_per_v4_16: Addresses dialled in one IPv4 /16.
        addresses_per_v6_48: Addresses dialled in one IPv6 /48.
        hosts_per_domain: Host names under one registrable domain.
        addresses_per_host: Addresses dialled of one name.
        endpoints_per_machine: Endpoints visited on one machine, whatever the names it is given.
        examined_per_machine: Endpoints of one machine that get the further visits of ``battery``: one after the other.
        bytes_per_examination: Bytes of all replies of one endpoint to the questions of its further visits, in one
            sitting; beyond that it is asked nothing more. Honest servers send a few million, and perhaps ten times as
            much with ``treatment``, which asks for the same histories again and again.
        messages_per_session: Lines a server may send in one visit.
        bytes_per_probe: Bytes of all replies to one probe.
        json_depth: Brackets within brackets; what is nested deeper is given to no parser.
        json_members: Elements, names and values in one line; what has more is given to no parser.
        number_digits: Digits of a number; what has more is given to no parser.
    """

    targets: int = 20_000
    targets_per_reply: int = 1_000
    targets_per_teller: int = 2_000
    addresses_per_v4_16: int = 128
    addresses_per_v6_48: int = 64
    hosts_per_domain: int = 100
    addresses_per_host: int = 8
    endpoints_per_machine: int = 50
    examined_per_machine: int = 1
    bytes_per_examination: int = 64_000_000
    messages_per_session: int = 200
    bytes_per_probe: int = 4_000_000
    json_depth: int = MAX_DEPTH
    json_members: int = MAX_MEMBERS
    number_digits: int = MAX_DIGITS


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanConfig:
    """Everything that decides what a scan does; recorded with the campaign.

    Attributes:
        profile: Name of the configuration it comes from.
        limits: ``default``, or ``lab``: gentle to nobody, so nothing is dialled but a lab's overlay or the networks
            that a person allowed.
        network: Id of the network whose genesis is expected.
        probes: Ids of the probes that are put in routine visits; ``server_version`` always is.
        battery: Questions about behaviour, by group or id, which are put in further visits; empty for none.
        visits: Further visits to one endpoint at most; questions that would take more are left out. What there was no
            room for, since more errors came than declared or the server closed, is put once more at the end.
        treatment: Batches of visits that put the same questions as a wallet, as a bare client and after a burst; 0 for
            none, 2 for the least that can show a difference. They come on top of ``visits``. Only where it is wanted:
            one of the ways of asking bears a wallet's name.
        treatment_rounds: Rounds in each of those batches, of two visits each.
        pings: Pings of the latency probe.
        peer_lists: How many servers are asked for the list of their peers, the first that answer; 0 for all.
        depth: How many times removed hearsay is followed: 0 asks only whom the sources name.
        concurrency: Conversations that are worked on at the same time, over all machines; those that merely wait for
            their peer are not counted.
        open_at_once: Conversations open at the same time, those included that wait.
        resolves_at_once: Lookups of names that are worked on at the same time.
        resolves_open_at_once: Lookups under way at the same time, those included whose name servers are silent.
        resolve_here: False where a proxy resolves all names remotely (``--tor`` for everything).
        client_name: What we call ourselves; says who we are.
        budgets: See :class:`Budgets`.
        deadlines: See :class:`Deadlines`.
        caps: See :class:`Caps`.
    """

    profile: str = "default"
    limits: Literal["default", "lab"] = "default"
    network: str = "bitcoin"
    probes: tuple[str, ...] = PROBE_IDS
    battery: tuple[str, ...] = ()
    visits: int = 50
    treatment: int = 0
    treatment_rounds: int = 12
    pings: int = DEFAULT_PINGS
    peer_lists: int = 0
    depth: int = 8
    concurrency: int = 64
    open_at_once: int = 1_000
    resolves_at_once: int = 32
    resolves_open_at_once: int = 128
    resolve_here: bool = True
    client_name: str = f"electrum-observatory/{__version__}"
    budgets: Budgets = field(default_factory=Budgets)
    deadlines: Deadlines = field(default_factory=Deadlines)
    caps: Caps = field(default_factory=Caps)

    def in_time_of(self, time_scale: float) -> Self:
        """Return the configuration for a world whose periods are divided by ``time_scale``.

        The spacing is waited for on the world's clock and stays as it is; pauses between campaigns are read off real
        ones. Of the deadlines, only the wait for a reply decides anything in a lab, where nothing but a mute server
        ever uses it up; the machine's own slowness does not shrink with time.
        """
        if time_scale == 1:
            return self
        request_s = max(self.deadlines.request_s / time_scale, _SHORTEST_SCALED_REQUEST_S)
        budgets = replace(
            self.budgets,
            revisit_s=self.budgets.revisit_s / time_scale,
            backoff_s=self.budgets.backoff_s / time_scale,
            longest_backoff_s=self.budgets.longest_backoff_s / time_scale,
        )
        return replace(self, budgets=budgets, deadlines=replace(self.deadlines, request_s=request_s))

    def through_proxy(self, *, dial_s: float) -> Self:
        """Return the configuration for a scan that goes through a proxy, names included.

        Args:
            dial_s: The longest that the dialler's own deadlines let a dial take. They know which step is slow, so ours
                must not come before them.
        """
        deadlines = replace(
            self.deadlines,
            dial_s=max(self.deadlines.dial_s, dial_s + _AFTER_THE_DIALLER_S),
            request_s=max(self.deadlines.request_s, _PROXIED_REQUEST_S),
        )
        return replace(self, resolve_here=False, deadlines=deadlines)

    def __post_init__(self) -> None:
        """Refuse a scan that could not be run."""
        unknown = sorted(set(self.probes) - set(PROBE_IDS))
        if unknown:
            raise ValueError(f"unknown probes {', '.join(unknown)}; known are {', '.join(PROBE_IDS)}")
        strange = sorted(set(self.battery) - BATTERY_NAMES)
        if strange:
            known = ", ".join(sorted(BATTERY_NAMES))
            raise ValueError(f"unknown battery {', '.join(strange)}; known are {known}")
        if self.network not in NETWORKS:
            raise ValueError(f"unknown network {self.network}; known are {', '.join(NETWORKS)}")
        if self.peer_lists < 0:
            raise ValueError(f"peer_lists is {self.peer_lists}: 0 asks all")
        if not 1 <= self.pings <= MAX_PINGS:
            raise ValueError(f"pings is {self.pings}, not 1 to {MAX_PINGS}")
        for name, number, upmost in (
            ("treatment", self.treatment, _MOST_BATCHES),
            ("treatment_rounds", self.treatment_rounds, _MOST_ROUNDS),
        ):
            if not 0 <= number <= upmost:
                raise ValueError(f"{name} is {number}, not 0 to {upmost}")
        if self.depth < 0:
            raise ValueError(f"depth is {self.depth}, and cannot be negative")
        least = {
            "treatment_rounds": self.treatment_rounds,
            "concurrency": self.concurrency,
            "open_at_once": self.open_at_once,
            "resolves_at_once": self.resolves_at_once,
            "resolves_open_at_once": self.resolves_open_at_once,
            "budgets.connections_at_once": self.budgets.connections_at_once,
            "budgets.in_flight": self.budgets.in_flight,
            "budgets.errors": self.budgets.errors,
            "budgets.errors_per_probe": self.budgets.errors_per_probe,
            "budgets.failed_names": self.budgets.failed_names,
            "caps.json_depth": self.caps.json_depth,
            "caps.json_members": self.caps.json_members,
            "caps.number_digits": self.caps.number_digits,
        }
        for name, value in least.items():
            if value < 1:
                raise ValueError(f"{name} is {value}, and must be at least 1")
        for name, value, most in (
            ("caps.json_depth", self.caps.json_depth, _DEEPEST),
            ("caps.number_digits", self.caps.number_digits, _LONGEST_NUMBER),
        ):
            if value > most:
                raise ValueError(f"{name} is {value}; the parsers are safe up to {most}")
