"""What the connections of one process share: caches, refresh phases, frozen estimates, peer samples."""

import ipaddress
import json
from collections import Counter
from typing import Any

import pytest

from electrum_observatory.lab.state import PeerState
from electrum_observatory.model.endpoint import Transport
from tests.lab.personality_worlds import ask, call, exchange, header, make_state, start, transactions, with_node


def growing(at: float):
    """One mempool group more per second."""
    return with_node(make_state(), mempool=transactions(100 + int(at), 20_000))


def seen(process, at: float) -> int:
    """The second whose mempool a Fulcrum or ElectrumX process shows."""
    ((_, vsize),) = ask(process, "mempool.get_fee_histogram", at=at)
    return vsize // 1006 - 100


def test_electrumx_shows_one_histogram_for_120_seconds():
    process = start("electrumx_1_20", growing)
    shown = [seen(process, at=1000.0 + second) for second in range(0, 360, 10)]

    changes = Counter(shown)
    assert len(changes) in (3, 4)
    assert max(changes.values()) == 12
    assert all(0 <= 1003 + 10 * place - second <= 121 for place, second in enumerate(shown))


def test_two_processes_refresh_at_different_phases():
    moments = {seen(start("electrumx_1_20", growing, seed=seed), at=1000.0) for seed in range(5)}

    assert len(moments) > 2


def test_fulcrum_refreshes_every_ten_seconds_and_after_a_block():
    def state(at: float):
        return with_node(growing(at), height=2 if at < 1004.5 else 3)

    process = start("fulcrum_2", state, seed=3)
    before, after = seen(process, at=1000.0), seen(process, at=1002.0)

    assert 993 <= before <= 1003
    assert after >= 1004


def test_electrumx_freezes_an_estimate_until_the_tip_changes():
    def state(at: float):
        height = 2 if at < 500 else 3
        return with_node(make_state(), height=height, header=header, estimate=lambda _target: at / 1000)

    process = start("electrumx_1_18", state)

    first = ask(process, "blockchain.estimatefee", 6, at=100.0)
    assert ask(process, "blockchain.estimatefee", 6, at=400.0) == first
    assert ask(process, "blockchain.estimatefee", 6, at=600.0) > 0.5


def test_fulcrum_and_romanz_ask_for_an_estimate_each_time():
    def state(at: float):
        return with_node(make_state(), estimate=lambda _target: at / 1000)

    for personality_id in ("fulcrum_2", "electrs_romanz"):
        process = start(personality_id, state)
        assert ask(process, "blockchain.estimatefee", 6, at=100.0) != ask(
            process, "blockchain.estimatefee", 6, at=101.0
        )


def test_esplora_keeps_its_estimates_for_a_minute():
    def state(at: float):
        return with_node(make_state(), estimate=lambda _target: at / 1000)

    process = start("electrs_esplora", state)

    first = ask(process, "blockchain.estimatefee", 6, at=100.0)
    assert ask(process, "blockchain.estimatefee", 6, at=150.0) == first
    assert ask(process, "blockchain.estimatefee", 6, at=170.0) != first


def test_the_relay_fee_is_as_fresh_as_the_program_keeps_it():
    def state(at: float):
        return with_node(make_state(), relay_fee=0.00001 if at < 50 else 0.000001)

    fees = {
        personality_id: ask(start(personality_id, state), "blockchain.relayfee", at=100.0)
        for personality_id in ("electrumx_1_18", "fulcrum_2", "electrs_romanz")
    }

    assert fees == {"electrumx_1_18": 0.000001, "fulcrum_2": 0.00001, "electrs_romanz": 0.000001}


@pytest.mark.parametrize(
    ("personality_id", "network", "target", "bucket"),
    [
        ("electrumx_1_16", "bitcoin", 49, 48),
        ("electrumx_1_16", "bitcoin", 13, 12),
        ("electrumx_1_16", "bitcoin", 25, 25),
        ("electrumx_1_16", "testnet4", 49, 49),
        ("electrumx_1_20", "testnet4", 49, 48),
        ("electrumx_1_20", "litecoin-regtest", 49, 49),
    ],
)
def test_fee_targets_are_bucketed_by_release_and_network(personality_id: str, network: str, target: int, bucket: int):
    from electrum_observatory.bitcoin.networks import NETWORKS

    state = with_node(make_state(), network=NETWORKS[network], estimate=lambda asked: asked / 1000)

    assert ask(start(personality_id, state), "blockchain.estimatefee", target) == bucket / 1000


def many_peers() -> tuple[PeerState, ...]:
    def peer(host: str, address: str) -> PeerState:
        return PeerState(host=host, address=address, protocol_max="1.4.2", tcp_port=None, ssl_port=50002)

    crowded = [peer(f"a{number}.example", f"203.0.{number}.1") for number in range(30)]
    spread = [peer(f"b{number}.example", f"{number + 20}.5.5.5") for number in range(40)]
    six = [peer(f"c{number}.example", f"2001:db8:0:{number:x}::1") for number in range(20)]
    onions = [peer(f"{'a' * 55}{letter}.onion", f"{'a' * 55}{letter}.onion") for letter in "abcdefghijklmnopqrst"]
    return (*crowded, *spread, *six, *onions)


