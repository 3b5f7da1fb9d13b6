"""Arms ask the same questions in their own ways, in orders drawn from the chance that is passed in."""

import json
import random

from electrum_observatory.scanner.arms import AFTER_BURST, ARMS, BARE_CLIENT, WALLET, Arm, ArmSteps, Question, round_of

QUESTIONS = tuple(
    Question(name=f"fee {target}", method="blockchain.estimatefee", params=(target,)) for target in (2, 6, 25)
)
SCRIPTS = tuple(f"{number:064x}" for number in range(30))


def a_round(seed: int = 1) -> dict[str, ArmSteps]:
    found = round_of(QUESTIONS, rng=random.Random(seed), client_name="observatory/1.0", burst_scripts=SCRIPTS)
    return {one.arm.id: one for one in found}


def sent(steps: ArmSteps) -> list[dict[str, object]]:
    return [json.loads(step.line) for step in steps.all]


def test_every_arm_puts_every_question_once_and_its_handshake_first() -> None:
    for arm in a_round().values():
        assert sorted(step.name for step in arm.questions) == sorted(question.name for question in QUESTIONS)
        assert sent(arm)[0]["method"] == "server.version"
        assert [line["id"] for line in sent(arm)] == list(range(len(arm.all)))


def test_names_and_versions_are_those_of_the_arm() -> None:
    handshakes = {arm: sent(steps)[0]["params"] for arm, steps in a_round().items()}

    assert handshakes == {
        "wallet": ["electrum/4.8.1", ["1.4", "1.6"]],
        "bare_client": ["observatory/1.0", "1.4"],
        "after_burst": ["electrum/4.8.1", ["1.4", "1.6"]],
    }


def test_a_wallet_writes_as_electrum_does() -> None:
    wallet = a_round()["wallet"]
    lines = [step.line for step in wallet.all]

    assert {len(line) for line in lines} == {1024}
    assert lines[0].startswith(
        b'{"jsonrpc":"2.0","method":"server.version","id":0,"params":["electrum/4.8.1",["1.4","1.6"]]'
    )
    assert lines[1].startswith(b'{"jsonrpc":"2.0","method":"server.features","id":1    ')


def test_only_the_burst_arm_asks_for_twenty_scripts_beforehand() -> None:
    bursts = {arm: len(steps.burst) for arm, steps in a_round().items()}

    assert bursts == {"wallet": 0, "bare_client": 0, "after_burst": 20}


def test_a_round_stays_within_the_budget_of_a_visit_each() -> None:
    assert all(len(steps.all) <= 40 for steps in a_round().values())


def test_orders_come_from_the_chance_that_is_passed_in() -> None:
    def orders(seed: int) -> list[tuple[Arm, list[str]]]:
        found = round_of(QUESTIONS, rng=random.Random(seed), client_name="x")
        return [(one.arm, [step.name for step in one.questions]) for one in found]

    assert orders(5) == orders(5)
    assert len({str(orders(seed)) for seed in range(10)}) > 5
    assert {arm for arm, _ in orders(5)} == set(ARMS) == {WALLET, BARE_CLIENT, AFTER_BURST}
