"""The borders of the scanner that ``net`` stands behind, and those through which people watch."""

from typing import Protocol

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.net.connection import Connection


class Dialing(Protocol):
    """Opens connections; ``net.dial.Dialer`` does."""

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> Connection:
        """Open one connection to the endpoint's checked address. Raises VisitError and nothing else.

        ``legacy_tls`` allows old versions and weak ciphers: for an endpoint whose handshake failed without.
        """
