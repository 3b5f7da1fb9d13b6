"""Where one name after the other failed in this campaign, and the next is not tried.

Whoever owns a domain has as many names as he likes for an address that is not his. The machine behind it would see them
all, one dial after the other, though the first few have shown that no server is at home.
"""

from collections.abc import Sequence

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.observation import Observation
from electrum_observatory.scanner.probes.connection import PROBE_ID as CONNECTION
from electrum_observatory.scanner.probes.server_version import ServerVersionProbe
from electrum_observatory.scanner.streaks import Streaks


class DeadEnds:
    """Counts names in a row that failed to be dialled, or to answer the handshake."""

    def __init__(self, *, names: int) -> None:
        """Take how many may fail: the second and third are there for bad luck."""
        self._names = names
        self._streaks = Streaks()

    def note(self, endpoint: Endpoint, observations: Sequence[Observation]) -> None:
        """Take what came of a name, its second try included."""
        attempts = [one.attempt for one in observations if one.probe in (CONNECTION, ServerVersionProbe.id)]
        if attempts:
            self._streaks.note(endpoint, next((one.failure for one in attempts if one.failure is not None), None))

    def words_against(self, endpoint: Endpoint) -> str | None:
        """Return why an endpoint is not dialled, or None."""
        failures = max((one.failures for one in self._streaks.at(endpoint)), default=0)
        if failures < self._names:
            return None
        return f"{failures} other names of this address and port failed in this campaign"
