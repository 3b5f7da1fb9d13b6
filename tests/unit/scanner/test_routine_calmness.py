"""Routine visits provoke no error from any known program: every personality of the lab, the default profile."""

import pytest

from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.model.attempt import AttemptStatus
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.lab_server import LabDialer, lab_server
from tests.unit.scanner.virtual_time import run_virtually

REFUSES_RANGES = {"electrs_romanz_0_9_0", "electrs_romanz_0_9_12"}
"""electrs before 0.9.14 answers any range of versions by an error (field reference, T28). A range is the first
message, before anything is known of the server; then one version is offered. It is the only error, and the only way
to learn the highest version of everybody else."""
CLOSES_ON_RANGES = {"eps"}
"""EPS ends the connection on a range, and is visited once more with one version."""


@pytest.mark.parametrize("personality", PERSONALITIES)
def test_a_default_visit_provokes_no_error(personality: str) -> None:
    dialer = LabDialer({("5.9.1.2", 50001): lab_server(personality)})
    scan = Scan({}, targets=["5.9.1.2:50001:t"], dialer=dialer, depth=0)

    outcome = run_virtually(scan.run())

    assert outcome.counts["answered"] == 1
    errors = [line for connection in dialer.connections for line in connection.errors]
    assert len(errors) == outcome.counts["error_replies"] == (personality in REFUSES_RANGES), errors
    assert len(dialer.connections) == 1 + (personality in CLOSES_ON_RANGES)
    assert len(dialer.connections[-1].sent) >= 11, "spared questions are few"
    failed = [one.probe for one in scan.sink.observations if one.attempt.status is AttemptStatus.FAILED]
    assert failed == []
