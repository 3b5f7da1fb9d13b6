"""What goes together in no unmodified program is named, once each; and nothing is named from what was not recorded."""

from dataclasses import replace
from datetime import date

import pytest

from electrum_observatory.analysis.builds.contradictions import KINDS
from electrum_observatory.analysis.builds.identify import identify
from electrum_observatory.analysis.builds.rules.model import ALL_BUILDS
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.unit.analysis.builds.scripted import (
    ELECTRUMX,
    ELECTRUMX_PADDED,
    ELECTRUMX_SPACED,
    FULCRUM,
    RUST,
    Style,
    error,
    exchange,
    hello,
    result,
    talk,
)

PING = ("server.ping", [], result(None))
BEYOND = ("blockchain.block.header", [99_999_999])
EX_BEYOND = (*BEYOND, error(1, "height 99,999,999 out of range"))
FU_BEYOND = (*BEYOND, error(1, "Height 99999999 is out of range"))
HISTOGRAM = "mempool.get_fee_histogram"
CODED = Style(alphabetical=True)


def kinds(*dialogues: Dialogue, seen_on: date | None = None) -> set[str]:
    found = identify(dialogues, seen_on=seen_on)
    assert all(one.exchanges for one in found.contradictions)
    return {one.contradiction_id for one in found.contradictions}


@pytest.mark.parametrize(
    ("kind", "dialogue"),
    [
        ("claim_key_order", talk(ELECTRUMX_SPACED, hello("Fulcrum 1.9.1", "1.4.2"), EX_BEYOND)),
        ("claim_key_order", talk(FULCRUM, hello("ElectrumX 1.19.0", "1.6"), FU_BEYOND)),
        ("claim_terminator", talk(RUST, hello("Fulcrum 1.12.0", "1.4", "1.4"))),
        ("claim_terminator", talk(FULCRUM, hello("electrs/0.10.0", "1.4", "1.4"))),
        ("claim_padding", talk(ELECTRUMX, hello("ElectrumX 1.18.0", "1.4.3"), PING, PING)),
        ("claim_padding", talk(ELECTRUMX_PADDED, hello("ElectrumX 1.16.0", "1.4.3"), PING)),
        ("claim_interval", talk(ELECTRUMX_PADDED, hello("ElectrumX 1.16.0", "1.6"))),
        ("claim_interval", talk(ELECTRUMX_PADDED, hello("ElectrumX 1.17.0", "1.6"))),
        ("claim_interval", talk(ELECTRUMX_PADDED, hello("ElectrumX 1.19.0", "1.4.3"))),
        (
            "claim_interval",
            talk(
                ELECTRUMX_SPACED,
                hello("ElectrumX 1.16.0", "1.4.2"),
                (HISTOGRAM, [], result([[12.5, 31_000], [9.1, 35_000]])),
            ),
        ),
        ("claim_words", talk(ELECTRUMX, hello("ElectrumX 1.16.0", "1.4.2"), FU_BEYOND)),
        (
            "names_differ",
            talk(
                FULCRUM,
                hello("Fulcrum 2.1.1", "1.6"),
                ("server.banner", [], result("Connected to a Fulcrum 1.9.1 server")),
            ),
        ),
        (
            "claim_histogram",
            talk(
                FULCRUM,
                hello("Fulcrum 2.1.1", "1.6"),
                (HISTOGRAM, [], result([[15, 9_000], [7, 0], [3, 20], [1, 9_999], [0, 5]])),
            ),
        ),
        (
            "claim_methods",
            talk(
                ELECTRUMX,
                hello("ElectrumX 1.16.0", "1.4.2"),
                ("blockchain.utxo.get_info", ["00" * 32, 0], result(None)),
            ),
        ),
        (
            "claim_estimates",
            talk(
                FULCRUM,
                hello("Fulcrum 2.1.1", "1.6"),
                ("blockchain.estimatefee", [26], error(-32603, "cannot estimate fee for 26 blocks")),
            ),
        ),
    ],
)
def test_a_claim_that_behaviour_refutes_is_named(kind: str, dialogue: Dialogue) -> None:
    assert kind in kinds(dialogue)


