"""What honest servers do and scanners took for lies: the traps of the field notes that concern truth, one test each.

None may leave more than a want of data.
"""

import json
from pathlib import Path
from typing import Any

from electrum_observatory.analysis.truth.finding import KINDS, Finding, flags
from electrum_observatory.analysis.truth.judge import judge
from electrum_observatory.analysis.truth.reading import Heard
from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.reference import bundled_reference
from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Transport
from tests.unit.analysis.truth.chain import (
    HASHES,
    TIP,
    Asked,
    Server,
    chain,
    dialogue,
    error,
    history,
    honest,
    reference,
    result,
    status,
)

KIND = AddressKind.P2PKH
BITCOIN_HEADERS = json.loads((Path(__file__).parents[2] / "bitcoin" / "known_headers.json").read_text())


def all_flags(*heard: Heard) -> tuple[Finding, ...]:
    return flags(judge(heard, reference()).findings)


def asked_of(*asked: Asked, server: str = "subject", **at: Any) -> Heard:
    return Server(name=server).heard(*asked, **at)


def everybody(*visits: float) -> list[Heard]:
    """Four honest servers, each visited at all of these times."""
    return [server.heard(*server.everything(), visit=f"v{at_s}", at_s=at_s) for server in honest(4) for at_s in visits]


def test_t1_padding_is_no_part_of_an_answer() -> None:
    (server,) = honest(1)
    plain = dialogue(*server.everything())
    padded = tuple(
        Exchange(name=one.name, sent=one.sent, lines=tuple(Line(data=_padded(line.data)) for line in one.lines))
        for one in plain.exchanges
    )

    heard = Heard(server="subject", visit="v1", at_s=0.0, dialogue=Dialogue(transport=Transport.TCP, exchanges=padded))

    assert all(len(line.data) in (1024, 2048, 4096) for one in padded for line in one.lines)
    assert all_flags(heard, *everybody(0.0)) == ()


def _padded(line: bytes) -> bytes:
    size = 1 << len(line).bit_length() if len(line) >= 1024 else 1024
    return line[:-2] + b" " * (size - len(line)) + line[-2:]


def test_t2_replies_a_second_late_are_as_true_as_others() -> None:
    (server,) = honest(1)
    slow = tuple(
        Exchange(name=one.name, sent=one.sent, lines=tuple(Line(data=line.data, after_ms=1001.5) for line in one.lines))
        for one in dialogue(*server.everything()).exchanges
    )

    heard = Heard(server="subject", visit="v1", at_s=0.0, dialogue=Dialogue(transport=Transport.SSL, exchanges=slow))

    assert all_flags(heard, *everybody(0.0)) == ()


def test_t3_truncated_and_empty_reads_say_nothing() -> None:
    (server,) = honest(1)
    whole = dialogue(*server.everything()).exchanges
    for keep in (0, 1, 30):
        cut = tuple(
            Exchange(name=one.name, sent=one.sent, lines=tuple(Line(data=line.data[:keep]) for line in one.lines))
            for one in whole
        )
        heard = Heard(server="subject", visit="v1", at_s=0.0, dialogue=Dialogue(transport=Transport.TCP, exchanges=cut))
        assert all_flags(heard, *everybody(0.0)) == ()


def test_t5_methods_about_addresses_are_gone() -> None:
    gone = [
        error(f"blockchain.address.{name}", ["1BitcoinEaterAddressDontSendf59kuE"], f'unknown method "{name}"', -32601)
        for name in ("get_balance", "get_history")
    ]

    assert all_flags(asked_of(*gone), *everybody(0.0)) == ()


def test_t6_histories_beyond_a_limit_are_empty_or_refused() -> None:
    busy = "ab" * 32
    long = [{"tx_hash": f"{n:064x}", "height": 5} for n in range(700)]
    full = result("blockchain.scripthash.get_history", [busy], long)
    full_status = result("blockchain.scripthash.subscribe", [busy], status(long))
    others = [asked_of(full, full_status, server=f"full-{n}") for n in range(4)]
    fulcrum = [
        result("blockchain.scripthash.get_history", [busy], []),
        result("blockchain.scripthash.subscribe", [busy], None),
        result("blockchain.scripthash.get_balance", [busy], {"confirmed": 5, "unconfirmed": 0}),
        result(
            "blockchain.scripthash.listunspent", [busy], [{"tx_hash": "cd" * 32, "height": 5, "tx_pos": 0, "value": 5}]
        ),
    ]
    electrumx = error("blockchain.scripthash.get_history", [busy], "history too large")
    esplora = error("blockchain.scripthash.get_history", [busy], "Too many history transactions (>500).")

    subjects = [asked_of(*fulcrum), asked_of(electrumx, server="electrumx"), asked_of(esplora, server="esplora")]
    assert all_flags(*subjects, *others) == ()


