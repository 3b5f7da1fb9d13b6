"""Every probe, at every version, over every transport: what it says is what the node says and what was configured."""

import pytest

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import WitnessKind
from electrum_observatory.scanner.probes.registry import PROBE_IDS
from tests.servers.certificates import VALID_FROM, VALID_TO
from tests.servers.electrumx import REPORTED_HOST, SSL_PORT, TCP_PORT
from tests.servers.litecoin_node import FEE_RATES_SAT_VB, LitecoinNode
from tests.servers.visits import FinishedVisit, name_of

INTERNAL_ERROR = -32603
HIGHEST_TO_1_6 = {
    "1.15.0": "1.4.2",
    "1.16.0": "1.4.2",
    "1.17.0": "1.4.3",
    "1.18.0": "1.4.3",
    "1.19.0": "1.6",
    "1.20.0": "1.6",
    "2.0.0": "1.6",
}
"""What each version settles on when offered 1.4–1.6."""
HIGHEST = HIGHEST_TO_1_6 | {"1.19.0": "1.6.0", "1.20.0": "1.6.0", "2.0.0": "1.7.0"}
"""What each version says it speaks at most, in three parts as ElectrumX writes it (its ``PROTOCOL_MAX``)."""


def has_protocol_1_6(visit: FinishedVisit) -> bool:
    return not visit.plain and HIGHEST_TO_1_6[visit.server.version] == "1.6"


def not_asked_of(visit: FinishedVisit) -> str:
    """The question whose method the negotiated protocol is known to lack: asking it would cost the server an error."""
    return "relay_fee" if has_protocol_1_6(visit) else "mempool_info"


def test_every_probe_completes_where_it_applies(visit: FinishedVisit) -> None:
    outcomes = {probe: one.attempt.status for probe, one in visit.observations.items()}

    inapplicable = {not_asked_of(visit)} | (set() if visit.transport is Transport.SSL else {"tls_certificate"})
    assert set(outcomes) == {"connection", *PROBE_IDS}
    assert {probe for probe, status in outcomes.items() if status is AttemptStatus.NOT_APPLICABLE} == inapplicable
    assert AttemptStatus.FAILED not in outcomes.values()


def test_every_answer_keeps_its_bytes(visit: FinishedVisit) -> None:
    silent = {"connection", "tls_certificate", "reverse_dns", not_asked_of(visit)}

    bare = [probe for probe, one in visit.observations.items() if probe not in silent and not one.witnesses]

    assert bare == []


def test_connection_tells_the_handshakes_that_were_made(visit: FinishedVisit) -> None:
    result = visit.result("connection")

    assert result["connect_ms"] > 0
    assert (result["tls_version"] == "TLSv1.3") is (visit.transport is Transport.SSL)
    assert (result["websocket_ms"] is not None) is (visit.transport is Transport.WS)
    assert not result["tls_legacy"]
    assert result["via_proxy"] is False


def test_server_version_is_the_program_that_runs(visit: FinishedVisit) -> None:
    result = visit.result("server_version")

    assert result["software"] == f"ElectrumX {visit.server.version}"
    assert result["protocol"] == ("1.4" if visit.plain else HIGHEST_TO_1_6[visit.server.version])
    assert result["offered"] == (["1.4"] if visit.plain else ["1.4", "1.6"])
    assert result["error"] is None


def test_chain_tip_is_the_nodes(visit: FinishedVisit, node: LitecoinNode) -> None:
    result = visit.result("chain_tip")

    best = node.rpc("getbestblockhash")
    header = node.rpc("getblockheader", best)
    assert result["height"] == node.rpc("getblockcount")
    assert result["block_hash"] == best
    assert result["header_hex"] == node.rpc("getblockheader", best, False)
    assert result["previous_hash"] == header["previousblockhash"]
    assert result["timestamp"] == header["time"]


def test_genesis_is_the_nodes(visit: FinishedVisit, node: LitecoinNode) -> None:
    assert visit.result("genesis")["block_hash"] == node.rpc("getblockhash", 0)


def test_features_are_what_was_configured(visit: FinishedVisit, node: LitecoinNode) -> None:
    result = visit.result("features")

    ports = {"tcp_port": TCP_PORT, "ssl_port": SSL_PORT}
    services = [f"tcp://{REPORTED_HOST}:{TCP_PORT}", f"ssl://{REPORTED_HOST}:{SSL_PORT}"]
    assert result["genesis_hash"] == node.rpc("getblockhash", 0)
    assert result["server_version"] == f"ElectrumX {visit.server.version}"
    assert result["protocol_min"] == "1.4"
    assert result["protocol_max"] == HIGHEST[visit.server.version]
    assert result["hash_function"] == "sha256"
    assert result["hosts"] == ({REPORTED_HOST: ports} if visit.server.reported else {})
    assert result["services"] == (services if visit.server.reported else [])
    assert result["pruning"] is None