def test_electrumx_lists_two_peers_of_a_network_and_few_onions_anew_each_time():
    process = start("electrumx_1_16", make_state(peers=many_peers()))

    lists = [ask(process, "server.peers.subscribe") for _ in range(20)]

    for rows in lists:
        clear = [ipaddress.ip_address(row[0]) for row in rows if not row[1].endswith(".onion")]
        nets = Counter(ipaddress.ip_network((ip, 16 if ip.version == 4 else 56), strict=False) for ip in clear)
        assert max(nets.values()) == 2
        assert len(clear) == 2 + 40 + 2
        assert len(rows) - len(clear) == max(10, len(clear) // 4)
    assert len({json.dumps(rows) for rows in lists}) == 20
    assert len({row[1] for rows in lists for row in rows if row[1].startswith("a")}) > 25


def test_fulcrum_lists_every_peer_once_per_address_in_a_steady_order():
    process = start("fulcrum_2", make_state(peers=(*many_peers(), many_peers()[0])))

    first, second = (ask(process, "server.peers.subscribe") for _ in range(2))

    assert first == second
    assert len(first) == len(many_peers())


def test_an_electrumx_banner_shows_the_daemon_as_its_release_formats_it():
    state = make_state(banner="$SERVER_VERSION|$SERVER_SUBVERSION|$DAEMON_VERSION|$DAEMON_SUBVERSION|$DONATION_ADDRESS")

    banners = [ask(start(name, state), "server.banner") for name in ("electrumx_1_18", "electrumx_1_20", "fulcrum_1")]

    assert banners[0] == "1.18.0|ElectrumX 1.18.0|0.28.1|/Satoshi:28.1.0/|"
    assert banners[1] == "1.20.0|ElectrumX 1.20.0|28.1.0|/Satoshi:28.1.0/|"
    assert banners[2] == "1.12|Fulcrum 1.12|0.28.1|/Satoshi:28.1.0/|1Ca1inCimwRhhcpFX84TPRrPQSryTgKW6N"


def test_fulcrum_announces_its_local_address_where_nothing_is_configured():
    features = ask(start("fulcrum_2", make_state(hosts={})), "server.features")

    assert features["hosts"] == {"192.0.2.1": {"tcp_port": 50001}}
    assert features["broadcast_package"] is True


def test_fulcrum_hangs_up_at_the_tenth_net_error():
    conversation = start("fulcrum_2").connect(Transport.TCP)
    lines = [json.dumps({"id": number, "method": "no.such"}) for number in range(11)]

    received, closed = exchange(conversation, *lines)

    assert (received.count(b"\n"), closed) == (9, True)


def test_fulcrum_answers_what_needs_bitcoind_after_what_does_not():
    conversation = start("fulcrum_2").connect(Transport.TCP)
    slow = b'{"id":1,"method":"blockchain.estimatefee","params":[2]}\n'

    assert list(conversation.receive(slow, 5.0)) == []
    assert len(conversation.receive(b'{"id":2,"method":"server.ping"}\n', 5.0)) == 1
    assert conversation.next_wake is not None
    assert len(conversation.wake(conversation.next_wake)) == 1


SLOW = (
    ("blockchain.transaction.get", [f"{0:064x}"]),
    ("blockchain.estimatefee", [2]),
    ("blockchain.estimatefee", [2000]),
    ("blockchain.block.header", [1]),
    ("blockchain.relayfee", []),
    ("server.banner", []),
)
"""What ElectrumX needs the disk or bitcoind for: real 1.15 to 2.0 answer a ping first that was sent after it."""


@pytest.mark.parametrize(("method", "params"), SLOW, ids=[f"{method} {params[:1]}" for method, params in SLOW])
def test_electrumx_1_15_answers_a_quick_question_before_a_slow_one_each_time(method: str, params: list[Any]):
    conversation = start("electrumx_1_15", make_state(banner="of a file")).connect(Transport.TCP)
    call(conversation, "server.version", "test", "1.4")
    slow = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()

    for at in (20.0, 21.0):
        assert list(conversation.receive(slow + b"\n", at)) == []
        assert len(conversation.receive(b'{"jsonrpc":"2.0","id":2,"method":"server.ping"}\n', at)) == 1
        assert conversation.next_wake is not None
        assert len(conversation.wake(conversation.next_wake)) == 1


@pytest.mark.parametrize("method", ["blockchain.relayfee", "server.banner"])
def test_what_electrumx_1_16_remembers_of_its_node_is_not_late(method: str):
    conversation = start("electrumx_1_16", make_state(banner="of a file")).connect(Transport.TCP)
    call(conversation, "server.version", "test", "1.4")
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": []}).encode() + b"\n"

    assert list(conversation.receive(line, 20.0)) == []
    assert len(conversation.receive(line, 21.0)) == 2


def test_a_checkpoint_proof_leads_from_the_header_to_the_root():
    import hashlib

    def double(data: bytes) -> bytes:
        return hashlib.sha256(hashlib.sha256(data).digest()).digest()

    proof = ask(start("electrumx_1_16"), "blockchain.block.header", 1, 2)
    first, second = (bytes.fromhex(sibling)[::-1] for sibling in proof["branch"])

    assert double(double(first + double(header(1))) + second)[::-1].hex() == proof["root"]


def test_a_version_of_another_release_is_refused():
    for personality_id, version in (
        ("electrumx_1_20", "1.16.0"),
        ("fulcrum_1", "2.1.1"),
        ("fulcrum_2", "1.12.0"),
        ("electrs_romanz", "0.8.0"),
        ("electrs_esplora", "1.0.0"),
    ):
        with pytest.raises(ValueError, match=version):
            start(personality_id, version=version)


def test_a_second_connection_is_a_new_conversation():
    process = start("electrumx_1_20")
    ask(process, "server.ping")

    reply = call(process.connect(Transport.TCP), "server.version", "test", "1.4")

    assert reply["result"] == ["ElectrumX 1.20.0", "1.4"]
