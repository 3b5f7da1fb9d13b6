"""What stock options, front ends, slow lines and answers that got lost do to a conversation excludes no true build."""

from dataclasses import replace
from typing import Any

import pytest

from electrum_observatory.analysis.builds.identify import Identification, identify
from electrum_observatory.model.dialogue import Dialogue, Exchange
from electrum_observatory.model.endpoint import Transport
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

PING = ("server.ping", [], result(None))
MODERN = talk(ELECTRUMX_PADDED, hello("ElectrumX 1.19.0", "1.6"), PING)
CHECKOUT = hello("ElectrumX 1.16.0", "1.4.2")
HELLO = b'{"jsonrpc":"2.0","id":0,"method":"server.version","params":["o",["1.4","1.6"]]}\n'
BARE_PING = b'{"jsonrpc":"2.0","id":1,"method":"server.ping","params":[]}\n'
LIMITED = error(-32005, "rate limit exceeded")


def connection(*exchanges: Exchange) -> Dialogue:
    return Dialogue(transport=Transport.TCP, exchanges=exchanges)


def innocent(build: str, *dialogues: Dialogue) -> Identification:
    found = identify(dialogues)
    assert build in found.builds
    assert found.contradictions == ()
    assert not found.several_backends
    assert found.implementation in (None, build.partition("-")[0])
    return found


def test_a_client_that_electrumx_dismisses_learns_nothing_about_versions() -> None:
    dismissed = exchange("hello", HELLO, b'{"jsonrpc": "2.0", "result": 1, "id": 0}\n', closed=True)

    innocent("electrumx-1.16.0", connection(dismissed))
    innocent("electrumx-1.16.0", connection(dismissed), talk(ELECTRUMX_SPACED, CHECKOUT, PING))


@pytest.mark.parametrize("how", [{"closed": True}, {"alive": True}], ids=["closed", "silent"])
def test_a_first_message_that_got_no_answer_was_not_answered(how: dict[str, bool]) -> None:
    innocent("electrumx-1.19.0", connection(exchange("first", BARE_PING, **how)), MODERN)


@pytest.mark.parametrize(
    "asked",
    [
        ("server.version", ["o", ["1.4", "1.6"]], LIMITED),
        ("server.version", ["o", ["1.4", "1.6"]], error(1, "this client is not welcome")),
    ],
)
def test_a_front_end_that_refuses_a_handshake_says_nothing_about_versions(asked: Any) -> None:
    innocent("electrumx-1.19.0", talk(ELECTRUMX_PADDED, asked), MODERN)


def test_a_front_end_that_limits_rates_says_nothing_about_methods() -> None:
    method = ("blockchain.scripthash.get_first_use", ["00" * 32], LIMITED)

    innocent("electrumx-1.19.0", talk(ELECTRUMX_PADDED, hello("ElectrumX 1.19.0", "1.6"), method))


def test_a_late_reply_is_not_taken_for_the_answer_to_a_null_id() -> None:
    answered = b'{"jsonrpc":"2.0","result":["ElectrumX 1.16.0","1.4.2"],"id":0}\n'
    late = b'{"jsonrpc":"2.0","result":null,"id":1}\n'
    null = BARE_PING.replace(b'"id":1', b'"id":null')

    innocent(
        "electrumx-git-2022-03-29",
        connection(exchange("hello", HELLO, answered), exchange("slow", BARE_PING), exchange("null", null, late)),
    )


def test_a_server_that_has_not_looked_at_its_mempool_yet_has_no_shape() -> None:
    opening = ("server.version", ["o", "1.4"], result(["ElectrumPersonalServer 0.2.4", "1.4"]))

    innocent("eps-0.2.4", talk(ELECTRUMX_SPACED, opening, ("mempool.get_fee_histogram", [], result([[0, 0]]))))


def test_where_an_answer_got_lost_it_may_have_carried_the_padding() -> None:
    lost = talk(ELECTRUMX, hello("ElectrumX 1.19.0", "1.6"), PING, PING, PING, ("server.banner", [], None))

    innocent("electrumx-1.19.0", lost)