TIP = ("blockchain.headers.subscribe", [], result({"hex": "00" * 80, "height": 7}))


def estimate(value: float) -> tuple[str, list[int], tuple[str, float]]:
    return "blockchain.estimatefee", [2], result(value)


def test_estimates_that_change_within_a_block_are_not_of_electrumx() -> None:
    modern = hello("ElectrumX 1.16.0", "1.4.2")

    changing = [estimate(0.0002), estimate(0.0003), estimate(0.0002)]
    assert "claim_estimates" in kinds(talk(ELECTRUMX, modern, TIP, *changing))
    assert kinds(talk(ELECTRUMX, modern, TIP, *changing[:2])) == set(), "a block may be told of in a moment"
    assert kinds(talk(ELECTRUMX, modern, TIP, estimate(0.0002), estimate(0.0002))) == set()
    assert kinds(talk(ELECTRUMX, modern, *changing)) == set(), "blocks may have come"
    assert kinds(talk(ELECTRUMX, modern, TIP, estimate(-1), estimate(0.0003), estimate(-1))) == set(), (
        "it had just started"
    )


def test_features_out_of_their_order_are_of_no_unmodified_electrumx() -> None:
    found = identify([talk(ELECTRUMX_PADDED, hello("ElectrumX 1.18.0", "1.4.2"))])

    assert found.contradictions


def test_a_first_message_cannot_lack_what_only_later_messages_must_have() -> None:
    request = b'{"id":1,"method":"server.version","params":["x","1.4"]}\n'
    reply = b'{"jsonrpc":"2.0","error":{"code":-32600,"message":"\\"jsonrpc\\" is not \\"2.0\\""},"id":1}\n'
    whole = Dialogue(transport=Transport.TCP, exchanges=(exchange("version", request, reply),))

    assert kinds(whole) == {"version_member_on_first"}
    assert kinds(replace(whole, from_start=False)) == set()
    assert kinds(whole, talk(ELECTRUMX, hello("ElectrumX 1.16.0", "1.4.2"))) == {"version_member_on_first"}


def test_a_relay_that_writes_json_anew_is_seen_through() -> None:
    relayed = talk(
        FULCRUM,
        hello("ElectrumX 1.19.0", "1.6"),
        EX_BEYOND,
        ("blockchain.estimatefee", [2, "junk"], error(1, "unknown estimatefee mode: JUNK")),
        ("server.ping", ["x"], error(-32602, "1 argument passed to method server.ping taking at most 0")),
    )

    found = identify([relayed])

    assert found.implementation == "electrumx"
    assert "electrumx-1.19.0" in found.builds
    assert "rewriting_relay" in {one.contradiction_id for one in found.contradictions}


def test_answers_of_two_programs_on_one_connection_are_named() -> None:
    words = "1 argument passed to method server.ping taking at most 0"
    mixed = talk(ELECTRUMX, hello("ElectrumX 1.16.0", "1.4.2"), FU_BEYOND, ("server.ping", ["x"], error(-32602, words)))

    assert "mixed_connection" in kinds(mixed)


def test_a_version_from_the_future_is_named_where_the_day_is_known() -> None:
    modern = talk(ELECTRUMX_PADDED, hello("ElectrumX 1.20.0", "1.6"))

    assert kinds(modern, seen_on=date(2025, 12, 4)) == {"claim_date"}
    assert kinds(modern, seen_on=date(2026, 6, 4)) == set()
    assert kinds(modern) == set()


def test_every_kind_is_described_in_fair_words() -> None:
    for words in KINDS.values():
        assert not {"fake", "lie", "malicious", "attack"} & set(words.split())


def test_names_of_different_connections_may_be_of_different_machines() -> None:
    old = talk(FULCRUM, hello("Fulcrum 1.9.1", "1.5"))
    new = talk(FULCRUM, hello("Fulcrum 2.1.1", "1.6"))

    assert kinds(old, new) == set()


