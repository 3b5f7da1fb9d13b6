"""The rebuilt conversation asks what the scanner asks: two rooms that may not import each other stay equal."""

from electrum_observatory.datasets.dialogues.routine import ROUTINE
from electrum_observatory.scanner.probes.base import PipelinedProbe
from electrum_observatory.scanner.probes.latency import LatencyProbe
from electrum_observatory.scanner.probes.registry import all_probes


def test_every_question_of_one_breath_is_rebuilt_as_it_is_asked() -> None:
    asked = {probe.id: probe for probe in all_probes() if isinstance(probe, PipelinedProbe)}

    assert asked.keys() | {LatencyProbe.id} == ROUTINE.keys()
    for probe in asked.values():
        rebuilt = ROUTINE[probe.id]
        assert (rebuilt.first_id, rebuilt.method) == (probe.first_id, probe.method)
        assert [list(one) for one in rebuilt.params or ((),)] == [list(one) for one in probe.params]
    assert ROUTINE[LatencyProbe.id].first_id == LatencyProbe.first_id
