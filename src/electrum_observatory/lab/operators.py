"""From a world file to its machines: operators, groups and templates, dealt out by chance."""

import dataclasses
import ipaddress
import random
from collections.abc import Iterator, Sequence
from datetime import datetime

from electrum_observatory.lab.addresses import AddressBook, Identity
from electrum_observatory.lab.chance import deal, some, stream
from electrum_observatory.lab.machines import CertificatePlan, Machine
from electrum_observatory.lab.minting import Mint
from electrum_observatory.lab.naming import NameBook, provider_pointer
from electrum_observatory.lab.world_file import Group, Node, Server, WorldFile
from electrum_observatory.lab.world_options import (
    Certificate,
    Fault,
    FaultShare,
    Listen,
    Names,
    NodeChoice,
    Software,
    Text,
)
from electrum_observatory.model.endpoint import Transport, normalise_host
from electrum_observatory.model.errors import InputError

_PER_LOOPBACK_BLOCK = 250
_OWN_POINTER_SHARE = 0.4
_PRIVATE_LOCAL_SHARE = 0.3


def build_machines(file: WorldFile, *, seed: int, start: datetime) -> tuple[Machine, ...]:
    """Return every machine of the world, explicit ones first.

    Raises:
        InputError: An address block is unknown, unreadable or full.
    """
    mint = Mint(seed=seed, start=start)
    names = NameBook(stream(seed, "words"))
    addresses = AddressBook([address for server in file.servers for address in server.addresses])
    machines = [_explicit(server, mint) for server in file.servers]
    for group in file.groups:
        machines += _Expansion(group, seed, addresses, names, mint).machines()
    return tuple(_placed(machine, index, file) for index, machine in enumerate(machines))


def _placed(machine: Machine, index: int, file: WorldFile) -> Machine:
    """Give a machine what only the whole world knows: its loopback address (127.100.0.1 and onward), its chain."""
    block, slot = divmod(index, _PER_LOOPBACK_BLOCK)
    policy = file.nodes.get(machine.node.partition("/")[0], Node())
    return dataclasses.replace(
        machine,
        loopback=f"127.{100 + block // 256}.{block % 256}.{slot + 1}",
        foreign=policy.network not in (None, file.network),
    )


def _explicit(server: Server, mint: Mint) -> Machine:
    addresses = tuple(str(ipaddress.ip_address(address)) for address in server.addresses)
    names = tuple(normalise_host(name) for name in server.names)
    return Machine(
        machine_id=server.id,
        operator=server.operator or server.id,
        family=server.family,
        personality=server.software.personality,
        version=server.software.version,
        node=server.node,
        foreign=False,
        addresses=addresses,
        names=names,
        announced=names or addresses,
        ports=ports_of(server.listen),
        banner=server.banner,
        donation_address=server.donation_address,
        certificate=_plan(mint, server.certificate, server.listen, server.id, server.id, names or addresses),
        old_tls=server.certificate.old_tls,
        fault=server.fault,
        delay_s=server.delay_s if server.fault is Fault.SLOW else 0.0,
        announce=server.announce,
        listed=server.listed,
        local_address=server.local_address or addresses[0],
        pointers={address: server.reverse_dns for address in addresses if server.reverse_dns},
        round_trip_ms=20.0,
        modified=server.modified,
        balanced=server.balanced,
        just_started=server.just_started,
    )


def ports_of(listen: Listen) -> dict[Transport, int]:
    """Return the port of each transport of a template."""
    return {transport: port for transport in Transport if (port := getattr(listen, transport.value)) is not None}


def _plan(
    mint: Mint, option: Certificate, listen: Listen, group: str, machine: str, hosts: tuple[str, ...]
) -> CertificatePlan | None:
    if not any(transport.encrypted for transport in ports_of(listen)):
        return None
    return mint.plan(option, group, machine, hosts)


