"""A name to its addresses, or to the failure that is recorded of it."""

from dataclasses import dataclass

from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.endpoint import normalise_host
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.resolve import Resolver
from electrum_observatory.scanner.attempts import JsonAttempt, attempted


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    addresses: tuple[str, ...]


async def look_up(resolver: Resolver, host: str) -> tuple[tuple[str, ...], JsonAttempt]:
    """Return the addresses of a name, canonical and each once, and how the lookup ended; a failure where none came."""

    async def ask() -> _Found:
        found = await resolver.addresses(host)
        return _Found(addresses=tuple(dict.fromkeys(normalise_host(address) for address in found)))

    attempt = await attempted(
        ask(),
        seconds=None,  # the resolver's own begins when it is its turn
        stage=Stage.RESOLVE,
        on_timeout=FailureKind.DNS_TIMEOUT,
    )
    if attempt.result is None:
        return (), attempt
    addresses = tuple(attempt.result["addresses"])
    return addresses, attempt if addresses else Attempt.failed(Stage.RESOLVE, FailureKind.NAME_NOT_FOUND)