def test_masked_names_raise_nothing_about_claims() -> None:
    forged = talk(ELECTRUMX_PADDED, hello("Fulcrum 1.9.1", "1.6"), EX_BEYOND)

    assert identify([forged], mask_names=True).contradictions == ()
    assert identify([forged]).implementation == "electrumx"


def test_a_name_that_nobody_knows_is_no_contradiction() -> None:
    found = identify([talk(CODED, hello("Frobnicator 3.1", "1.4", "1.4"))])

    assert found.contradictions == ()
    assert found.implementation is None
    assert found.claimed is not None
    assert found.claimed.implementation is None


def test_unknown_software_stays_unknown() -> None:
    line = b'{"result":["Frobnicator 3.1","1.4.1"],"id":0,"jsonrpc":"2.0"}\r\n'
    request = b'{"jsonrpc":"2.0","id":0,"method":"server.version","params":["x",["1.4","1.6"]]}\n'
    refusal = b'{"error":{"message":"never heard of it","code":7},"id":1,"jsonrpc":"2.0"}\r\n'
    unknown = b'{"jsonrpc":"2.0","id":1,"method":"no.such","params":[]}\n'

    found = identify(
        [Dialogue(transport=Transport.TCP, exchanges=(exchange("v", request, line), exchange("u", unknown, refusal)))]
    )

    assert (found.implementation, found.version_min, found.builds, found.confidence) == (None, None, (), 0.0)


def test_nothing_seen_leaves_everything_open() -> None:
    found = identify([])

    assert found.implementation is None
    assert set(found.builds) == ALL_BUILDS
    assert found.contradictions == ()


SPACED_1_15 = (
    ("blockchain.estimatefee", [2, "economical"], result(0.0001)),
    ("server.ping", ["x"], error(-32602, "1 argument passed to method server.ping taking at most 0")),
)
PADDED_2_0 = (
    ("blockchain.estimatefee", [2, "economical"], result(0.0001)),
    ("server.ping", ["x"], result(None)),
)


@pytest.mark.parametrize(
    ("truth", "dialogue"),
    [
        ("electrumx-1.15.0", talk(ELECTRUMX_SPACED, hello("ElectrumX 2.0.0", "1.4.2"), *SPACED_1_15, PING)),
        ("electrumx-2.0.0", talk(ELECTRUMX_PADDED, hello("ElectrumX 1.16.0", "1.6"), *PADDED_2_0)),
    ],
)
def test_another_version_of_the_same_program_is_not_called_another_program(truth: str, dialogue: Dialogue) -> None:
    found = identify([dialogue])

    assert truth in found.builds
    assert {one.contradiction_id for one in found.contradictions} == {"claim_interval", "claim_padding"}
    (interval,) = (one for one in found.contradictions if one.contradiction_id == "claim_interval")
    assert "agreed_up_to_1.6" in interval.words
    assert "ping_with_argument" in interval.words, "every observation that refutes it is named"


def test_only_spacing_of_another_version_is_no_other_order_of_keys() -> None:
    spaced = talk(ELECTRUMX_SPACED, ("server.version", ["o", "1.4"], result(["ElectrumX 1.17.0", "1.4"])))

    assert kinds(spaced) == {"claim_interval"}
    assert kinds(talk(ELECTRUMX_SPACED, hello("Fulcrum 1.2.0", "1.4.2"))) == {
        "claim_key_order",
        "claim_spelling",
        "claim_terminator",
    }


def test_a_banner_of_the_operators_own_names_no_version() -> None:
    default = "You are connected to an ElectrumX 1.16.0 server."
    opening = hello("ElectrumX 1.19.0", "1.6")

    assert kinds(talk(ELECTRUMX_PADDED, opening, ("server.banner", [], result(f"{default}\nWelcome!")))) == set()
    assert kinds(talk(ELECTRUMX_PADDED, opening, ("server.banner", [], result(default)))) == {"names_differ"}
