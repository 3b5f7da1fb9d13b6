from electrum_observatory.scanner.probes.fee_estimates import TARGETS, FeeEstimatesProbe
from tests.unit.scanner.harness import Put
from tests.unit.scanner.scripted import error_reply, reply


def test_all_targets_are_asked_together_and_answers_may_come_in_any_order() -> None:
    held: list[bytes] = []

    def backwards(message):
        held.insert(0, reply(message["id"], message["params"][0] / 1e6))
        return held if len(held) == len(TARGETS) else []

    put = Put(FeeEstimatesProbe(), backwards)

    assert [one.target for one in put.result.estimates] == list(TARGETS)
    assert [one.btc_per_kvb for one in put.result.estimates] == [target / 1e6 for target in TARGETS]
    assert [witness.label for witness in put.witnesses] == ["110", "111", "112", "113", "114"]


def test_minus_one_means_that_there_is_no_estimate() -> None:
    estimates = Put(FeeEstimatesProbe(), results={"blockchain.estimatefee": -1}).result.estimates

    assert {(one.btc_per_kvb, one.text, one.error) for one in estimates} == {(None, "-1", None)}


def test_one_error_among_the_targets_is_one_estimate_with_an_error() -> None:
    def answer(message):
        target = message["params"][0]
        words = f"cannot estimate fee for {target} blocks"
        return [error_reply(message["id"], -32603, words) if target == 144 else reply(message["id"], 1e-05)]

    estimates = Put(FeeEstimatesProbe(), answer).result.estimates

    assert [one.error is None for one in estimates] == [True, True, True, True, False]
    assert estimates[-1].error.message == "cannot estimate fee for 144 blocks"
