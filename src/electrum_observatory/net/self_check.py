"""What this machine can do for a scan: routes, a SOCKS proxy, a synchronised clock. Nothing is sent to strangers."""

import asyncio
import ctypes
import ctypes.util
import socket

_FAR_AWAY = {4: ("192.0.2.1", 9), 6: ("2001:db8::1", 9)}
_ADJTIMEX_BYTES = 256
_TIME_ERROR = 5
_SOCKS5_GREETING = b"\x05\x01\x00"


def has_route(version: int) -> bool:
    """Whether there is a route to public addresses of IP version 4 or 6; connecting a UDP socket sends nothing."""
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(_FAR_AWAY[version])
    except OSError:
        return False
    return True


async def speaks_socks5(host: str, port: int, *, seconds: float) -> bool:
    """Whether a SOCKS5 proxy answers at an address of our own."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(_SOCKS5_GREETING)
                return (await reader.readexactly(2))[:1] == b"\x05"
            finally:
                writer.transport.abort()
    except (OSError, asyncio.IncompleteReadError):  # TimeoutError is an OSError
        return False


def clock_synchronised() -> bool | None:
    """Whether the kernel says that something keeps its clock right (adjtimex(2)); None where it does not say."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        state: int = libc.adjtimex(ctypes.create_string_buffer(_ADJTIMEX_BYTES))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR
