"""One GET, from an address that was checked: how lists of servers are fetched.

Small on purpose. It speaks HTTP/1.0, so that a server can do nothing but send its answer and close (RFC 9112 §6.1): no
chunks, no compression, no provisional answers. It follows nobody anywhere, resolves nothing, and asks no proxy that the
environment names: the address that was checked is the one dialled.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, quote

from electrum_observatory.model.endpoint import bracketed
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.errors import scrubbed, visit_error
from electrum_observatory.net.policy import FOREIGN_SERVICES, AddressPolicy

DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443}

_LONGEST_HEAD = 64_000
_CHUNK_BYTES = 64_000
_CONNECT_S = 10.0  # for each address: the next one may answer
_STATUS = re.compile(r"HTTP/1\.[01] ([1-5]\d\d)(?: (.*))?")
_LENGTH = re.compile(r"[0-9]{1,12}")
_UNSAFE = re.compile(r"[^\x21-\x7e]")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAnswer:
    """What a web server sent.

    Attributes:
        status: Its number.
        reason: Its words for it, one printable line.
        location: Where it leads to, as it says; None where it does not.
        body: The bytes, all of them.
    """

    status: int
    reason: str
    location: str | None
    body: bytes


async def get(
    url: SplitResult,
    *,
    host: str,
    addresses: Sequence[str],
    policy: AddressPolicy,
    user_agent: str,
    max_bytes: int,
) -> WebAnswer:
    """Ask one of the addresses of a host; the first that lets us in. Takes as long as the server does.

    Args:
        url: What is asked for, http or https. A certificate is verified as a browser would.
        host: The canonical host of the URL.
        addresses: What it was resolved to.
        policy: Which of them may be dialled.
        user_agent: What we call ourselves.
        max_bytes: Longer answers are refused.

    Raises:
        VisitError: address_refused, port_refused, and every way to fail on the network or to answer badly.
    """
    port = url.port or DEFAULT_PORTS[url.scheme]
    allowed = _allowed(addresses, port, policy)
    request = _request(url, host, user_agent)
    reader, writer = await _connected(allowed, port, host if url.scheme == "https" else None)
    try:
        writer.write(request)
        return await _answer(reader, max_bytes)
    except (OSError, EOFError) as error:
        raise _broken(error) from error
    finally:
        writer.transport.abort()  # nobody's closing is waited for


def _allowed(addresses: Sequence[str], port: int, policy: AddressPolicy) -> list[str]:
    reasons = {address: policy.refusal(address) for address in addresses}
    allowed = [address for address, reason in reasons.items() if reason is None]
    if not allowed:
        reason = next(filter(None, reasons.values()), "no address was resolved")
        raise VisitError(Stage.POLICY, FailureKind.ADDRESS_REFUSED, reason)
    if port in FOREIGN_SERVICES and not all(map(policy.allows_explicitly, allowed)):
        raise VisitError(Stage.POLICY, FailureKind.PORT_REFUSED, FOREIGN_SERVICES[port])
    return allowed


def _request(url: SplitResult, host: str, user_agent: str) -> bytes:
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    target = _UNSAFE.sub(lambda found: quote(found[0]), target)
    port = f":{url.port}" if url.port else ""
    fields = {"Host": bracketed(host) + port, "User-Agent": user_agent, "Accept-Encoding": "identity"}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"GET {target} HTTP/1.0\r\n{head}\r\n".encode("latin-1", "replace")


async def _connected(
    addresses: Sequence[str], port: int, tls_name: str | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    context = ssl.create_default_context() if tls_name is not None else None
    failure = VisitError(Stage.CONNECT, FailureKind.CONNECT_TIMEOUT)
    for address in addresses:
        try:
            async with asyncio.timeout(_CONNECT_S):
                return await asyncio.open_connection(
                    address, port, ssl=context, server_hostname=tls_name, limit=_LONGEST_HEAD
                )
        except OSError as error:  # TimeoutError and ssl.SSLError are
            failure = visit_error(Stage.CONNECT, error)
    raise failure


async def _answer(reader: asyncio.StreamReader, max_bytes: int) -> WebAnswer:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise VisitError(Stage.REQUEST, FailureKind.LINE_TOO_LONG, "a head that does not end") from error
    first, *lines = head.decode("latin-1").split("\r\n")
    status = _STATUS.fullmatch(first)
    if status is None:
        raise VisitError(Stage.REQUEST, FailureKind.BAD_MESSAGE, "no answer of a web server")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if "transfer-encoding" in fields:
        raise VisitError(Stage.REQUEST, FailureKind.BAD_MESSAGE, "sent in chunks, which HTTP/1.0 does not know")
    return WebAnswer(
        status=int(status[1]),
        reason=scrubbed(status[2] or ""),
        location=fields.get("location"),
        body=await _body(reader, fields.get("content-length", ""), max_bytes),
    )


async def _body(reader: asyncio.StreamReader, announced: str, max_bytes: int) -> bytes:
    """Read to the announced end, or else to that of the connection."""
    length = int(announced) if _LENGTH.fullmatch(announced) else None
    end = max_bytes + 1 if length is None else length
    body = bytearray()
    while len(body) < end <= max_bytes + 1:
        chunk = await reader.read(_CHUNK_BYTES)
        if not chunk:
            break
        body += chunk
    if max(len(body), length or 0) > max_bytes:
        raise VisitError(Stage.REQUEST, FailureKind.TOO_MANY_BYTES, f"larger than {max_bytes:,} bytes")
    if length is not None and len(body) < length:
        raise VisitError(Stage.REQUEST, FailureKind.EOF, f"{len(body):,} of {length:,} bytes came")
    return bytes(body[:length])


def _broken(error: OSError | EOFError) -> VisitError:
    if isinstance(error, OSError):
        return visit_error(Stage.REQUEST, error)
    return VisitError(Stage.REQUEST, FailureKind.EOF, "no whole answer came")
