"""Whole visits to recorded real servers: their own bytes, their own delays, only the request ids put in."""

import json
import lzma
import re
from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.observation import Observation
from electrum_observatory.protocol.dialect import unpad
from tests.unit.scanner.scripted import Answer, Pause
from tests.unit.scanner.visiting import Visited

SERVERS = {"ex116": "1.4.2", "ex118": "1.4.3", "ex120": "1.6", "fulc": "1.6"}
_ID = re.compile(rb'"id":( ?)7')


def recorded_server(path: Path) -> Answer:
    """Answer each method as the recording does after a handshake with the highest version."""
    replies: dict[str, tuple[float, bytes]] = {}
    with lzma.open(path, "rt") as lines:
        for line in lines:
            probe = json.loads(line)
            if probe["probe"] == "hs-range-1.4-1.6":
                (ms, text), *_ = probe["steps"][0]["recv"]
                replies["server.version"] = (
                    ms,
                    text.encode("latin-1").replace(b'"id": 0', b'"id": 7').replace(b'"id":0', b'"id":7'),
                )
            elif probe["pre"] is not None and probe["probe"].startswith("[max]"):
                step = probe["steps"][1]
                if step["recv"]:
                    ms, text = step["recv"][0]
                    replies.setdefault(probe["probe"].removeprefix("[max] "), (ms, text.encode("latin-1")))

    def answer(message: dict[str, Any]) -> list[Any]:
        method, params = message["method"], message["params"]
        by_params = f"{method}:{json.dumps(params)}"
        ms, line = replies.get(by_params) or replies.get(method) or replies[f"{method}:[2]"]
        return [Pause(ms / 1000), _ID.sub(rb'"id":\g<1>%d' % message["id"], line, count=1)]

    return answer


@pytest.fixture(scope="module", params=SERVERS)
def visit(request: pytest.FixtureRequest, shared: Path) -> tuple[str, dict[str, Observation]]:
    path = shared / f"transcripts/{request.param}-ltc-t.jsonl.xz"
    return request.param, Visited(recorded_server(path)).by_probe


def test_every_question_to_a_real_program_completes(visit) -> None:
    _, by_probe = visit

    outcomes = {probe: one.attempt.failure for probe, one in by_probe.items() if one.attempt.failure is not None}
    assert outcomes == {}
    completed = sum(one.attempt.status is AttemptStatus.COMPLETED for one in by_probe.values())
    assert completed == 13, "all but the certificate, on plain TCP, and the relay fee or the mempool's limits"


def test_the_negotiated_version_is_that_of_the_program(visit) -> None:
    server, by_probe = visit

    result = by_probe["server_version"].attempt.result
    assert result["protocol"] == SERVERS[server]
    assert result["software"].startswith("Fulcrum" if server == "fulc" else "ElectrumX")
    assert not result["retried_plain"]


def test_all_programs_tell_the_same_chain(visit) -> None:
    _, by_probe = visit

    assert by_probe["chain_tip"].attempt.result["height"] == 148
    genesis = NETWORKS["litecoin-regtest"].genesis_hash
    assert by_probe["genesis"].attempt.result["block_hash"] == genesis
    assert by_probe["features"].attempt.result["genesis_hash"] == genesis


def test_the_relay_fee_is_asked_below_1_6_and_the_mempool_from_there(visit) -> None:
    server, by_probe = visit
    relay_fee, mempool = by_probe["relay_fee"].attempt.result, by_probe["mempool_info"].attempt.result

    if SERVERS[server] == "1.6":
        assert relay_fee is None
        assert (mempool["fields"] is None) == (server == "ex120"), "its node named no incremental relay fee"
    else:
        assert mempool is None
        assert (relay_fee["btc_per_kvb"], relay_fee["text"]) == (1e-05, "1e-05")


def test_nothing_but_the_mempool_of_an_old_node_was_answered_by_an_error(visit) -> None:
    server, by_probe = visit

    results = {probe: one.attempt.result or {} for probe, one in by_probe.items()}
    errors = {probe: result["error"]["code"] for probe, result in results.items() if result.get("error")}
    assert errors == ({"mempool_info": -32603} if server == "ex120" else {})


def test_histograms_keep_the_cut_of_their_program(visit) -> None:
    server, by_probe = visit
    result = by_probe["fee_histogram"].attempt.result

    assert len(result["bins"]) == len(result["texts"]) > 3
    decimals = {"." in text for text in result["texts"]}
    assert decimals == {server != "fulc"}, "integer rates are Fulcrum's, one decimal is ElectrumX's"


def test_features_keep_the_order_of_their_program(visit) -> None:
    server, by_probe = visit
    keys = by_probe["features"].attempt.result["keys"]

    assert (keys == sorted(keys)) == (server == "fulc")
    assert ("services" in keys) == (server != "fulc")


def test_padding_and_terminators_survive_in_the_witnesses(visit) -> None:
    server, by_probe = visit
    line = by_probe["banner"].witnesses[0].data

    assert line.endswith(b"\r\n") == (server == "fulc")
    assert (unpad(line).pad_length > 0) == (server in ("ex118", "ex120"))


def test_pings_of_1_18_take_a_second_and_those_of_1_20_do_not(visit) -> None:
    server, by_probe = visit
    fastest = by_probe["latency"].attempt.result["min_ms"]

    assert (fastest > 500) == (server == "ex118")