def test_t7_throttled_clients_get_errors_for_everything() -> None:
    (server,) = honest(1)
    tired = [error(method, params, "excessive resource usage", -101) for method, params, _ in server.everything()]

    assert all_flags(*(asked_of(*tired, visit=f"v{n}", at_s=600.0 * n) for n in range(3)), *everybody(0.0)) == ()


def test_t10_private_hosts_in_features() -> None:
    hosts = {"192.168.1.5": {"tcp_port": 50001}, "127.0.0.1": {"ssl_port": 50002}}

    assert all_flags(asked_of(result("server.features", [], {"hosts": hosts}))) == ()
    assert all_flags(asked_of(result("server.features", [], {"hosts": {"tcp_port": 50001}}))) == ()


def test_t12_identical_histograms_of_many_servers() -> None:
    quiet = [[1, 31_000]]
    busy = [[9 - n, 31_000 + n] for n in range(9)]
    heard = [
        asked_of(result("mempool.get_fee_histogram", [], bins), server=f"s{n}", visit=f"v{at}", at_s=at)
        for bins in (quiet, busy)
        for n in range(10)
        for at in (0.0, 4_000.0, 8_000.0)
    ]

    assert all_flags(*heard[:30]) == ()
    assert all_flags(*heard[30:]) == ()


def test_t13_a_second_handshake_and_crash_notifications() -> None:
    twice = error("server.version", ["obs", "1.4"], "server.version already sent")
    bare = Exchange(
        name="banner",
        sent=b'{"jsonrpc":"2.0","id":1,"method":"server.banner","params":[]}\n',
        lines=(
            Line(data=b'{"jsonrpc":"2.0","method":"blockchain.relayfee"}\n'),
            Line(data=b'{"jsonrpc":"2.0","method":"blockchain.estimatefee"}\n'),
            Line(
                data=b'{"jsonrpc":"2.0","error":{"code":1,"message":"use server.version to identify client"},"id":1}\n'
            ),
        ),
        closed=True,
    )
    crashed = Heard(
        server="crashed", visit="v1", at_s=0.0, dialogue=Dialogue(transport=Transport.TCP, exchanges=(bare,))
    )

    assert all_flags(asked_of(twice), crashed) == ()


def test_t14_the_same_genesis_is_not_the_same_chain() -> None:
    bitcoin = bundled_reference("bitcoin")
    assert bitcoin is not None
    genesis = result("blockchain.block.header", [0], BITCOIN_HEADERS["bitcoin"]["0"])
    cash = result("blockchain.block.header", [478559], BITCOIN_HEADERS["foreign"]["478559"])
    ours = result("blockchain.block.header", [478559], BITCOIN_HEADERS["bitcoin"]["478559"])
    tip = result("blockchain.headers.subscribe", [], {"height": 576576, "hex": BITCOIN_HEADERS["bitcoin"]["576576"]})

    def judged(*asked: Asked) -> list[str]:
        heard = Heard(server="subject", visit="v1", at_s=0.0, dialogue=dialogue(*asked))
        return [one.id for one in flags(judge([heard], bitcoin).findings)]

    assert judged(genesis, tip, ours) == []
    assert judged(genesis, cash) == ["foreign_chain"]  # named as another coin's, and compared with nobody
    assert judged(genesis) == []


def test_t16_strange_numbers_of_the_daemon_in_a_banner() -> None:
    for banner in (
        "daemon 0.28.1 /Satoshi:28.1.0/",
        "Bitcoin Core v21.2.1, 0.29.1",
        "You are connected to ElectrumX 2.0",
    ):
        assert all_flags(asked_of(result("server.banner", [], banner))) == ()


