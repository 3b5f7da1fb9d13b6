"""From endpoints to machines, the unit of every count.

Two endpoints are one machine when they have

1. the same resolved address (or are the same address literal), on whatever port; or
2. the same host name *and* the same certificate key (IPv4 and IPv6 of one name, names that moved); or
3. the same certificate key under two hosts, *and* each host is named in the ``server.features`` hosts of the other; or
4. no address at all (onions, names nobody resolved) and the same host name.

A certificate key alone joins nothing: images of server software ship one key to all their users. Nor does a claim:
anybody can name anybody, so one side is not enough, and both sides only beside the key. What the rule cannot see:
several servers behind one address count as one machine, and one server under two names on two addresses that does not
tell of both as two.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.model.endpoint import normalise_host


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Endpoints that are one process or one host, as far as the rule can see.

    Attributes:
        machine_id: ``m-`` and the id of its earliest-seen endpoint (ties: the first in canonical order).
        endpoints: Its rows of the table ``servers``, in that table's order.
        aliases: Ids that it has under other orders of discovery: ``m-`` and the id of every further endpoint.
    """

    machine_id: str
    endpoints: tuple[ServerRow, ...]
    aliases: tuple[str, ...]

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host it is advertised as, in order, each once."""
        return tuple(dict.fromkeys(row.host for row in self.endpoints))

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every known address, in order, each once."""
        return tuple(dict.fromkeys(row.address for row in self.endpoints if row.address is not None))

    @property
    def dialled(self) -> bool:
        """Whether any of its endpoints was dialled; the others did not resolve or our own policy left them out."""
        return any(row.dialled for row in self.endpoints)

    @property
    def unresolved(self) -> bool:
        """Whether none of its endpoints was dialled, and of one at least because the name did not resolve."""
        return not self.dialled and any(row.unresolved for row in self.endpoints)

    @property
    def reachable(self) -> bool:
        """Whether a connection to any of its endpoints came about."""
        return any(row.reachable for row in self.endpoints)

    @property
    def answered(self) -> bool:
        """Whether any of its endpoints answered the handshake."""
        return any(row.answered for row in self.endpoints)


def assign(rows: Iterable[ServerRow], first_seen: Mapping[str, int] | None = None) -> tuple[Machine, ...]:
    """Group the endpoints of one campaign into machines, ordered by machine id.

    Args:
        rows: The table ``servers`` of one campaign.
        first_seen: Endpoint id to UTC microseconds of its first observation in any campaign. It keeps ids stable from
            one campaign to the next; without it the campaign's own times decide.
    """
    rows = tuple(rows)
    groups = _Groups(len(rows))
    holder: dict[tuple[str, ...], int] = {}
    for index, row in enumerate(rows):
        for key in _keys(row):
            groups.join(index, holder.setdefault(key, index))
    for left, right in _mutual(rows):
        groups.join(holder[left], holder[right])
    members: dict[int, list[ServerRow]] = {}
    for index, row in enumerate(rows):
        members.setdefault(groups.root(index), []).append(row)
    machines = (_machine(found, first_seen or {}) for found in members.values())
    return tuple(sorted(machines, key=lambda machine: machine.machine_id))


def machine_of(machines: Iterable[Machine]) -> dict[str, str]:
    """Return endpoint id to machine id."""
    return {row.endpoint_id: machine.machine_id for machine in machines for row in machine.endpoints}


def _keys(row: ServerRow) -> tuple[tuple[str, ...], ...]:
    by_place = ("host", row.host) if row.address is None else ("address", row.address)
    if row.certificate_spki_sha256 is None:
        return (by_place,)
    return (by_place, _host_and_key(row.host, row.certificate_spki_sha256))


def _host_and_key(host: str, key: str) -> tuple[str, str, str]:
    return ("host and key", host, key)


def _mutual(rows: Sequence[ServerRow]) -> Iterator[tuple[tuple[str, str, str], tuple[str, str, str]]]:
    """Yield the pairs of hosts that showed one key and name each other, said by the endpoints that showed it."""
    named: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if row.certificate_spki_sha256 is not None:
            named.setdefault((row.certificate_spki_sha256, row.host), set()).update(_named_hosts(row))
    for (key, host), others in named.items():
        for other in others:
            if host in named.get((key, other), ()):
                yield _host_and_key(host, key), _host_and_key(other, key)


def _named_hosts(row: ServerRow) -> Iterator[str]:
    """Yield the hosts that a server names as its own, in canonical spelling; what is no host is passed over."""
    hosts = None if row.features_hosts is None else json.loads(row.features_hosts)
    for host in hosts if isinstance(hosts, dict) else ():
        try:
            yield normalise_host(host)
        except ValueError:
            continue


def _machine(rows: list[ServerRow], first_seen: Mapping[str, int]) -> Machine:
    def age(row: ServerRow) -> tuple[bool, int]:
        seen = first_seen.get(row.endpoint_id, row.first_observed_us)
        return (seen is None, seen or 0)

    earliest = min(rows, key=age)
    return Machine(
        machine_id=f"m-{earliest.endpoint_id}",
        endpoints=tuple(rows),
        aliases=tuple(f"m-{row.endpoint_id}" for row in rows if row is not earliest),
    )


class _Groups:
    """Disjoint sets of row numbers."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, index: int) -> int:
        """Return the number that stands for the set of ``index``."""
        while self._parent[index] != index:
            self._parent[index] = self._parent[self._parent[index]]
            index = self._parent[index]
        return index

    def join(self, left: int, right: int) -> None:
        """Make one set of two."""
        self._parent[self.root(left)] = self.root(right)
