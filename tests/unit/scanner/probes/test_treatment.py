"""One arm of one round on a connection of its own."""

import json
from collections.abc import Sequence

import msgspec

from electrum_observatory.scanner.probes.treatment import TreatmentProbe, TreatmentResult, arms_put
from electrum_observatory.scanner.treatment import treatment_visits
from tests.unit.scanner.battery_harness import MAINNET, Called

VISITS = treatment_visits("tcp://a", MAINNET, batches=2, rounds=1, first_number=1)
ARMS = {
    probe.said.arm.id: probe
    for visit in VISITS
    for probe in visit.probes
    if isinstance(probe, TreatmentProbe) and probe.batch == 1
}


def answering(line: bytes) -> Sequence[bytes]:
    request = json.loads(line)
    result = ["ElectrumX 1.20.0", "1.6"] if request["method"] == "server.version" else 0.0001
    return [json.dumps({"jsonrpc": "2.0", "result": result, "id": request["id"]}).encode() + b"\n"]


def silent_to_scripts(line: bytes) -> Sequence[bytes]:
    return [] if b"get_history" in line else answering(line)


def test_every_arm_says_all_of_it_and_tells_which_it_was() -> None:
    for arm, probe in ARMS.items():
        called = Called(probe, script=answering)
        attempt = called.by_probe["treatment"].attempt

        assert called.sent == [step.line for step in probe.said.all]
        result = msgspec.convert({**(attempt.result or {})}, TreatmentResult)
        assert (result.arm, result.batch, result.round, result.order) == (arm, 1, 1, probe.order)
        assert result.stopped is None
        assert all(len(one.lines) == 1 for one in result.exchanges)
        assert {one.name for one in result.exchanges if ".fee." in one.name} == {"treatment.fee.2", "treatment.fee.25"}


def test_what_was_put_is_known_again_from_what_is_stored() -> None:
    put = [Called(probe, script=answering).by_probe["treatment"] for probe in ARMS.values()]

    assert arms_put(put) == {put[0].endpoint.endpoint_id: frozenset(probe.key for probe in ARMS.values())}


def test_a_server_that_leaves_questions_unanswered_is_sent_no_more_than_a_visit_allows() -> None:
    called = Called(ARMS["after_burst"], script=silent_to_scripts)

    assert len(called.sent) == ARMS["after_burst"].cost.requests + 3, "a ping after each"
    unanswered = [name for name, lines in called.lines(ARMS["after_burst"]) if not lines]
    assert len(unanswered) == 3
    assert all(".history." in name for name in unanswered)


def test_each_question_is_put_after_the_reply_to_the_one_before() -> None:
    settled = {arm: [step.settle for step in probe.said.all] for arm, probe in ARMS.items()}

    assert settled["bare_client"] == [True] * 6
    assert settled["wallet"] == [True] + [False] * 8 + [True] * 5
    assert settled["after_burst"] == [True] + [False] * 28 + [True] * 5
