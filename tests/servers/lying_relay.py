"""A relay that forges a real server's name: it forwards every byte but the program's own text, in TCP and TLS.

Whatever the server says goes through line by line; the name is replaced wherever it occurs (version, features, banner),
and where the server pads, each packet is padded again by the server's own rule (``electrumx/server/transport.py``,
``PaddedRSTransport``), so that sizes, spacing, key order and terminators stay those of the program behind it.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from electrum_observatory.model.endpoint import Endpoint, Transport
from tests.servers.electrumx import ElectrumX
from tests.servers.visits import endpoint_of

_SMALLEST_PACKET = 1024
_MAX_LINE = 4_000_000
_PADDING = re.compile(rb" +(?=[}\]]\n\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """What is replaced by what, as bytes of the wire.

    Attributes:
        truth: How the server calls itself.
        lie: What its clients read instead.
    """

    truth: bytes
    lie: bytes

    def forge(self, packet: list[bytes]) -> bytes:
        """Return the lines of one packet with the name replaced, padded where they were."""
        forged = [_PADDING.sub(b"", line).replace(self.truth, self.lie) for line in packet]
        whole = b"".join(forged)
        if not _PADDING.search(packet[-1]):
            return whole
        size = max(_SMALLEST_PACKET, 2 ** len(whole).bit_length())
        return whole[:-2] + b" " * (size - len(whole)) + whole[-2:]


@asynccontextmanager
async def lying_relay(server: ElectrumX, transport: Transport, forgery: Forgery, tls: Path) -> AsyncIterator[Endpoint]:
    """Run a relay in front of a server on the same transport; yield where it listens.

    Args:
        server: Who answers.
        transport: TCP or SSL, on both sides.
        forgery: What is replaced.
        tls: Folder with cert.pem and key.pem, for SSL.
    """
    upstream = endpoint_of(server, transport)
    ours, theirs = (_server_context(tls), _client_context()) if transport is Transport.SSL else (None, None)

    ends_packet = _ends_padded_packet if server.pads else _always

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection(upstream.address, upstream.port, ssl=theirs, limit=_MAX_LINE)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_forward(reader, behind[1]))
                tasks.create_task(_forge(behind[0], writer, forgery, ends_packet))
        finally:
            for one in (writer, behind[1]):
                one.transport.abort()

    listening = await asyncio.start_server(serve, server.address, 0, ssl=ours, limit=_MAX_LINE)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield Endpoint(host=server.address, address=server.address, port=port, transport=transport)
    finally:
        listening.close()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await _next(reader):
        writer.write(data)
    writer.transport.abort()


async def _forge(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    forgery: Forgery,
    ends_packet: Callable[[list[bytes]], bool],
) -> None:
    packet: list[bytes] = []
    while line := await _next(reader):
        packet.append(line)
        if ends_packet(packet):
            writer.write(forgery.forge(packet))
            packet = []
    writer.close()


def _ends_padded_packet(packet: list[bytes]) -> bool:
    """A packet ends with its padded line, or where nothing is missing to a power of two."""
    size = sum(map(len, packet))
    return bool(_PADDING.search(packet[-1])) or (size >= _SMALLEST_PACKET and size.bit_count() == 1)


def _always(_packet: list[bytes]) -> bool:
    return True


async def _next(reader: asyncio.StreamReader) -> bytes:
    """Return the next line, nothing where the connection is over, however it ended."""
    try:
        return await reader.readline()
    except (ConnectionError, ssl.SSLError):
        return b""


def _server_context(tls: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "cert.pem", tls / "key.pem")
    return context


def _client_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
