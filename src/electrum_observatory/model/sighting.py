"""A sighting: somebody said that a server exists. Hearsay until a handshake confirms it."""

from dataclasses import dataclass

from electrum_observatory.model.endpoint import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One statement that (host, port, transport) is an Electrum server.

    Attributes:
        host: Canonical host as advertised.
        port: As advertised, or the network's known port where the teller gave none (see ``assumed_port``).
        transport: As advertised.
        source: Stable id of the discovery source ("bundled_list", "peers_subscribe", …).
        told_by: Endpoint id of the server that said so; None for lists.
        address_claimed: The address the teller gave beside the name, unchecked; None where it gave none.
        protocol_claimed: The protocol version the teller gave ("1.4.2"), stale by hours or days; None where none.
        assumed_port: True where the port is the network's default because none was advertised.
        seen_at_us: When it was said; UTC microseconds; None where an import does not know.
    """

    host: str
    port: int
    transport: Transport
    source: str
    told_by: str | None = None
    address_claimed: str | None = None
    protocol_claimed: str | None = None
    assumed_port: bool = False
    seen_at_us: int | None = None
