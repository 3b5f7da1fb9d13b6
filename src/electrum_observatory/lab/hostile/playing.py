"""An act on a socket: listening, and TLS in between where the act wants it."""

from collections.abc import Callable

from electrum_observatory.lab.hostile.base import HostileAct, Scene
from electrum_observatory.lab.hostile.secured import SecuredHandler
from electrum_observatory.net.listener import Listener
from electrum_observatory.net.raw_listener import RawHandler, serve_raw
from electrum_observatory.net.tls import TlsLayer


async def play_on(address: str, act: HostileAct, scene: Scene, arrived: Callable[[], None]) -> Listener:
    """Listen on a port of the system's choice and play.

    Args:
        address: Loopback address to bind.
        act: What is played.
        scene: Where.
        arrived: Called for each visitor, before anything is said.

    Raises:
        UsageError: The address cannot be bound.
    """
    context = act.context(scene) if scene.transport.encrypted else None

    def handler() -> RawHandler:
        arrived()
        inner = act.play(scene)
        return inner if context is None else SecuredHandler(inner, TlsLayer(context, server_side=True))

    return await serve_raw(address, 0, handler)
