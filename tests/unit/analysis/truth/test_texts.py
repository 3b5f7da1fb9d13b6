"""Texts: what no program writes, what operators write every day, and the rejection of a transaction."""

from typing import Any

import pytest

from electrum_observatory.analysis.truth.finding import flags
from electrum_observatory.analysis.truth.judge import judge
from tests.unit.analysis.truth.chain import Asked, error, heard, reference, result


def ids(*asked: Asked, own: bool = False) -> list[str]:
    owned = frozenset({"subject"}) if own else frozenset()
    return [one.id for one in flags(judge([heard("subject", *asked)], reference(), own=owned).findings)]


@pytest.mark.parametrize(
    "text",
    [
        "You are connected to an ElectrumX 1.16.0 server.",
        "Connected to a Fulcrum 2.1.1 server",
        "Welcome to electrs 0.10.5 (Electrum Rust Server)!",
        "Welcome to https://example.org\n\tcontact: Jane <jane@example.org>, donate bc1q…\r\n",
        "♥ ₿ 自由 Grüße — ASCII <3 art >-<",
        "daemon 0.28.1, 1.2.3 <= 4",
        "a<b, b>c",
        "\u200fברוכים הבאים ל־\u200eFulcrum 2.1",
    ],
)
def test_banners_that_programs_and_operators_write_are_ordinary(text: str) -> None:
    assert ids(result("server.banner", [], text)) == []


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("Update <a href='https://x'>here</a>", "text_with_markup"),
        ("<SCRIPT>alert(1)</SCRIPT>", "text_with_markup"),
        ("<img src=x onerror=1>", "text_with_markup"),
        ("&#x41;", "text_with_markup"),
        ("\x1b[2J\x1b[31mnew version", "text_with_controls"),
        ("safe\u202efdp.exe", "text_with_controls"),
        ("a\x00b", "text_with_controls"),
        ("a\u200fb", "text_with_controls"),
        ("ברוכים\u202eexe", "text_with_controls"),
    ],
)
def test_banners_that_act_are_named(text: str, identity: str) -> None:
    assert ids(result("server.banner", [], text)) == [identity]


@pytest.mark.parametrize(
    ("method", "params", "message"),
    [
        ("no.such", [], 'unknown method "no.such"'),
        ("blockchain.block.header", [99999999], "height 99,999,999 out of range"),
        ("blockchain.scripthash.get_balance", ["zz"], "zz is not a valid script hash"),
        ("blockchain.scripthash.get_history", ["ab" * 32], "Too many history transactions (>500). Contact support."),
        ("no.such", [], "Internal error: java.io.IOException: connection reset"),
        ("no.such", [], "com.example.server.io.Reader$1 failed"),
        ("server.version", ["obs", ["1.4", "1.6"]], 'obs requested Range("1.4", "1.6"), server supports 1.4'),
        ("server.version", ["http://example.org/bot", "9"], "unsupported request Single(9) by http://example.org/bot"),
        ("blockchain.scripthash.get_balance", ["<b>"], "<b> is not a valid script hash"),
        ("blockchain.transaction.get", ["00" * 32], "daemon error: DaemonError({'code': -5, 'message': 'No such …'})"),
    ],
)
def test_errors_of_the_programs_are_ordinary_and_echoes_are_our_own_words(
    method: str, params: list[Any], message: str
) -> None:
    assert ids(error(method, params, message)) == []


@pytest.mark.parametrize(
    ("message", "identity"),
    [
        ("please visit https://example.net/wallet", "error_with_address"),
        ("see electrum-update.org", "error_with_address"),
        ("<b>unknown method</b>", "text_with_markup"),
        ("unknown\u2066method", "text_with_controls"),
    ],
)
def test_errors_that_no_program_writes_are_named(message: str, identity: str) -> None:
    assert ids(error("no.such", [], message)) == [identity]


PHISHING = "Your version is vulnerable. Please upgrade: download it from https://electrumx.example.com/new"


def test_a_rejection_that_sends_people_somewhere_is_named_where_we_may_ask() -> None:
    asked = error("blockchain.transaction.broadcast", ["zz"], PHISHING)

    assert "rejection_gives_orders" in ids(asked, own=True)
    assert "rejection_gives_orders" not in ids(asked)


@pytest.mark.parametrize(
    "message",
    [
        "the transaction was rejected by network rules.\n\nTX decode failed. Make sure it has one input.\n[zz]",
        "zz should be a hex string",
        "sendrawtransaction RPC error -22: TX decode failed",
    ],
)
def test_rejections_of_the_programs_are_ordinary(message: str) -> None:
    assert ids(error("blockchain.transaction.broadcast", ["zz"], message), own=True) == []


@pytest.mark.parametrize("text", ["a-" * 50_000, "<" + " " * 200_000, "<a " * 20_000])
def test_no_text_is_read_over_and_over(text: str) -> None:
    """With repetitions that overlap, each of these would take hours."""
    assert ids(error("no.such", [], text), result("server.banner", [], text)) == []


@pytest.mark.parametrize("text", ["old version, update at evil.com.Then restart", "install java.com.A from evil.io.B"])
def test_a_sentence_after_an_address_makes_no_class_of_it(text: str) -> None:
    assert ids(error("no.such", [], text)) == ["error_with_address"]
    asked = error("blockchain.transaction.broadcast", ["zz"], text)
    assert "rejection_gives_orders" in ids(asked, own=True)
