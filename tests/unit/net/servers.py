"""Servers of every sort of behaviour: line handlers for our own listener, and bare ones for what it would never do."""

import asyncio
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Callable
from contextlib import asynccontextmanager

from electrum_observatory.net.listener import Link


class Scripted:
    """Echoes every line; ``close``, ``reset`` and ``later`` do what they say.

    Subclasses may greet.
    """

    greeting = b""

    def opened(self, link: Link) -> None:
        self.link = link
        if self.greeting:
            link.send(self.greeting)

    def line_received(self, data: bytes) -> None:
        match data.strip():
            case b"close":
                self.link.send(b"goodbye\n")
                self.link.close()
            case b"reset":
                self.link.abort()
            case b"later":
                self.link.call_later(0.01, lambda: self.link.send(b"now\n"))
            case _:
                self.link.send(data)

    def closed(self) -> None:
        self.link = None


def greeting(data: bytes) -> type[Scripted]:
    """A handler that says something as soon as it may."""
    return type("Greeting", (Scripted,), {"greeting": data})


@asynccontextmanager
async def bare_server(behave: Callable, *, context: ssl.SSLContext | None = None):
    """Run ``await behave(reader, writer)`` for each visitor of a bare (or asyncio TLS) socket; yields the port."""
    tasks = set()

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        try:
            await behave(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(visit, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answering(data: bytes, *, after_input: bool = True, then_wait: bool = True) -> Callable:
    """A behaviour: wait for any input (or not), say ``data``, then stay or leave."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if after_input:
            await reader.read(65536)
        writer.write(data)
        await writer.drain()
        if then_wait:
            await asyncio.Event().wait()

    return behave


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A behaviour: wait for any input, then drop the connection with a TCP reset."""
    await reader.read(1)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, process: subprocess.Popen, seconds: float = 20) -> None:
    """Return once a process that was started accepts connections; raise where it ended or took too long."""
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return
