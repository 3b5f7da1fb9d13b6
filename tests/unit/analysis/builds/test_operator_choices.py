"""What an operator chose: templates of its own words; defaults of the software are none."""

import json
from typing import Any

import pytest

from electrum_observatory.analysis.builds.fingerprint import fingerprint
from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Transport


def operator(**answers: Any) -> str | None:
    exchanges = []
    for number, (method, result) in enumerate(answers.items()):
        sent = {"jsonrpc": "2.0", "id": number, "method": f"server.{method}", "params": []}
        reply = {"jsonrpc": "2.0", "result": result, "id": number}
        line = Line(data=json.dumps(reply).encode() + b"\n")
        exchanges.append(Exchange(name=method, sent=json.dumps(sent).encode() + b"\n", lines=(line,)))
    return fingerprint([Dialogue(transport=Transport.TCP, exchanges=tuple(exchanges))]).operator


@pytest.mark.parametrize(
    "banner",
    [
        "You are connected to an ElectrumX 1.16.0 server.",
        "Connected to a Fulcrum 2.1.1 server",
        "Welcome to electrs 0.10.5 (Electrum Rust Server)!",
        "Welcome to electrs-esplora 0.4.1",
        "Welcome to Floresta's Electrum Server.",
        "",
    ],
)
def test_a_default_banner_is_no_choice(banner: str) -> None:
    assert operator(banner=banner) is None


@pytest.mark.parametrize("donation", ["", None, "1Ca1inCimwRhhcpFX84TPRrPQSryTgKW6N"])
def test_a_default_donation_address_is_no_choice(donation: str | None) -> None:
    assert operator(donation_address=donation) is None


def test_live_numbers_and_white_space_of_a_banner_do_not_count() -> None:
    assert operator(banner="Height 900,123  at 12:30\r\nhello") == operator(banner="Height 900,124 at 07:01\nhello")
    assert operator(banner="Height 1 hello") != operator(banner="Height 1 goodbye")


def test_hosts_do_not_count_and_unusual_ports_do() -> None:
    usual = {"a.example": {"tcp_port": 50001, "ssl_port": 50002}}
    unusual = {"a.example": {"tcp_port": 60001}}

    assert operator(features={"hosts": usual}) is None
    assert operator(features={"hosts": unusual}) == operator(features={"hosts": {"b.example": {"tcp_port": 60001}}})
    assert operator(features={"hosts": unusual}) != operator(features={"hosts": {"a.example": {"tcp_port": 60002}}})


@pytest.mark.parametrize(
    "features", [[], None, {"hosts": []}, {"hosts": {"a": 5}}, {"hosts": {"a": {"tcp_port": "x"}}}]
)
def test_features_of_another_shape_say_nothing(features: Any) -> None:
    assert operator(features=features) is None
