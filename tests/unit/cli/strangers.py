"""Servers that are no Electrum servers, each on a loopback address of its own, in a thread of their own."""

import asyncio
import socket
import struct
import threading
from types import TracebackType
from typing import Self

_LINGER_ZERO = struct.pack("ii", 1, 0)  # closing sends a reset


class Strangers:
    """Holds them for the length of a ``with`` block.

    Attributes:
        targets: As ``observatory scan`` takes them.
        expected: Host to the failure kind that is to be recorded.
    """

    def __init__(self) -> None:
        self.targets: list[str] = []
        self.expected: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(timeout=10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _open(self) -> None:
        await self._stranger("127.31.0.1", "t", "http_reply", _speak(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        await self._stranger("127.31.0.2", "s", "plain_text_on_tls", _speak(b'{"jsonrpc":"2.0"}\n'))
        await self._stranger("127.31.0.3", "s", "tls_handshake", _speak(bytes(range(128, 200))))
        await self._stranger("127.31.0.4", "t", "connection_reset", _reset)
        await self._stranger("127.31.0.5", "t", "eof", _hang_up)
        await self._stranger("127.31.0.6", "t", "not_json", _speak(b"220 mail.example ESMTP\r\n"))
        with socket.socket() as closed:
            closed.bind(("127.31.0.7", 0))
            self._expect("127.31.0.7", closed.getsockname()[1], "t", "connect_refused")

    async def _stranger(self, address: str, letter: str, kind: str, serve: object) -> None:
        server = await asyncio.start_server(serve, address, 0)  # type: ignore[arg-type]
        self._servers.append(server)
        self._expect(address, server.sockets[0].getsockname()[1], letter, kind)

    def _expect(self, address: str, port: int, letter: str, kind: str) -> None:
        self.targets.append(f"{address}:{port}:{letter}")
        self.expected[address] = kind

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
            await server.wait_closed()


def _speak(words: bytes):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(words)
        await _until_gone(reader)
        writer.transport.abort()

    return serve


async def _until_gone(reader: asyncio.StreamReader) -> None:
    try:
        while await reader.read(65536):
            pass
    except ConnectionError:
        return


async def _reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    writer.transport.abort()


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.close()
