"""Names to addresses and back.

Names go through the system's own resolver, so that hosts files and VPNs are honoured. Pointers are asked of the name
server directly: the system's call for them knows no deadline.
"""

import asyncio
import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import dns.asyncresolver
import dns.exception
import dns.resolver

from electrum_observatory.model.address import is_address
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.errors import scrubbed, visit_error
from electrum_observatory.net.overlay import Overlay

_MAX_ADDRESSES = 32
_MAX_POINTERS = 16

_BY_GAI_CODE: Mapping[int | None, FailureKind] = {
    socket.EAI_NONAME: FailureKind.NAME_NOT_FOUND,
    socket.EAI_NODATA: FailureKind.NAME_NOT_FOUND,
    socket.EAI_ADDRFAMILY: FailureKind.NAME_NOT_FOUND,
}


class Resolver(Protocol):
    """Answers with what it is told; judging the addresses is the policy's business. Raises VisitError only.

    Nobody waits for ever: a lookup has a deadline of its own, which begins when it is its turn.
    """

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return the addresses of a canonical host, RFC 5952 text, each once; a literal is its own address.

        Raises:
            VisitError: name_not_found, dns_timeout, dns_failure.
        """

    async def pointers(self, address: str) -> tuple[str, ...]:
        """Return the names that reverse DNS gives an address, lower case, no final dot; () where it gives none.

        Raises:
            VisitError: dns_timeout, dns_failure.
        """


class SystemResolver:
    """The resolver of the machine we run on."""

    def __init__(
        self,
        *,
        seconds: float = 15.0,
        at_once: int = 128,
        pointers_at_once: int = 32,
        most_threads: int = 256,
        nameserver: tuple[str, int] | None = None,
        getaddrinfo: Callable[..., Sequence[tuple[Any, ...]]] = socket.getaddrinfo,
    ) -> None:
        """Take how long and how much.

        Args:
            seconds: Longest wait of one lookup, from when it is its turn.
            at_once: Lookups of names that are waited for at once.
            pointers_at_once: Lookups of pointers at once.
            most_threads: Lookups of names under way at once, those included that hang and are waited for no more.
            nameserver: Address and port to ask for pointers; None for the system's own.
            getaddrinfo: The system call.
        """
        self._seconds = seconds
        self._getaddrinfo = getaddrinfo
        self._nameserver = nameserver
        self._closed = False
        self._threads = 0
        self._most_threads = most_threads
        self._name_turns = asyncio.Semaphore(at_once)
        self._pointer_turns = asyncio.Semaphore(pointers_at_once)
        self._dns: dns.asyncresolver.Resolver | None = None

    async def addresses(self, host: str) -> tuple[str, ...]:
        """See :meth:`Resolver.addresses`. Onion names are never looked up (RFC 7686)."""
        if is_address(host):
            return (host,)
        if self._closed:
            raise VisitError(Stage.RESOLVE, FailureKind.CANCELLED)
        if host.endswith(".onion"):
            raise VisitError(Stage.RESOLVE, FailureKind.NAME_NOT_FOUND, "onion names are in no DNS")
        async with self._name_turns:
            if self._threads >= self._most_threads:
                raise VisitError(Stage.RESOLVE, FailureKind.OUT_OF_DESCRIPTORS, "too many lookups hang")
            try:
                async with asyncio.timeout(self._seconds):
                    rows = await self._start_lookup(host)
            except RuntimeError as error:  # no thread to be had
                raise VisitError(Stage.RESOLVE, FailureKind.OUT_OF_DESCRIPTORS, scrubbed(str(error))) from error
            except TimeoutError as error:
                raise visit_error(Stage.RESOLVE, error) from error
        return _distinct_addresses(rows)

    async def pointers(self, address: str) -> tuple[str, ...]:
        """See :meth:`Resolver.pointers`."""
        async with self._pointer_turns:
            try:
                answer = await self._resolver().resolve_address(address, lifetime=self._seconds)
            except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
                return ()
            except dns.exception.Timeout as error:
                raise VisitError(Stage.RESOLVE, FailureKind.DNS_TIMEOUT) from error
            except (dns.exception.DNSException, OSError) as error:
                raise VisitError(Stage.RESOLVE, FailureKind.DNS_FAILURE, scrubbed(str(error))) from error
        names = (str(row.target).rstrip(".").lower() for row in answer)
        return tuple(sorted({name for name in names if name}))[:_MAX_POINTERS]

    def close(self) -> None:
        """Begin no lookup any more; those under way end by themselves and hold nothing up."""
        self._closed = True

    def _start_lookup(self, host: str) -> asyncio.Future[Sequence[tuple[Any, ...]]]:
        """Run the system call in a thread of its own, which may outlive the wait for it.

        No pool: Python waits for the threads of a pool before it exits, and a call that hangs cannot be stopped. It
        would also keep its place in the pool, and a few names whose servers are mute would hold all others up.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Sequence[tuple[Any, ...]]] = loop.create_future()

        def finish(rows: Sequence[tuple[Any, ...]], error: VisitError | None) -> None:
            self._threads -= 1
            if future.done():  # its time was up, or nobody waits any more
                return
            if error is None:
                future.set_result(rows)
            else:
                future.set_exception(error)

        def work() -> None:
            rows: Sequence[tuple[Any, ...]] = ()
            failure: VisitError | None = None
            try:
                rows = self._look_up(host)
            except Exception as error:  # noqa: BLE001 -- whoever waits is told, a bug of ours as such
                failure = visit_error(Stage.RESOLVE, error)
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(finish, rows, failure)

        threading.Thread(target=work, name=f"resolve {host}", daemon=True).start()
        self._threads += 1
        return future

    def _look_up(self, host: str) -> Sequence[tuple[Any, ...]]:
        try:
            return self._getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            kind = _BY_GAI_CODE.get(error.errno, FailureKind.DNS_FAILURE)
            raise VisitError(Stage.RESOLVE, kind, scrubbed(error.strerror or "")) from error
        except UnicodeError as error:
            raise VisitError(Stage.RESOLVE, FailureKind.NAME_NOT_FOUND, "not a name that DNS can hold") from error
        except OSError as error:
            known = visit_error(Stage.RESOLVE, error).failure
            kind = known.kind if known.kind is FailureKind.OUT_OF_DESCRIPTORS else FailureKind.DNS_FAILURE
            raise VisitError(Stage.RESOLVE, kind, known.detail) from error

    def _resolver(self) -> dns.asyncresolver.Resolver:
        if self._dns is None:
            self._dns = dns.asyncresolver.Resolver(configure=self._nameserver is None)
            if self._nameserver is not None:
                self._dns.nameservers = [self._nameserver[0]]
                self._dns.port = self._nameserver[1]
        return self._dns


