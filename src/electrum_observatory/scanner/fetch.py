"""Fetch a list of servers from the web, under the rules that hold for every server: policy, opt-outs, size and time."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

from electrum_observatory.model.endpoint import normalise_host
from electrum_observatory.model.errors import InputError, VisitError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.net.resolve import Resolver
from electrum_observatory.net.web import DEFAULT_PORTS, WebAnswer, get
from electrum_observatory.scanner.optout import OptOutList

_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTIONS = 5
_PERHAPS_ONE_S_OWN = frozenset({"loopback", "private", "cgnat", "link_local"})
_SHOWN = 200
_OPTED_OUT = "its operator asked to be left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFetcher:
    """Fetches texts; a call is what ``UrlList`` takes.

    Attributes:
        user_agent: What we call ourselves.
        resolver: Asked once for each list.
        policy: Which addresses may be dialled.
        timeout_s: For the whole, redirections included.
        max_bytes: Longer answers are refused.
        opt_outs: Whom nothing is fetched from.
    """

    user_agent: str
    resolver: Resolver
    policy: AddressPolicy = field(default_factory=AddressPolicy)
    timeout_s: float = 40.0
    max_bytes: int = 5_000_000
    opt_outs: OptOutList = field(default_factory=OptOutList)

    async def __call__(self, url: str) -> str:
        """Return the text behind an http or https URL. Raises InputError.

        A redirection is followed on the same host only: that a stranger's server points elsewhere is no reason to go
        there, least of all into our own network.
        """
        try:
            async with asyncio.timeout(self.timeout_s):
                answer = await self._fetched(url)
        except TimeoutError as error:
            raise InputError(f"{url}: no answer within {self.timeout_s:g} s") from error
        except ValueError as error:
            raise InputError(f"{url}: {' '.join(str(error).split())[:_SHOWN]}") from error
        except VisitError as error:
            raise InputError(f"{url}: {_in_words(error)}") from error
        if answer.status != 200:
            raise InputError(f"{url}: HTTP {answer.status} {answer.reason}")
        try:
            return answer.body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{url}: not text: {error}") from error

    async def _fetched(self, url: str) -> WebAnswer:
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS:
            raise ValueError("not an http or https address")
        host = normalise_host(parts.hostname or "")
        addresses = await self._addresses(host)
        for _ in range(_MOST_REDIRECTIONS + 1):
            answer = await get(
                parts,
                host=host,
                addresses=addresses,
                policy=self.policy,
                user_agent=self.user_agent,
                max_bytes=self.max_bytes,
            )
            if answer.status not in _REDIRECTIONS or answer.location is None:
                return answer
            parts = _led_to(parts, answer.location)
        raise ValueError(f"more than {_MOST_REDIRECTIONS} redirections")

    async def _addresses(self, host: str) -> tuple[str, ...]:
        if self.opt_outs.covers_host(host):
            raise ValueError(_OPTED_OUT)
        addresses = await self.resolver.addresses(host)
        if any(map(self.opt_outs.covers_address, addresses)):
            raise ValueError(_OPTED_OUT)
        return addresses


def _led_to(parts: SplitResult, location: str) -> SplitResult:
    """Return where a redirection leads, on the same host and one of the web's ports. Raises ValueError."""
    after = urlsplit(urljoin(parts.geturl(), location))
    is_web = after.scheme in DEFAULT_PORTS and (parts.scheme, after.scheme) != ("https", "http")
    if not is_web or after.hostname != parts.hostname or after.port not in (parts.port, None, *DEFAULT_PORTS.values()):
        raise ValueError(f"leads to {location[:_SHOWN]}, which was not asked for: name it yourself")
    return after


def _in_words(error: VisitError) -> str:
    failure = error.failure
    words = failure.kind.replace("_", " ") + (f": {failure.detail}" if failure.detail else "")
    if failure.kind is FailureKind.ADDRESS_REFUSED and failure.detail in _PERHAPS_ONE_S_OWN:
        return f"{words}; --allow-private NETWORK allows one of your own"
    return words
