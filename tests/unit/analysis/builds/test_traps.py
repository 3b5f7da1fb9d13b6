"""The traps of the field reference (§9.c): innocent oddities that must raise nothing and exclude nobody.

What several servers have in common (T11, T12, T22) is told of builds here, and of nobody; that scanning itself avoids
them (ports of T4, closing TLS of T27) is the scanner's and the network's, and tested there, too.
"""

from dataclasses import replace
from typing import Any

import pytest

from electrum_observatory.analysis.builds.evidence import read_dialogue
from electrum_observatory.analysis.builds.fingerprint import fingerprint
from electrum_observatory.analysis.builds.identify import Identification, identify
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.datasets.dialogues import dialogues_by_endpoint
from electrum_observatory.model.dialogue import Dialogue, Line
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import WitnessKind
from tests.factories import make_endpoint, make_observation, make_witness
from tests.unit.analysis.builds.scripted import (
    ELECTRUMX,
    ELECTRUMX_PADDED,
    ELECTRUMX_SPACED,
    FULCRUM,
    RUST,
    error,
    exchange,
    hello,
    result,
    talk,
)

SCRIPTHASH = "ab" * 32
PING = ("server.ping", [], result(None))
MODERN = hello("ElectrumX 1.19.0", "1.6")
CHECKOUT = hello("ElectrumX 1.16.0", "1.4.2")
FULC = hello("Fulcrum 2.1.1", "1.6")
SMALL_BINS = [[12.5, 31_000], [9.0, 35_000], [4.1, 40_000]]


DAEMON_ERROR = error(
    2, "daemon error: DaemonError({'code': -8, 'message': 'Invalid conf_target, must be between 1 and 1008'})"
)
FEATURES = {
    "hosts": {},
    "pruning": None,
    "server_version": "ElectrumX 1.19.0",
    "protocol_min": "1.4",
    "protocol_max": "1.6.0",
    "genesis_hash": "00" * 32,
    "hash_function": "sha256",
    "services": [],
}


def padded(line: bytes) -> bytes:
    return line[:-1] + b" " * (1023 - len(line)) + line[-1:] + b"\n"


def readings(*dialogues: Dialogue) -> set[tuple[str, str]]:
    return {(one.aspect, one.value) for dialogue in dialogues for one in read_dialogue(dialogue).observations}


def kept(build: str, *dialogues: Dialogue) -> Identification:
    """Identify, and check that the true build remains and nothing is said against the server."""
    found = identify(dialogues)
    assert build in found.builds
    assert found.contradictions == ()
    assert found.implementation in (None, build.partition("-")[0])
    return found


def test_t1_and_t2_padding_and_late_replies_are_the_software() -> None:
    padded = talk(ELECTRUMX_PADDED, hello("ElectrumX 1.18.0", "1.4.3"), PING, PING, PING)
    late = replace(
        padded,
        exchanges=tuple(
            replace(one, lines=tuple(Line(data=line.data, after_ms=1003.0) for line in one.lines))
            for one in padded.exchanges
        ),
    )

    assert kept("electrumx-1.18.0", late) == kept("electrumx-1.18.0", padded)


def test_t3_truncated_and_empty_reads_say_nothing() -> None:
    whole = talk(FULCRUM, FULC)
    asked = b'{"jsonrpc":"2.0","id":1,"method":"no.such","params":[]}\n'
    for lines in ([], [b""], [b'{"error":{"code":-32601,"message":"Unsupp'], [b'"code":-32601}\r\n']):
        cut = replace(whole, exchanges=(*whole.exchanges, exchange("cut", asked, *lines)))

        assert readings(cut) == readings(whole)
        kept("fulcrum-2.1.1", whole, cut)


