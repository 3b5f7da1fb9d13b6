"""What a hostile act is: a server that does one nasty thing, on sockets of its own, and nothing else.

An act speaks in bytes: before any handshake, instead of one, or inside TLS of its own making. It is played in the lab's
worker processes and bounded there: a flood comes from a generator that is asked for more only when the socket takes
more, and ends by itself or when the visitor leaves. Acts that differ from an honest server in some replies only stand
on :mod:`electrum_observatory.lab.hostile.twisted`.
"""

import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from electrum_observatory.lab.certificates import Minted
from electrum_observatory.lab.exchange import WorldClock
from electrum_observatory.lab.personalities.base import Program
from electrum_observatory.lab.server_tls import TlsContexts
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.net.raw_listener import RawHandler


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What an act knows of the socket that it is played on.

    Attributes:
        transport: What a visitor expects to be spoken there.
        address: The machine's public address.
        name: Its host name; the address where it has none.
        honest: The program of an honest server in this place.
        clock: World time.
        certificate: The machine's ordinary certificate; None where it has no TLS port.
        contexts: Makes and shares the contexts of ordinary certificates.
        rng: The act's chance, the same in every run of the world.
    """

    transport: Transport
    address: str
    name: str
    honest: Program
    clock: WorldClock
    certificate: Minted | None
    contexts: TlsContexts
    rng: random.Random = field(repr=False)


Play: TypeAlias = Callable[[Scene], RawHandler]
"""Makes what answers one visitor."""
ContextOf: TypeAlias = Callable[[Scene], ssl.SSLContext | None]
"""Makes the TLS context of one socket, once; None where the act gets the bytes as they come."""


def ordinary_tls(scene: Scene) -> ssl.SSLContext:
    """Return what an honest server would show on this machine."""
    assert scene.certificate is not None, "world files give every TLS port a certificate"
    return scene.contexts.get(scene.certificate, old_tls=False)


def no_tls(scene: Scene) -> None:
    """Leave the bytes of a TLS port to the act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileAct:
    """One hostile server.

    Attributes:
        id: Stable name in snake_case; world files call it ``hostile_<id>``.
        summary: What it does, for the page of all acts.
        seen: Where such a thing was met or described.
        transports: On which transports it can be played.
        play: Makes what answers a visitor.
        context: The TLS of its encrypted ports; between TLS and the act if there is any.
    """

    id: str
    summary: str
    seen: str
    transports: tuple[Transport, ...]
    play: Play
    context: ContextOf = ordinary_tls
