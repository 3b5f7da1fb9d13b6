"""The counts that a campaign is sealed with."""

from collections import Counter
from collections.abc import Sequence

from electrum_observatory.bitcoin.genesis import GenesisState
from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.scanner.hearsay import chain_of
from electrum_observatory.scanner.probes.connection import PROBE_ID as CONNECTION
from electrum_observatory.scanner.probes.server_version import ServerVersionProbe

_COUNTED_BY_KIND = (
    FailureKind.NEEDS_TOR,
    FailureKind.NOT_IN_OVERLAY,
    FailureKind.TOO_SOON,
    FailureKind.BACKED_OFF,
    FailureKind.OTHER_NAMES_FAILED,
)
"""Admission counts its own refusals, by reason."""


class Tally:
    """Counts endpoints by what came of them.

    Attributes:
        counts: endpoints (with an outcome), dialled, connected, answered, verified, wrong_network, unresolved,
            failed_<kind> (of the dial or the handshake), refused_<kind> (by the dialler, or for the sake of peace).
    """

    def __init__(self, network: Network) -> None:
        self.counts: Counter[str] = Counter()
        self._network = network

    def add(self, observations: Sequence[Observation]) -> None:
        """Count the final observations of one endpoint."""
        self.counts["endpoints"] += 1
        dial = next((one.attempt for one in observations if one.probe == CONNECTION), None)
        if dial is None:
            return
        if dial.failure is not None and dial.failure.stage is Stage.RESOLVE:
            self.counts["unresolved"] += 1
            self.counts[f"failed_{dial.failure.kind}"] += 1
        elif dial.failure is not None and dial.failure.stage is Stage.POLICY:
            self.counts["refused"] += 1
            if dial.failure.kind in _COUNTED_BY_KIND:
                self.counts[f"refused_{dial.failure.kind}"] += 1
        else:
            self._dialled(observations)

    def _dialled(self, observations: Sequence[Observation]) -> None:
        self.counts["dialled"] += 1
        for probe in (CONNECTION, ServerVersionProbe.id):
            attempt = next((one.attempt for one in observations if one.probe == probe), None)
            if attempt is None or attempt.failure is not None:
                if attempt is not None and attempt.failure is not None:
                    self.counts[f"failed_{attempt.failure.kind}"] += 1
                self.counts["failed"] += 1
                return
            self.counts["connected" if probe == CONNECTION else "answered"] += 1
        chain = chain_of(observations, self._network)
        if chain is GenesisState.VERIFIED:
            self.counts["verified"] += 1
        elif chain is GenesisState.OTHER:
            self.counts["wrong_network"] += 1