class _Expansion:
    """One group on its way to machines. Each choice has a stream of its own, so that changing one moves no other."""

    def __init__(self, group: Group, seed: int, addresses: AddressBook, names: NameBook, mint: Mint) -> None:
        self._group = group
        self._seed = seed
        self._addresses = addresses
        self._names = names
        self._mint = mint
        self._indices = range(group.machines)

    def machines(self) -> Iterator[Machine]:
        """Yield the group's machines in order."""
        group = self._group
        software = self._deal("software", group.software)
        listen = self._deal("listen", group.listen)
        banners = self._deal("banners", group.banners or (Text(),))
        donations = self._deal("donations", group.donation_addresses or (Text(),))
        certificates = self._deal("certificates", group.certificates or (Certificate(),))
        nodes = self._deal("nodes", group.nodes)
        faults = self._faults()
        identities = self._identities()
        hosts = self._hosts(identities)
        for i in self._indices:
            yield self._machine(
                i,
                identity=identities[i],
                names=hosts[i],
                software=software[i],
                listen=listen[i],
                banner=banners[i].text,
                donation=donations[i].text,
                certificate=certificates[i],
                node=nodes[i],
                fault=faults.get(i),
            )

    def _rng(self, what: str) -> random.Random:
        return stream(self._seed, self._group.id, what)

    def _deal(self, what: str, options: Sequence) -> list:  # type: ignore[type-arg]  # each call has its own type
        return deal(options, self._group.machines, self._rng(what))

    def _faults(self) -> dict[int, FaultShare]:
        """Give each fault its share of the machines; no machine has two."""
        left = list(self._indices)
        self._rng("faults").shuffle(left)
        found: dict[int, FaultShare] = {}
        for fault in self._group.faults:
            for _ in range(min(len(left), round(fault.share * self._group.machines))):
                found[left.pop()] = fault
        return found

    def _identities(self) -> list[Identity]:
        group = self._group
        dual = some(self._indices, group.ipv6_share, self._rng("ipv6"))
        wanted = [index in dual for index in self._indices]
        return self._addresses.settle(group.providers, group.placement, wanted, seed=self._seed, group=group.id)

    def _hosts(self, identities: Sequence[Identity]) -> list[tuple[str, ...]]:
        names: Names = self._group.names
        if not names.pattern:
            return [() for _ in self._indices]
        rng = self._rng("names")
        named = some(self._indices, names.share, rng)
        twice = some(sorted(named), names.second_share if names.second else 0.0, rng)
        found: list[tuple[str, ...]] = []
        for index, identity in enumerate(identities):
            values = {
                "number": index + 1,
                "group": self._group.id,
                "provider": identity.provider,
                "country": identity.country.lower() or "xx",
                "word": self._names.word() if index in named else "",
            }
            patterns = ([names.pattern] if index in named else []) + ([names.second] if index in twice else [])
            found.append(tuple(self._name(pattern, values) for pattern in patterns))
        return found

    def _name(self, pattern: str, values: dict[str, object]) -> str:
        try:
            return normalise_host(self._names.name(pattern, values))
        except (KeyError, IndexError, ValueError) as error:
            raise InputError(f"group {self._group.id}: the name pattern {pattern!r} does not work: {error}") from error

    def _machine(
        self,
        index: int,
        *,
        identity: Identity,
        names: tuple[str, ...],
        software: Software,
        listen: Listen,
        banner: str | None,
        donation: str | None,
        certificate: Certificate,
        node: NodeChoice,
        fault: FaultShare | None,
    ) -> Machine:
        group = self._group
        machine_id = f"{group.id}-{index + 1}"
        addresses = (identity.ipv4,) if identity.ipv6 is None else (identity.ipv4, identity.ipv6)
        announced = (*names, *addresses) if group.names.announce_addresses or not names else names
        rng = self._rng(f"machine {index}")
        own_host = names[0] if names else ""
        return Machine(
            machine_id=machine_id,
            operator=group.operator or machine_id,
            family=group.family,
            personality=software.personality,
            version=software.version,
            node=f"{node.node}/{machine_id}" if node.own else node.node,
            foreign=False,
            addresses=addresses,
            names=names,
            announced=announced,
            ports=ports_of(listen),
            banner=banner,
            donation_address=donation,
            certificate=_plan(self._mint, certificate, listen, group.id, machine_id, names or addresses),
            old_tls=certificate.old_tls,
            fault=fault.fault if fault else None,
            delay_s=fault.delay_s if fault and fault.fault is Fault.SLOW else 0.0,
            announce=group.announce,
            listed=group.listed,
            local_address=_local_address(identity, rng),
            pointers={address: (_pointer(address, identity, own_host, rng),) for address in addresses},
            round_trip_ms=identity.round_trip_ms,
            provider=identity.provider,
            modified=group.modified,
            balanced=group.balanced,
            just_started=group.just_started,
        )


def _local_address(identity: Identity, rng: random.Random) -> str:
    """Home lines and some hosted machines sit behind address translation or in a container network."""
    if identity.residential:
        return f"192.168.{rng.choice((0, 1, 2, 178))}.{rng.randrange(2, 250)}"
    return f"172.17.0.{rng.randrange(2, 9)}" if rng.random() < _PRIVATE_LOCAL_SHARE else identity.ipv4


def _pointer(address: str, identity: Identity, own_host: str, rng: random.Random) -> str:
    own = own_host and not identity.residential and rng.random() < _OWN_POINTER_SHARE
    return own_host if own else provider_pointer(address, identity.provider)