def test_t4_and_t8_what_else_answers_at_an_address_is_judged_apart() -> None:
    said = {
        50002: b'{"id":0,"jsonrpc":"2.0","result":["Fulcrum 2.1.1","1.6"]}\r\n',
        50001: b'{"jsonrpc":"2.0","result":["ElectrumX 1.16.0","1.4.2"],"id":0}\n',
    }
    visits = [
        make_observation(endpoint=make_endpoint(port=port), witnesses=[make_witness(label="0", data=line)])
        for port, line in [*said.items(), *said.items()]
    ]

    found = dialogues_by_endpoint(visits, client_name="obs/1.0")

    builds = {50002: "fulcrum-2.1.1", 50001: "electrumx-git-2022-01-28"}
    assert {endpoint.port for endpoint in found} == builds.keys()
    for endpoint, dialogues in found.items():
        assert not kept(builds[endpoint.port], *dialogues).several_backends


def test_t9_certificates_say_nothing_about_software() -> None:
    shaken = make_observation(
        witnesses=[make_witness(label="0", data=b'{"id":0,"jsonrpc":"2.0","result":["Fulcrum 2.1.1","1.6"]}\r\n')]
    )
    certificate = make_witness(kind=WitnessKind.CERTIFICATE, label="", data=b'{"self":"signed"}\n')
    shown = [make_observation("certificate", {"self_signed": True}, witnesses=[certificate])]

    (alone,) = dialogues_by_endpoint([shaken], client_name="obs/1.0").values()
    (beside,) = dialogues_by_endpoint([shaken, *shown], client_name="obs/1.0").values()

    assert readings(*beside) == readings(*alone)
    kept("fulcrum-2.1.1", *beside)