def test_an_upgrade_between_visits_is_two_backends_and_no_contradiction() -> None:
    before = talk(ELECTRUMX_PADDED, hello("ElectrumX 1.18.0", "1.4.3"), PING)
    after = talk(ELECTRUMX_PADDED, hello("ElectrumX 1.20.0", "1.6"), PING)
    frames = talk(ELECTRUMX, hello("ElectrumX 1.20.0", "1.6"), PING, transport=Transport.WS, terminators=False)

    for visits in ([before, after], [before, before, after], [before, after, frames]):
        found = identify(visits)

        assert found.several_backends
        assert found.contradictions == ()
        assert {"electrumx-1.18.0", "electrumx-1.20.0"} <= set(found.builds)


def test_padding_that_never_comes_is_no_second_backend() -> None:
    stripped = talk(ELECTRUMX, hello("ElectrumX 1.19.0", "1.6"), PING, PING, PING)

    once, twice = identify([stripped]), identify([stripped, stripped])

    assert not twice.several_backends
    assert once.builds == twice.builds
    assert [one.contradiction_id for one in twice.contradictions] == [
        one.contradiction_id for one in once.contradictions
    ]


@pytest.mark.parametrize("text", ["Fulcrum", "Fulcrum 1.9.1 is fine, too", "electrs/0.10.0", "ElectrumX 1.16.0"])
def test_operators_may_write_what_they_like(text: str) -> None:
    asked = [("server.banner", [], result(text)), ("server.donation_address", [], result(text))]

    innocent("electrumx-1.19.0", talk(ELECTRUMX_PADDED, hello("ElectrumX 1.19.0", "1.6"), *asked))


def test_a_request_without_id_is_answered_without_one() -> None:
    opening = b'{"id":0,"jsonrpc":"2.0","result":["electrs-esplora 0.4.1","1.4"]}\n'
    without_id = b'{"jsonrpc":"2.0","method":"server.ping","params":[]}\n'
    unknown = ("no.such", [], error(-32601, "unknown method no.such"))

    innocent(
        "blockstream_electrs-new",
        talk(RUST, hello("electrs-esplora 0.4.1", "1.4"), unknown),
        connection(exchange("hello", HELLO, opening), exchange("id", without_id, b'{"jsonrpc":"2.0","result":null}\n')),
    )


def test_between_1_3_and_1_6_fulcrum_may_want_its_version_member_or_not() -> None:
    asked = b'{"id":0,"method":"server.version","params":["o",["1.4","1.6"]]}\n'
    answered = b'{"id":0,"jsonrpc":"2.0","result":["Fulcrum 1.5.2","1.4.4"]}\r\n'

    innocent("fulcrum-1.3", connection(exchange("hello", asked, answered)))


def test_a_connection_without_its_first_exchanges_is_read_with_less() -> None:
    whole = talk(
        FULCRUM,
        hello("Fulcrum 2.1.1", "1.6"),
        ("no.such", [], error(-32601, "Unsupported request: no.such")),
        ("blockchain.block.header", [4_294_967_296], result("00" * 80)),
        ("server.ping", ["x"], error(-32602, "Expected at most 0 parameters for server.ping, got 1 instead")),
    )
    widest = set(identify([whole]).builds)

    for place in range(len(whole.exchanges)):
        kept = whole.exchanges[:place] + whole.exchanges[place + 1 :]
        found = innocent("fulcrum-2.1.1", replace(whole, exchanges=kept, from_start=place != 0))

        assert widest <= set(found.builds)


def test_an_upgrade_from_plain_to_padded_replies_shows_on_the_connections() -> None:
    before = talk(ELECTRUMX, hello("ElectrumX 1.17.0", "1.4.3"), PING, PING)
    after = talk(ELECTRUMX_PADDED, hello("ElectrumX 1.18.0", "1.4.3"), PING)

    found = identify([before, after])

    assert found.several_backends
    assert found.contradictions == ()
    assert {"electrumx-1.17.0", "electrumx-1.18.0"} <= set(found.builds)


def test_a_rare_build_that_fits_both_glues_no_two_machines_together() -> None:
    mode = ("blockchain.estimatefee", [2, "economical"], error(1, "unknown estimatefee mode: economical"))
    spaced = talk(ELECTRUMX_SPACED, CHECKOUT, mode)
    compact = talk(ELECTRUMX, hello("ElectrumX 1.16.0", "1.4.2"), mode)
    newer = talk(ELECTRUMX, hello("ElectrumX 1.17.0", "1.4.3"), PING, PING)

    for dialogues in ([spaced, newer], [spaced, compact, newer], [newer, compact, spaced]):
        found = identify(dialogues)

        assert {"electrumx-1.16.0", "electrumx-1.17.0"} <= set(found.builds)
        assert found.contradictions == ()
