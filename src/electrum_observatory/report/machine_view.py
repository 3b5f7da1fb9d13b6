"""One machine as a line of the table of servers, and its endpoints' facts side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.chains import genesis_of, of_another_chain, of_this_network
from electrum_observatory.analysis.machines import Machine
from electrum_observatory.analysis.overview import value_of
from electrum_observatory.datasets.fields import iso_time
from electrum_observatory.datasets.genesis import GenesisState
from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.datasets.sightings import SightingRow
from electrum_observatory.report.countries import country_name
from electrum_observatory.report.rendering import milliseconds
from electrum_observatory.report.words import failure_words

_MOST_ENDPOINTS = 24
_CHAINS: dict[GenesisState, str | None] = {
    GenesisState.VERIFIED: "verified",
    GenesisState.CLAIMED: "claimed only",
    GenesisState.OTHER: "another chain",
    GenesisState.UNKNOWN: None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineLine:
    """One machine in the table of servers. Texts are as the server sent them; the page makes them safe.

    Attributes:
        name: Its first host.
        more_hosts: Its other hosts.
        software: Claimed software.
        protocol: Protocol version settled on.
        country: In words.
        city: In English.
        provider: Hosting company or announcing organisation.
        ports: ``tcp 50001`` and the like, of all its endpoints, each once.
        ping_ms: Shortest round trip, of its endpoints of this network if it has any.
        chain: What is known of the chain it serves, in words, and which of its ports serve another; None where nothing
            is.
        reasons: Why its endpoints did not answer, each once, in words.
    """

    name: str
    more_hosts: tuple[str, ...]
    software: str | None
    protocol: str | None
    country: str | None
    city: str | None
    provider: str | None
    ports: tuple[str, ...]
    ping_ms: float | None
    chain: str | None
    reasons: tuple[str, ...]


def provider_of(row: ServerRow) -> str | None:
    """Return the hosting company, or the announcing organisation where no hosting company is known."""
    return row.cloud_provider or row.org


def reason_of(row: ServerRow) -> str | None:
    """Return in words why an endpoint did not answer; None where it did."""
    if row.failure_kind is None:
        return None
    return f"{failure_words(row.failure_kind)} ({row.failure_stage})"


def line_of(machine: Machine) -> MachineLine:
    """Return the machine's line."""
    hosts = sorted(machine.hosts, key=lambda host: (":" in host, host.rsplit(".", 1)[-1].isdigit()))
    placed = next((row for row in machine.endpoints if row.country is not None), machine.endpoints[0])
    timed = of_this_network(machine.endpoints) or machine.endpoints
    pings = [row.ping_min_ms for row in timed if row.ping_min_ms is not None]
    reasons = (reason_of(row) for row in machine.endpoints)
    return MachineLine(
        name=hosts[0],
        more_hosts=tuple(hosts[1:]),
        software=value_of(machine, lambda row: row.software),
        protocol=value_of(machine, lambda row: row.protocol),
        country=country_name(placed.country),
        city=placed.city,
        provider=provider_of(placed),
        ports=tuple(dict.fromkeys(f"{row.transport} {row.port}" for row in machine.endpoints)),
        ping_ms=min(pings, default=None),
        chain=_chain(machine),
        reasons=tuple(dict.fromkeys(reason for reason in reasons if reason is not None)),
    )


def _chain(machine: Machine) -> str | None:
    words, others = _CHAINS[genesis_of(machine)], of_another_chain(machine.endpoints)
    if not others or len(others) == sum(row.answered for row in machine.endpoints):
        return words
    ports = ", ".join(dict.fromkeys(f"{row.transport} {row.port}" for row in others))
    return f"{words or 'not learned'}; another chain on {ports}"


def shown_of(machine: Machine) -> tuple[ServerRow, ...]:
    """Return the endpoints that its page shows side by side, those that answered first: one address has many names."""
    return tuple(sorted(machine.endpoints, key=lambda row: not row.answered)[:_MOST_ENDPOINTS])


