"""Whom a person named on the command line: they are watched at once, before any campaign has found out more of them.

Lists and URLs are not meant: what stands there may be long gone, and a campaign looks first.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address

from electrum_observatory.cli.rediscovery import PREFERRED
from electrum_observatory.cli.unanswered import Unanswered
from electrum_observatory.cli.wiring import Scan
from electrum_observatory.model.address import is_address
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure
from electrum_observatory.scanner.admission import Admission, endpoint_of
from electrum_observatory.scanner.discovery import typed_targets
from electrum_observatory.scanner.frontier import Target
from electrum_observatory.scanner.lookup import look_up


async def named_endpoints(scan: Scan, warn: Callable[[str], None]) -> list[Endpoint]:
    """Look up who was named, under the rules of a campaign; of each host the endpoints of its best transport.

    A host that was named without a port is taken by its known port for TLS: should that be wrong, the first campaign
    finds the right one.

    Args:
        scan: Sources, rules and resolver of a campaign as it would begin now.
        warn: Is told of each who is not watched, and why.
    """
    config = scan.settings.scan.in_time_of(scan.clock.time_scale)
    frontier = scan.rules.frontier(config)
    admission = scan.rules.admission(config, frontier)
    for source in scan.sources:
        if source.id == typed_targets.ID:
            frontier.offer([one async for one in source.sightings()], depth=0, trusted=True)
    targets = _best(iter(frontier.take, None))
    async with asyncio.TaskGroup() as tasks:
        lookups = {host: tasks.create_task(_addresses(scan, host)) for host in {one.host for one in targets}}
    found = [_admitted(admission, one, *lookups[one.host].result()) for one in targets]
    for one in found:
        if isinstance(one, Unanswered):
            warn(f"Not watched: {one.line}")
    return [one for one in found if isinstance(one, Endpoint)]


def _best(targets: Iterable[Target]) -> list[Target]:
    by_host: dict[str, list[Target]] = {}
    for one in targets:
        by_host.setdefault(one.host, []).append(one)
    rank = PREFERRED.index
    best = {host: min(rank(one.transport) for one in some) for host, some in by_host.items()}
    return [one for host, some in by_host.items() for one in some if rank(one.transport) == best[host]]


async def _addresses(scan: Scan, host: str) -> tuple[Sequence[str | None], Failure | None]:
    """Return the addresses of a host, IPv4 first, and why there are none; None is for what is not looked up here."""
    if is_address(host):
        return (host,), None
    if host.endswith(".onion") or not scan.settings.scan.resolve_here:
        return (None,), None
    addresses, attempt = await look_up(scan.resolver, host)
    return sorted(addresses, key=lambda one: ip_address(one).version), attempt.failure


def _admitted(
    admission: Admission, target: Target, addresses: Sequence[str | None], failure: Failure | None
) -> Endpoint | Unanswered | None:
    """Return the endpoint to watch of a target, or why there is none; None for what was left out on wish."""
    unresolved, refusal = endpoint_of(target, None), admission.refuse_host(target)
    known = [one for one in addresses if one is not None]
    if refusal is None and addresses and not known:
        return unresolved if admission.admits_unresolved(target, unresolved) else None
    endpoints, refusals = admission.judge(target, known) if refusal is None else ([], [refusal])
    if endpoints:
        return endpoints[0]
    if refusals:
        return Unanswered(kind=refusals[0].kind, endpoints=1, first=unresolved.canonical, detail="")
    if failure is None:
        return None
    return Unanswered(kind=failure.kind, endpoints=1, first=unresolved.canonical, detail=failure.detail)