def test_banner_is_what_was_configured(visit: FinishedVisit) -> None:
    assert visit.result("banner") == {"text": visit.server.banner, "error": None}


def test_donation_address_is_what_was_configured(visit: FinishedVisit) -> None:
    assert visit.result("donation_address") == {"address": visit.server.donation_address, "error": None}


def test_a_server_without_peer_discovery_names_no_peers(visit: FinishedVisit) -> None:
    assert visit.result("peers") == {"peers": [], "rows": 0, "malformed": 0, "error": None}


def test_relay_fee_is_the_nodes_below_protocol_1_6_and_not_asked_from_there(
    visit: FinishedVisit, node: LitecoinNode
) -> None:
    if not has_protocol_1_6(visit):
        result = visit.result("relay_fee")
        assert result["btc_per_kvb"] == node.rpc("getnetworkinfo")["relayfee"]
        assert result["error"] is None


def test_mempool_info_is_asked_from_protocol_1_6_on(visit: FinishedVisit) -> None:
    # This node tells no incrementalrelayfee, over which ElectrumX ≥ 1.19 stumbles once 1.6 is negotiated.
    if has_protocol_1_6(visit):
        result = visit.result("mempool_info")
        assert result["fields"] is None
        assert result["error"]["code"] == INTERNAL_ERROR


def test_fee_estimates_are_null_where_the_node_has_none(visit: FinishedVisit, node: LitecoinNode) -> None:
    estimates = visit.result("fee_estimates")["estimates"]

    assert [estimate["target"] for estimate in estimates] == [2, 6, 12, 25, 144]
    for estimate in estimates:
        assert "feerate" not in node.rpc("estimatesmartfee", estimate["target"])
        assert (estimate["btc_per_kvb"], estimate["text"], estimate["error"]) == (None, "-1", None)


def test_fee_histogram_counts_what_the_nodes_mempool_holds(visit: FinishedVisit, node: LitecoinNode) -> None:
    result = visit.result("fee_histogram")

    # Above each rate a bin names lies as much as the node has at that rate or more; ElectrumX < 1.19 reckons each
    # transaction a few bytes smaller.
    sizes = {rate: node.rpc("getmempoolinfo")["bytes"] / len(FEE_RATES_SAT_VB) for rate in FEE_RATES_SAT_VB}
    above = 0
    assert result["bins"]
    for rate, size in result["bins"]:
        above += size
        assert above == pytest.approx(sum(size for paid, size in sizes.items() if paid >= rate), rel=1e-3)
    assert result["total_vsize"] == above
    assert [float(text) for text in result["texts"]] == [rate for rate, _ in result["bins"]]


def test_pings_follow_each_other_and_take_no_longer_than_the_probe(visit: FinishedVisit) -> None:
    observation, result = visit.observations["latency"], visit.result("latency")

    shortest, median, _ = sorted(result["pings_ms"])
    assert (result["min_ms"], result["median_ms"]) == (shortest, median)
    assert shortest > 0
    # The pings follow each other within the probe, whose time is told in whole microseconds.
    assert sum(result["pings_ms"]) * 1000 < observation.duration_us + 1


def test_certificate_is_the_one_that_was_configured(visit: FinishedVisit) -> None:
    if visit.transport is not Transport.SSL:
        assert visit.observations["tls_certificate"].witnesses == ()
        return
    observation, result = visit.observations["tls_certificate"], visit.result("tls_certificate")

    certificate = visit.server.certificate
    assert [(one.kind, one.data) for one in observation.witnesses] == [(WitnessKind.CERTIFICATE, certificate.der)]
    assert result["sha256"] == visit.server.certificate_sha256
    assert result["chain_sha256"] == [visit.server.certificate_sha256]
    assert result["subject_cn"] == result["issuer_cn"] == certificate.common_name
    assert result["san_dns"] == [certificate.common_name]
    assert (result["valid_from"], result["valid_to"]) == (
        VALID_FROM.strftime("%Y-%m-%dT%H:%M:%SZ"),
        VALID_TO.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    assert result["self_signed"] is True
    assert (result["key_type"], result["curve"]) == ("ec", "secp256r1")
    assert (result["warnings"], result["legacy"]) == ([], False)


def test_reverse_dns_confirms_the_name(visit: FinishedVisit) -> None:
    name = name_of(visit.server)

    assert visit.result("reverse_dns") == {"names": [name], "forward_confirmed": [name]}
