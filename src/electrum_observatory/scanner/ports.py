"""The borders of the scanner that ``net`` stands behind, and those through which people watch."""

from typing import Protocol

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.net.connection import Connection


class Dialing(Protocol):
    """Opens connections; ``net.dial.Dialer`` does."""

    async def connect(self, endpoint: Endpoint) -> Connection:
        """Dial the endpoint's checked address. Raises VisitError and nothing else."""