class OverlayResolver:
    """A lab's DNS: knows the overlay and nothing else, and asks nobody."""

    def __init__(self, overlay: Overlay) -> None:
        """Take the lab's address book."""
        self._overlay = overlay

    async def addresses(self, host: str) -> tuple[str, ...]:
        """See :meth:`Resolver.addresses`."""
        if is_address(host):
            return (host,)
        addresses = self._overlay.names.get(host, ())
        if not addresses:
            raise VisitError(Stage.RESOLVE, FailureKind.NAME_NOT_FOUND)
        return addresses

    async def pointers(self, address: str) -> tuple[str, ...]:
        """See :meth:`Resolver.pointers`."""
        return self._overlay.pointers.get(address, ())


class CachingResolver:
    """Asks once per host, however many endpoints it has, and remembers failures too. Meant to live for one campaign."""

    def __init__(self, inner: Resolver, *, max_hosts: int = 100_000) -> None:
        """Take who is asked, and how many hosts are remembered at most."""
        self._inner = inner
        self._max_hosts = max_hosts
        self._known: dict[str, tuple[str, ...] | VisitError] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def addresses(self, host: str) -> tuple[str, ...]:
        """See :meth:`Resolver.addresses`."""
        found = self._known.get(host) or await self._in_turn(host)
        if isinstance(found, VisitError):
            raise VisitError(found.failure.stage, found.failure.kind, found.failure.detail)
        return found

    async def pointers(self, address: str) -> tuple[str, ...]:
        """See :meth:`Resolver.pointers`. Not remembered: one machine is asked about once anyway."""
        return await self._inner.pointers(address)

    async def _in_turn(self, host: str) -> tuple[str, ...] | VisitError:
        async with self._turns.setdefault(host, asyncio.Lock()):
            found = self._known.get(host) or await self._ask(host)
            self._turns.pop(host, None)
            return found

    async def _ask(self, host: str) -> tuple[str, ...] | VisitError:
        try:
            answer: tuple[str, ...] | VisitError = await self._inner.addresses(host)
        except VisitError as error:
            answer = error
        while len(self._known) >= self._max_hosts:
            del self._known[next(iter(self._known))]
        self._known[host] = answer
        return answer


def _distinct_addresses(rows: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
    texts = (str(row[4][0]).partition("%")[0] for row in rows)
    return tuple(dict.fromkeys(str(ipaddress.ip_address(text)) for text in texts))[:_MAX_ADDRESSES]
