"""Names under which lying relays let real servers appear, and the decisive questions put through all of them."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.servers.battery import DECISIVE
from tests.servers.conversations import RAW_TRANSPORTS, ask_all
from tests.servers.electrumx import ElectrumX
from tests.servers.lying_relay import Forgery, lying_relay


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    """A name under which a relay lets a server appear."""

    text: str
    implementation: str
    version: str


def lies_about(version: str) -> tuple[Lie, Lie]:
    """Return a version that behaves otherwise, and another program."""
    other = "1.16.0" if Version(version) >= Version("1.18") else "2.0.0"
    return (
        Lie(text=f"ElectrumX {other}", implementation="electrumx", version=other),
        Lie(text="Fulcrum 2.1.1", implementation="fulcrum", version="2.1.1"),
    )


async def ask_through_relays(
    servers: Mapping[str, ElectrumX], tls: Path
) -> dict[tuple[str, Transport, str], list[Dialogue]]:
    """Return the answers by version, transport and lie; ``tls`` is an empty folder for what the relays show."""
    certificate = next(iter(servers.values())).certificate
    (tls / "cert.pem").write_bytes(certificate.pem)
    (tls / "key.pem").write_bytes(certificate.key_pem)
    async with AsyncExitStack() as relays:
        endpoints = {}
        for version, server in servers.items():
            for transport in RAW_TRANSPORTS:
                for lie in lies_about(version):
                    forgery = Forgery(truth=f"ElectrumX {version}".encode(), lie=lie.text.encode())
                    relay = lying_relay(server, transport, forgery, tls)
                    endpoints[await relays.enter_async_context(relay)] = (version, transport, lie.text)
        answered = await ask_all(endpoints, DECISIVE)
    return {who: answered[endpoint] for endpoint, who in endpoints.items()}