def test_t19_statuses_of_waiting_transactions_depend_on_the_program() -> None:
    waiting = [{"tx_hash": f"{n:02x}" * 32, "height": n % 2 - 1, "fee": 200} for n in range(1, 5)]
    shown = [*history(KIND), *waiting]
    heard = [
        asked_of(
            result("blockchain.scripthash.get_history", [HASHES[KIND]], shown),
            result("blockchain.scripthash.subscribe", [HASHES[KIND]], status([*history(KIND), *order])),
            result("blockchain.scripthash.get_balance", [HASHES[KIND]], {"confirmed": 3000, "unconfirmed": n}),
            server=f"s{n}",
        )
        for n, order in enumerate((waiting, waiting[::-1], waiting[2:] + waiting[:2], waiting[:1]))
    ]

    assert all_flags(*heard) == ()


def test_t20_questions_without_replies() -> None:
    (server,) = honest(1)
    mute = tuple(
        Exchange(name=one.name, sent=one.sent, closed=False, alive_after=True)
        for one in dialogue(*server.everything()).exchanges
    )
    heard = Heard(server="subject", visit="v1", at_s=0.0, dialogue=Dialogue(transport=Transport.TCP, exchanges=mute))

    assert all_flags(heard, *everybody(0.0)) == ()


def test_t23_two_backends_behind_one_name() -> None:
    """Each connection meets another: one is a block behind, has another mempool and other waiting transactions."""
    ahead, behind = Server(name="subject"), Server(name="subject", blocks=chain()[:TIP])
    fees = [result("blockchain.estimatefee", [6], value) for value in (3e-4, 4e-4)]
    heard = [
        server.heard(
            result("server.version", ["obs", "1.4"], [software, "1.4.2"]),
            *server.everything(),
            fee,
            visit=f"v{at_s}",
            at_s=at_s,
        )
        for at_s in (100.0, 700.0, 1300.0, 1900.0)
        for server, software, fee in zip((ahead, behind), ("ElectrumX 1.16.0", "Fulcrum 1.9.8"), fees, strict=True)
    ]

    assert all_flags(*heard, *everybody(0.0, 600.0, 1200.0, 1800.0)) == ()


def test_t24_just_after_a_restart_there_is_no_mempool_and_no_estimate() -> None:
    fresh = [
        result("mempool.get_fee_histogram", [], []),
        *(result("blockchain.estimatefee", [target], -1) for target in (2, 6, 12, 25, 144)),
        result("server.peers.subscribe", [], []),
    ]

    heard = [asked_of(*fresh, visit=f"v{n}", at_s=4000.0 * n) for n in range(4)]
    assert all_flags(*heard, *everybody(0.0, 4000.0, 8000.0)) == ()


def test_t26_under_protocol_1_7_all_scripthash_methods_are_gone() -> None:
    (server,) = honest(1)
    gone = [
        error(method, params, f'unknown method "{method}"', -32601)
        for kind in AddressKind
        for method, params, _ in server.script(kind)
    ]

    assert all_flags(*(asked_of(*gone, visit=f"v{n}", at_s=600.0 * n) for n in range(3)), *everybody(0.0)) == ()


def test_t28_old_electrs_refuses_a_range_and_nothing_else() -> None:
    refused = error("server.version", ["obs", ["1.4", "1.6"]], 'obs requested Range("1.4", "1.6"), server supports 1.4')

    assert all_flags(asked_of(refused), *everybody(0.0)) == ()


def test_personal_servers_know_nobody_elses_scripts() -> None:
    """Floresta answers every unknown script with nothing; its operator's wallet is all it watches."""
    blank = [
        answer
        for kind in AddressKind
        for answer in (
            result("blockchain.scripthash.get_history", [HASHES[kind]], []),
            result("blockchain.scripthash.subscribe", [HASHES[kind]], None),
        )
    ]

    judgement = judge(
        [*(asked_of(*blank, visit=f"v{n}", at_s=60.0 * n) for n in range(3)), *everybody(0.0)], reference()
    )

    assert flags(judgement.findings) == ()
    assert [one.id for one in judgement.findings if one.subject == "subject"] == ["history_knows_nothing"]


def test_the_page_on_truth_explains_every_finding() -> None:
    page = (Path(__file__).parents[4] / "docs" / "truth.md").read_text(encoding="utf-8")

    assert [identity for identity in KINDS if f"`{identity}`" not in page] == []
