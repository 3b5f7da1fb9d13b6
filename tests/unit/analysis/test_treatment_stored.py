"""From stored connections to pairs: who is held against whom, and what counts as an answer."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from electrum_observatory.analysis.differential import Arm
from electrum_observatory.analysis.treatment_stored import EndpointTreatment, treatment_of
from electrum_observatory.analysis.treatment_tables import Standing
from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.observation import Observation, Witness, WitnessKind
from electrum_observatory.report.treatment_words import treatment_words
from tests.factories import make_campaign, make_endpoint, make_observation

ROUNDS = 24
HONEST: Mapping[str, Any] = {
    "server.version": ["a", "1.4"],
    "fee.2": 0.0002,
    "fee.25": 0.0001,
    "history.p2pkh": [{"tx_hash": "aa", "height": 5}],
    "history.p2wpkh": [{"tx_hash": "bb", "height": 6}],
    "history.p2tr": [{"tx_hash": "cc", "height": 7}],
}
CLOSED = "closed the connection"
REFUSED = {"code": -101, "message": "excessive resource usage"}


class Store:
    """Answers what the analysis asks of a store."""

    def __init__(self, *observations: Observation) -> None:
        self.seen = observations

    def campaign(self, which: str) -> Any:
        campaign = replace(make_campaign(), config={"treatment": 2})
        return type("Stored", (), {"campaign": campaign})

    def observations(self, campaign_id: str, probes: Collection[str] | None = None) -> Iterator[Observation]:
        return (one for one in self.seen if probes is None or one.probe in probes)

    def hosts(self, campaign_id: str) -> Mapping[str, Sequence[int]]:
        return {one.endpoint.host: (place,) for place, one in enumerate(self.seen)}

    def observations_of(self, campaign_id: str, endpoints: Sequence[int]) -> Iterator[Observation]:
        hosts = {self.seen[place].endpoint.host for place in endpoints}
        return (one for one in self.seen if one.endpoint.host in hosts)


def said(host: str, number: int, arm: str, **told: Any) -> Observation:
    answers = HONEST | {name.replace("_", "."): value for name, value in told.items()}
    exchanges, witnesses = [], []
    for place, (name, value) in enumerate(answers.items()):
        member = "error" if value == REFUSED else "result"
        line = json.dumps({"jsonrpc": "2.0", member: value, "id": place}).encode() + b"\n"
        lines = [f"{place}.0"] if value not in (None, CLOSED) else []
        exchanges.append(
            {
                "name": f"treatment.{name}",
                "sent": "",
                "sent_base64": False,
                "lines": lines,
                "after_ms": [9.0],
                "closed": value == CLOSED or None,
            }
        )
        witnesses += [Witness(kind=WitnessKind.REPLY, label=label, data=line) for label in lines]
    result = {
        "visit": 2 * number + 1,
        "connection": 0,
        "place": 0,
        "exchanges": exchanges,
        "arm": arm,
        "batch": number // 12,
        "round": number,
    }
    return make_observation(
        endpoint=make_endpoint(host=host, address=host),
        probe="treatment",
        attempt=Attempt.completed(result),
        witnesses=tuple(witnesses),
        started_at_us=1_700_000_000_000_000 + number * 1_200_000_000,
    )


def server(host: str, *, rounds: int = ROUNDS, **by_arm: Mapping[str, Any]) -> list[Observation]:
    arms = ("wallet", "bare_client", "after_burst")
    return [said(host, number, arm, **by_arm.get(arm, {})) for number in range(rounds) for arm in arms]


def treatments(*observations: Observation) -> dict[str, EndpointTreatment]:
    found = treatment_of(Store(*observations), "latest")  # type: ignore[arg-type]
    hosts = {one.endpoint.endpoint_id: one.endpoint.host for one in observations}
    return {hosts[endpoint]: one for endpoint, one in found.items()}


def differ(one: EndpointTreatment) -> set[tuple[str, Arm, bool | None]]:
    return {(row.question, row.arm, row.worse) for row in one.treated.differences}


def test_a_fee_that_only_wallets_are_told_shows_beside_others_and_alone() -> None:
    liar = server("5.9.0.1", wallet={"fee_2": 0.0004}, after_burst={"fee_2": 0.0004})
    honest = server("5.9.0.2") + server("5.9.0.3")

    beside, alone = treatments(*liar, *honest), treatments(*liar)

    for found in (beside, alone):
        assert differ(found["5.9.0.1"]) == {("fee.2", Arm.BARE_CLIENT, False)}
    assert beside["5.9.0.2"].treated.standing is beside["5.9.0.3"].treated.standing is Standing.ALIKE
    assert (beside["5.9.0.1"].others, alone["5.9.0.1"].others) == (2, 0)
    assert any("Too few other servers" in words for words in treatment_words(alone["5.9.0.1"]))


@pytest.mark.parametrize("odd", [-1, float("nan")])
def test_a_fee_that_is_kept_from_wallets_shows_and_one_that_nobody_is_told_does_not(odd: Any) -> None:
    others = server("5.9.0.2") + server("5.9.0.3")
    kept = server("5.9.0.1", wallet={"fee_2": odd}, after_burst={"fee_2": odd})
    from_all = server("5.9.0.1", wallet={"fee_2": odd}, after_burst={"fee_2": odd}, bare_client={"fee_2": odd})

    assert differ(treatments(*kept, *others)["5.9.0.1"]) == {("fee.2", Arm.BARE_CLIENT, False)}
    for honest in (treatments(*from_all, *others), treatments(*from_all)):
        assert honest["5.9.0.1"].treated.standing is Standing.ALIKE


def test_a_kind_of_address_that_is_refused_shows_unless_the_others_refuse_it_alike() -> None:
    taproot = {arm: {"history_p2tr": REFUSED} for arm in ("wallet", "bare_client", "after_burst")}
    honest = server("5.9.0.2") + server("5.9.0.3")

    assert differ(treatments(*server("5.9.0.1", **taproot), *honest)["5.9.0.1"]) == {
        ("history.p2tr", Arm.ADDRESS_KIND, True)
    }
    everybody = [one for number in (1, 2, 3) for one in server(f"5.9.0.{number}", **taproot)]
    assert {one.treated.standing for one in treatments(*everybody).values()} == {Standing.ALIKE}


def test_a_history_that_always_differs_is_no_matter_of_treatment() -> None:
    other = {arm: {"history_p2tr": []} for arm in ("wallet", "bare_client", "after_burst")}

    found = treatments(*server("5.9.0.1", **other), *server("5.9.0.2"), *server("5.9.0.3"))

    assert found["5.9.0.1"].treated.standing is Standing.ALIKE


def test_silence_after_a_burst_shows_and_a_refused_handshake_makes_no_pairs() -> None:
    silent = {"after_burst": {"history_p2wpkh": None, "history_p2tr": None}}
    closed = {"wallet": {"server_version": REFUSED, "fee_2": REFUSED}}

    found = treatments(*server("5.9.0.1", **silent), *server("5.9.0.2", **closed), *server("5.9.0.3"))

    assert differ(found["5.9.0.1"]) == {
        ("history.p2wpkh", Arm.AFTER_BURST, True),
        ("history.p2tr", Arm.AFTER_BURST, True),
    }
    assert found["5.9.0.2"].treated.tables == ()
    assert found["5.9.0.2"].treated.standing is Standing.INSUFFICIENT


def test_a_program_that_closes_on_what_wallets_ask_first_treats_nobody_differently() -> None:
    esplora = {arm: {"server_features": None, "fee_2": CLOSED} for arm in ("wallet", "after_burst")}
    impatient = {"wallet": {"server_features": {}, "fee_2": CLOSED}}

    found = treatments(*server("5.9.0.1", **esplora), *server("5.9.0.2", **impatient), *server("5.9.0.3"))

    assert found["5.9.0.1"].treated.tables == ()
    assert differ(found["5.9.0.2"]) >= {("fee.2", Arm.BARE_CLIENT, False)}, "it closed on the question itself"


def test_half_a_study_is_insufficient_however_great_the_difference() -> None:
    liar = server("5.9.0.1", rounds=12, wallet={"fee_2": 0.0004})

    found = treatments(*liar)["5.9.0.1"]

    assert differ(found) == set()
    assert found.treated.standing is Standing.INSUFFICIENT
    assert "6 more pairs" in treatment_words(found)[0]