def facts_of(endpoints: Sequence[ServerRow]) -> tuple[tuple[str, tuple[str | None, ...]], ...]:
    """Return (label, one value per endpoint); facts that no endpoint gave are left out."""
    lines = ((label, tuple(read(row) for row in endpoints)) for label, read in _FACTS)
    return tuple(line for line in lines if any(value is not None for value in line[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one source said of one port, by whomever; a scan keeps the first eight statements of each source.

    Attributes:
        host: As advertised.
        port: As advertised, or assumed.
        transport: As advertised.
        assumed_port: Nobody gave the port.
        source: The discovery source.
        tellers: Endpoint ids of the servers that said it, each once; empty for lists.
        protocols: Protocol versions claimed, each once.
    """

    host: str
    port: int
    transport: str
    assumed_port: bool
    source: str
    tellers: tuple[str, ...]
    protocols: tuple[str, ...]


def told_of(machine: Machine, sightings_of: Mapping[str, Sequence[SightingRow]]) -> tuple[Told, ...]:
    """Return who told of a machine, one line per name, port and source."""
    said: dict[tuple[str, int, str, bool, str], list[SightingRow]] = {}
    for host in machine.hosts:
        for row in sightings_of.get(host, ()):
            said.setdefault((row.host, row.port, row.transport, row.assumed_port, row.source), []).append(row)
    return tuple(
        Told(
            host=host,
            port=port,
            transport=transport,
            assumed_port=assumed,
            source=source,
            tellers=tuple(dict.fromkeys(row.told_by for row in rows if row.told_by is not None)),
            protocols=tuple(dict.fromkeys(row.protocol_claimed for row in rows if row.protocol_claimed is not None)),
        )
        for (host, port, transport, assumed, source), rows in said.items()
    )


def _state(row: ServerRow) -> str:
    if not row.dialled:
        return "did not resolve" if row.unresolved else "not tried"
    return "answered" if row.answered else "connected, no answer" if row.reachable else "no connection"


def _failure(row: ServerRow) -> str | None:
    reason = reason_of(row)
    return f"{reason}: {row.failure_detail}" if reason and row.failure_detail else reason


def _protocol_range(row: ServerRow) -> str | None:
    if row.protocol_min is None and row.protocol_max is None:
        return None
    return f"{row.protocol_min or '?'} to {row.protocol_max or '?'}"


def _donation(row: ServerRow) -> str | None:
    return "(empty)" if row.donation_address == "" else row.donation_address


def _histogram(row: ServerRow) -> str | None:
    if row.fee_histogram_bins is None:
        return None
    return f"{row.fee_histogram_bins} bins, {row.fee_histogram_vsize or 0:,} vB, digest {row.fee_histogram_digest}"


def _tip(row: ServerRow) -> str | None:
    return None if row.tip_height is None else f"{row.tip_height:,}"


def _peers(row: ServerRow) -> str | None:
    if row.peers_rows is None:
        return None
    return f"{row.peers_rows} rows" + (f", {row.peers_malformed} unreadable" if row.peers_malformed else "")


def _listed(items: tuple[str, ...]) -> str | None:
    return ", ".join(items) or None


_FACTS: tuple[tuple[str, Callable[[ServerRow], str | None]], ...] = (
    ("State", _state),
    ("Why no answer", _failure),
    ("First observed", lambda row: iso_time(row.first_observed_us)),
    ("TCP connection", lambda row: milliseconds(row.connect_ms)),
    ("TLS handshake", lambda row: milliseconds(row.tls_ms)),
    ("Shortest round trip", lambda row: milliseconds(row.ping_min_ms)),
    ("Median round trip", lambda row: milliseconds(row.ping_median_ms)),
    ("Claimed software", lambda row: row.software),
    ("Protocol settled on", lambda row: row.protocol),
    ("Claimed protocol range", _protocol_range),
    ("Genesis", lambda row: _CHAINS[row.genesis] if row.answered else None),
    ("Hash function claimed", lambda row: row.hash_function),
    ("Keys of server.features", lambda row: _listed(row.features_keys)),
    ("Hosts in server.features", lambda row: row.features_hosts),
    ("Donation address", _donation),
    ("Peer list", _peers),
    ("Tip height", _tip),
    ("Tip hash", lambda row: row.tip_hash),
    ("Relay fee, BTC/kvB", lambda row: row.relay_fee_text),
    ("Mempool info", lambda row: row.mempool_info),
    ("Fee estimates, BTC/kvB", lambda row: _listed(row.fee_estimates)),
    ("Fee histogram", _histogram),
    ("Reverse DNS", lambda row: _listed(row.reverse_names)),
    ("…confirmed forward", lambda row: _listed(row.reverse_confirmed)),
    ("Questions answered by an error", lambda row: _listed(row.answered_with_error)),
    ("Questions that broke", lambda row: _listed(row.failed_probes)),
)