@pytest.mark.parametrize("method", ["get_balance", "get_history"])
def test_t5_missing_address_methods_are_normal(method: str) -> None:
    name = f"blockchain.address.{method}"
    asked = (name, ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"])

    kept("electrumx-1.19.0", talk(ELECTRUMX_PADDED, MODERN, (*asked, error(-32601, f'unknown method "{name}"'))))
    words = "blockchain.address.* methods are only available on BCH"
    kept("fulcrum-2.1.1", talk(FULCRUM, FULC, (*asked, error(-32601, words))))
    kept(
        "romanz_electrs-0.10.0", talk(RUST, hello("electrs/0.10.0", "1.4"), (*asked, error(-32601, "method not found")))
    )


def test_t6_histories_that_are_too_large_are_refused_or_empty() -> None:
    asked = ("blockchain.scripthash.get_history", [SCRIPTHASH])

    kept("electrumx-1.19.0", talk(ELECTRUMX_PADDED, MODERN, (*asked, error(1, "history too large"))))
    kept(
        "electrumx-2.0.0",
        talk(ELECTRUMX_PADDED, hello("ElectrumX 2.0.0", "1.6"), (*asked, error(10001, "history too large"))),
    )
    kept("fulcrum-2.1.1", talk(FULCRUM, FULC, (*asked, result([]))))


def test_t7_excessive_usage_says_nothing_about_the_question() -> None:
    busy = error(-101, "excessive resource usage")

    found = talk(ELECTRUMX_SPACED, CHECKOUT, ("no.such", [], busy), ("blockchain.block.header", [99_999_999], busy))

    kept("electrumx-1.16.0", found)
    assert {aspect for aspect, _ in readings(found) - readings(talk(ELECTRUMX_SPACED, CHECKOUT))} == {
        "keys_error",
        "error_member",
    }


def test_t10_private_hosts_in_features_are_defaults() -> None:
    features = {"hosts": {"172.17.0.2": {"tcp_port": 50001}}, "protocol_max": "1.6", "server_version": "Fulcrum 2.1.1"}
    kept("fulcrum-2.1.1", talk(FULCRUM, FULC, ("server.features", [], result(features | {"dsproof": False}))))

    public = features | {"hosts": {"fulcrum.example": {"tcp_port": 50001}}}
    private, public = (talk(FULCRUM, FULC, ("server.features", [], result(told))) for told in (features, public))
    assert readings(private) == readings(public)

    malformed = {"hosts": {"tcp_port": 50001}, "protocol_max": "1.4", "server_version": "electrs/0.10.0"}
    kept(
        "romanz_electrs-0.10.0", talk(RUST, hello("electrs/0.10.0", "1.4"), ("server.features", [], result(malformed)))
    )


def test_t11_and_t12_servers_that_answer_alike_are_of_one_build_and_no_more() -> None:
    histogram = ("mempool.get_fee_histogram", [], result([[2, 40_000], [1, 50_000]]))
    words = ("no.such", [], error(-32601, "Unsupported request: no.such"))
    servers = [talk(FULCRUM, FULC, histogram, words) for _ in range(3)]

    assert len({fingerprint([one]).behaviour for one in servers}) == 1
    assert len({kept("fulcrum-2.1.1", one) for one in servers}) == 1


def test_t13_the_stock_texts_of_a_second_and_of_a_missing_handshake() -> None:
    again = ("server.version", ["obs/1.0", "1.4"], error(1, "server.version already sent"))
    kept("electrumx-1.16.0", talk(ELECTRUMX_SPACED, CHECKOUT, again))
    kept("fulcrum-2.1.1", talk(FULCRUM, FULC, again))

    unasked = [
        padded(b'{"jsonrpc":"2.0","method":"blockchain.relayfee"}'),
        padded(b'{"jsonrpc":"2.0","method":"blockchain.estimatefee"}'),
        padded(b'{"jsonrpc":"2.0","error":{"code":1,"message":"use server.version to identify client"},"id":1}'),
    ]
    request = b'{"jsonrpc":"2.0","id":1,"method":"server.ping","params":[]}\n'
    first = Dialogue(transport=Transport.TCP, exchanges=(exchange("ping", request, *unasked, closed=True),))
    found = kept("electrumx-1.19.0", first)
    assert "electrumx-1.18.0" not in found.builds


def test_t14_the_other_chains_electrumx_has_the_same_name_and_number() -> None:
    merkle = ("blockchain.transaction.get_tsc_merkle", ["0" * 64, 1], error(1, "tx not in block"))

    found = kept("bsv_electrumx-1.20.2", talk(ELECTRUMX, hello("ElectrumX 1.20.2", "1.4.2"), merkle))

    assert found.implementation == "bsv_electrumx"


def test_t15_fulcrum_imitates_the_words_of_a_daemon_error() -> None:
    words = "daemon error: DaemonError({'code': -5, 'message': 'No such mempool or blockchain transaction.'})"

    asked = ("blockchain.transaction.get", ["0" * 64], error(2, words))

    imitated, own = talk(FULCRUM, FULC, asked), talk(ELECTRUMX_SPACED, CHECKOUT, asked)

    kept("fulcrum-2.1.1", imitated)
    kept("electrumx-1.16.0", own)
    assert ("transaction_unknown", "imitable daemon error") in readings(imitated) & readings(own)


def test_t16_an_odd_daemon_version_in_a_banner_is_a_formatting_error() -> None:
    banner = ("server.banner", [], result("Connected to a Fulcrum 0.28.1 server\nrunning on bitcoind 0.28.1"))

    found = talk(FULCRUM, FULC, banner)

    kept("fulcrum-2.1.1", found)
    assert [one.place for one in read_dialogue(found).names] == ["handshake"]


@pytest.mark.parametrize(
    ("agreed", "histogram", "build"),
    [
        ("1.4.2", [[12.5, 130_000], [9.0, 140_000]], "electrumx-git-2022-01-28"),
        ("1.4.2", SMALL_BINS, "electrumx-git-2022-03-29"),
        ("1.4.3", SMALL_BINS, "electrumx-git-2025-02-19"),
    ],
)
def test_t17_compact_1_16_is_a_checkout(agreed: str, histogram: list[Any], build: str) -> None:
    kept(
        build,
        talk(
            ELECTRUMX,
            hello("ElectrumX 1.16.0", agreed),
            ("mempool.get_fee_histogram", [], result(histogram)),
            PING,
            PING,
        ),
    )


def test_t18_three_parts_and_two_parts_of_a_maximum() -> None:
    kept("electrumx-1.19.0", talk(ELECTRUMX_PADDED, MODERN, ("server.features", [], result(FEATURES))))

    fulcrum = {"dsproof": False, "broadcast_package": True, "protocol_max": "1.6", "hosts": {}}
    kept("fulcrum-2.1.1", talk(FULCRUM, FULC, ("server.features", [], result(fulcrum))))


def test_t19_status_hashes_say_nothing_about_a_build() -> None:
    rows = [("blockchain.scripthash.subscribe", [SCRIPTHASH], result(digit * 64)) for digit in "12"]

    kept("electrumx-1.19.0", *(talk(ELECTRUMX_PADDED, MODERN, row) for row in rows))


def test_t20_missing_replies_exclude_nobody() -> None:
    asked = [(method, params, None) for method, params in (("no.such", []), ("blockchain.block.header", [99_999_999]))]

    for build, style, opening in (
        ("electrumx-1.19.0", ELECTRUMX_PADDED, MODERN),
        ("fulcrum-2.1.1", FULCRUM, FULC),
        ("eps-0.2.4", ELECTRUMX_SPACED, hello("ElectrumPersonalServer 0.2.4", "1.4", "1.4")),
    ):
        kept(build, talk(style, opening, *asked, PING))


def test_t21_stale_tags_in_a_peer_list_are_news_of_others() -> None:
    peers = [["1.2.3.4", "electrum.example", ["v1.4.2", "p10000", "s", "t"]]]

    kept("electrumx-1.19.0", talk(ELECTRUMX_PADDED, MODERN, ("server.peers.subscribe", [], result(peers))))


def test_t22_a_server_that_lists_do_not_name_is_like_any_other() -> None:
    for peers in ([], [["1.2.3.4", "other.example", ["v1.6", "s"]]]):
        kept("electrumx-1.19.0", talk(ELECTRUMX_PADDED, MODERN, ("server.peers.subscribe", [], result(peers))))


def test_t23_a_balancer_with_two_versions_behind_it_is_no_contradiction() -> None:
    old = talk(ELECTRUMX_SPACED, CHECKOUT, PING, ("no.such", [], error(-32601, 'unknown method "no.such"')))
    new = talk(ELECTRUMX_PADDED, MODERN, PING, ("no.such", [], error(-32601, 'unknown method "no.such"')))

    found = identify([old, new, old, new])

    assert found.several_backends
    assert found.contradictions == ()
    assert found.implementation == "electrumx"
    assert {"electrumx-1.16.0", "electrumx-1.19.0"} <= set(found.builds)


def test_t24_a_server_that_just_started_has_no_histogram_no_peers_and_no_estimates() -> None:
    for build, style, opening in (("electrumx-1.19.0", ELECTRUMX_PADDED, MODERN), ("fulcrum-2.1.1", FULCRUM, FULC)):
        kept(
            build,
            talk(
                style,
                opening,
                ("mempool.get_fee_histogram", [], result([])),
                ("server.peers.subscribe", [], result([])),
                ("blockchain.estimatefee", [2], result(-1)),
            ),
        )


def test_t25_a_connection_that_closes_early_excludes_nobody() -> None:
    closed = exchange("unknown", b'{"jsonrpc":"2.0","id":9,"method":"no.such","params":[]}\n', closed=True)
    for build, style, opening in (("electrumx-1.19.0", ELECTRUMX_PADDED, MODERN), ("fulcrum-2.1.1", FULCRUM, FULC)):
        begun = talk(style, opening)

        kept(build, replace(begun, exchanges=(*begun.exchanges, closed)))


def test_t26_a_client_that_offers_1_7_meets_another_server() -> None:
    news = {"server_version": "ElectrumX 2.0.0", "protocol_max": "1.7.0"}
    features = {key: value for key, value in (FEATURES | news).items() if key != "hash_function"}
    method = "blockchain.scripthash.get_balance"

    kept(
        "electrumx-2.0.0",
        talk(
            ELECTRUMX_PADDED,
            hello("ElectrumX 2.0.0", "1.7", ("1.4", "1.7")),
            (method, ["zz"], error(-32601, f'unknown method "{method}"')),
            ("server.ping", [], result({"data": "00"})),
            ("server.features", [], result(features)),
        ),
    )


@pytest.mark.parametrize("closed", [True, False, None])
def test_t27_how_a_connection_ended_says_nothing_about_software(closed: bool | None) -> None:
    whole = talk(FULCRUM, FULC, PING)
    ended = replace(whole, exchanges=(*whole.exchanges[:-1], replace(whole.exchanges[-1], closed=closed)))

    assert kept("fulcrum-2.1.1", ended) == kept("fulcrum-2.1.1", whole)


def test_t28_old_romanz_refuses_a_range_and_answers_all_else() -> None:
    words = 'obs/1.0 requested Range("1.4", "1.6"), server supports 1.4'
    refused = talk(RUST, ("server.version", ["obs/1.0", ["1.4", "1.6"]], error(1, words)))
    plain = talk(RUST, hello("electrs/0.9.4", "1.4", "1.4"), ("no.such", [], error(-32601, "method not found")))

    found = kept("romanz_electrs-0.9.0", refused, plain)

    assert found.implementation == "romanz_electrs"
    assert found.version_max == "0.9.13"


@pytest.mark.parametrize("transport", [Transport.WS, Transport.WSS])
def test_websocket_is_unpadded_and_without_terminators(transport: Transport) -> None:
    rows = [talk(ELECTRUMX, MODERN, PING, PING, PING, transport=transport, terminators=False) for _ in range(3)]

    kept("electrumx-1.19.0", *rows)


def test_two_unpadded_replies_are_too_few_to_say_never() -> None:
    kept("electrumx-1.19.0", talk(ELECTRUMX, MODERN, PING))


def test_an_unpadded_line_that_shared_its_packet_is_no_unpadded_server() -> None:
    shared, padded = talk(ELECTRUMX, MODERN, PING, PING), talk(ELECTRUMX_PADDED, MODERN, PING)
    together = replace(padded, exchanges=(*shared.exchanges, padded.exchanges[-1]))

    kept("electrumx-1.19.0", together, padded)


@pytest.mark.parametrize(
    ("network", "taken", "builds"),
    [
        ("bitcoin", result(0.0001), {"electrumx-1.19.0", "electrumx-1.20.0"}),
        ("testnet4", result(0.0001), {"electrumx-1.20.0"}),
        ("testnet4", DAEMON_ERROR, {"electrumx-1.19.0"}),
        ("litecoin-regtest", DAEMON_ERROR, {"electrumx-1.19.0", "electrumx-1.20.0"}),
    ],
)
def test_what_a_far_target_says_depends_on_the_network(network: str, taken: Any, builds: set[str]) -> None:
    features = FEATURES | {"genesis_hash": NETWORKS[network].genesis_hash}
    asked = talk(
        ELECTRUMX_PADDED,
        MODERN,
        ("server.features", [], result(features)),
        ("blockchain.estimatefee", [2000], taken),
    )

    found = identify([asked])

    assert {build for build in ("electrumx-1.19.0", "electrumx-1.20.0") if build in found.builds} == builds


@pytest.mark.parametrize("taken", [result(-1), error(2, "daemon error: DaemonError({'code': -1})")])
def test_a_target_that_no_node_can_read_says_nothing(taken: Any) -> None:
    hail = hello("ElectrumX 1.15.0", "1.4.2")
    asked = talk(ELECTRUMX_SPACED, hail, ("blockchain.estimatefee", [3_000_000_000], taken))
    without = talk(ELECTRUMX_SPACED, hail, ("server.ping", [], result(None)))

    assert identify([asked], mask_names=True).builds == identify([without], mask_names=True).builds


@pytest.mark.parametrize(("network", "left"), [("bitcoin", False), ("testnet4", True)])
def test_which_ports_are_usual_depends_on_the_network(network: str, left: bool) -> None:
    features = FEATURES | {"genesis_hash": NETWORKS[network].genesis_hash}
    peers = [["1.2.3.4", "electrum.example", ["v1.6", "s50002"]]]
    asked = (("server.features", [], result(features)), ("server.peers.subscribe", [], result(peers)))

    found = identify([talk(ELECTRUMX_PADDED, MODERN, *asked)])

    assert (found.contradictions == ()) is left
