"""Stored facts become conversations again: what was sent, what came, and nothing that was not recorded."""

import base64
from typing import Any

from electrum_observatory.datasets.dialogues import client_name_of, dialogues_by_endpoint, dialogues_of
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.protocol.messages import encode_request
from tests.factories import make_campaign, make_endpoint, make_failed_observation, make_observation, make_witness

NAME = "electrum-observatory/0.1.0"
RANGE = encode_request(0, "server.version", [NAME, ["1.4", "1.6"]])
PLAIN = encode_request(1, "server.version", [NAME, "1.4"])
S = 1_000_000_000


def dial(started_ns: int = 0) -> Observation:
    return make_observation("connection", {"connect_ms": 1.0}, started_monotonic_ns=started_ns)


def handshake(*witnesses: Any, retried: bool = False) -> Observation:
    offered = ["1.4"] if retried else ["1.4", "1.6"]
    result = {"software": "x", "protocol": "1.4", "offered": offered, "retried_plain": retried, "error": None}
    return make_observation(result=result, witnesses=witnesses, started_monotonic_ns=S)


def dialogues(*observations: Observation) -> Any:
    return dialogues_of(observations, client_name=NAME)


def test_a_routine_visit_is_one_connection_in_the_order_of_ids() -> None:
    fees = make_observation(
        "fee_estimates",
        {"estimates": []},
        witnesses=[make_witness(label=str(label), data=b"%d\n" % label) for label in (114, 110)],
    )
    pings = make_observation("latency", {"pings_ms": [3.5, 4.0]}, witnesses=[make_witness(label="11", data=b"p\n")])

    (one,) = dialogues(dial(), fees, handshake(make_witness(received_monotonic_ns=S + 7_000_000)), pings)

    assert one.from_start
    assert one.terminators
    assert [exchange.sent for exchange in one.exchanges] == [
        RANGE,
        encode_request(11, "server.ping"),
        encode_request(110, "blockchain.estimatefee", [2]),
        encode_request(114, "blockchain.estimatefee", [144]),
    ]
    assert [exchange.lines[0].after_ms for exchange in one.exchanges] == [7.0, 4.0, None, None]
    assert all(exchange.closed is None and exchange.alive_after is None for exchange in one.exchanges)


def test_a_range_refused_by_an_error_was_followed_on_the_same_connection() -> None:
    refused, plain = (make_witness(label=label, received_monotonic_ns=S * 2) for label in "01")

    (one,) = dialogues(dial(), handshake(refused, plain, retried=True))

    assert [exchange.sent for exchange in one.exchanges] == [RANGE, PLAIN]


def test_a_range_on_which_the_server_closed_was_a_connection_of_its_own() -> None:
    for witnesses in ([], [make_witness(label="0", received_monotonic_ns=S // 2)]):
        plain = make_witness(label="1", received_monotonic_ns=S * 12)

        first, second = dialogues(dial(S * 10), handshake(*witnesses, plain, retried=True))

        assert (first.exchanges[0].sent, first.exchanges[0].closed) == (RANGE, True)
        assert len(first.exchanges[0].lines) == len(witnesses)
        assert [exchange.sent for exchange in second.exchanges] == [PLAIN]
        assert second.from_start


def test_a_handshake_that_ended_the_connection_says_so() -> None:
    failed = make_failed_observation("server_version", Stage.REQUEST, FailureKind.EOF)

    ((exchange,),) = (one.exchanges for one in dialogues(dial(), failed))

    assert (exchange.sent, exchange.lines, exchange.closed) == (RANGE, (), True)


def test_a_question_that_stayed_open_is_not_called_silence() -> None:
    unanswered = make_failed_observation("banner", Stage.REQUEST, FailureKind.READ_TIMEOUT)

    (one,) = dialogues(dial(), handshake(make_witness()), unanswered)

    assert len(one.exchanges) == 1


def behaviour(visit: int, connection: int, place: int, *sent: str, **overrides: Any) -> Observation:
    exchanges = [
        {
            "name": f"asked#{number}",
            "sent": line,
            "sent_base64": False,
            "lines": [f"{number}.0", f"{number}.1"],
            "after_ms": [1.5, 2.5],
            "closed": False,
            "alive_after": True,
        }
        | overrides
        for number, line in enumerate(sent)
    ]
    result = {"visit": visit, "connection": connection, "place": place, "opening": "range", "exchanges": exchanges}
    witnesses = [
        make_witness(label=f"{number}.{line}", data=f"{sent[number]}{line}\n".encode())
        for number in range(len(sent))
        for line in (0, 1)
    ]
    return make_observation(f"asked_{visit}_{connection}_{place}", result, witnesses=witnesses)


def test_probes_of_one_connection_are_put_together_by_their_places() -> None:
    told = [behaviour(2, 0, 0, "e"), behaviour(1, 0, 2, "c"), behaviour(1, 1, 1, "d"), behaviour(1, 0, 0, "a", "b")]

    found = dialogues(*told)

    assert [[exchange.sent for exchange in one.exchanges] for one in found] == [[b"a", b"b", b"c"], [b"d"], [b"e"]]
    assert [one.from_start for one in found] == [True, False, True]
    assert [(line.data, line.after_ms) for line in found[0].exchanges[1].lines] == [(b"b0\n", 1.5), (b"b1\n", 2.5)]
    assert found[0].exchanges[0].alive_after is True
    assert [exchange.name for exchange in found[0].exchanges] == [
        "asked_1_0_0 asked#0",
        "asked_1_0_0 asked#1",
        "asked_1_0_2 asked#0",
    ]


def test_bytes_that_are_no_text_are_restored() -> None:
    spelled = base64.b64encode(b"\xff\n").decode()

    (one,) = dialogues(behaviour(1, 0, 0, spelled, sent_base64=True))

    assert one.exchanges[0].sent == b"\xff\n"


def test_the_crawl_of_december_had_one_connection_for_each_row() -> None:
    version = make_observation(result={"offered": ["1.4"]}, witnesses=[make_witness(label="1", data=b'{"id":1}')])
    banner = make_observation("banner", {"text": "x"}, witnesses=[make_witness(label="2", data=b'{"id":2}')])
    silent = make_failed_observation("server_version", Stage.REQUEST, FailureKind.NOT_RECORDED)
    mark = make_observation("crawl_2025_12_row", {"latency_ms": 5.0})

    (one,) = dialogues(version, banner, mark, silent, mark)

    assert [exchange.sent for exchange in one.exchanges] == [
        b'{"id": 1, "method": "server.version", "params": ["Electrum 4.4.5", "1.4"]}\n',
        b'{"id": 2, "method": "server.banner", "params": []}\n',
    ]
    assert not one.terminators
    assert all(exchange.closed is None for exchange in one.exchanges)


def test_a_reply_that_somebody_handed_on_alone_has_no_question() -> None:
    told = make_observation(result={"offered": "unknown"}, witnesses=[make_witness(label="", data=b"{}\r\n")])

    (one,) = dialogues(told)

    assert (one.from_start, one.terminators) == (False, True)
    assert (one.exchanges[0].sent, one.exchanges[0].lines[0].data) == (b"", b"{}\r\n")


def test_endpoints_that_said_nothing_are_absent() -> None:
    silent = make_failed_observation(endpoint=make_endpoint(port=1))

    found = dialogues_by_endpoint([silent, handshake(make_witness())], client_name=NAME)

    assert list(found) == [make_endpoint()]


def test_our_name_is_the_campaigns_or_that_of_its_version() -> None:
    assert client_name_of(make_campaign(config={"client_name": "me"})) == "me"
    assert client_name_of(make_campaign()) == NAME


def test_a_name_that_no_bytes_can_hold_is_spelled_out() -> None:
    (one,) = dialogues_of([dial(), handshake(make_witness())], client_name="half \ud800")

    assert b"half" in one.exchanges[0].sent


def test_what_was_asked_in_the_form_of_other_clients_is_no_conversation_of_ours() -> None:
    place = {"visit": 3, "connection": 1, "place": 0, "exchanges": []}
    elsewhere = {**place, "visit": 2, "exchanges": [{"name": "ping_with_null_id", "sent": "", "lines": []}]}
    observations = [
        make_observation("opening", place),
        make_observation("treatment", {**place, "arm": "wallet"}),
        make_failed_observation("treatment", stage=Stage.REQUEST, kind=FailureKind.SESSION_TIMEOUT),
        make_observation("ping_with_null_id", elsewhere),
    ]

    (one,) = dialogues(*observations)

    assert [exchange.name for exchange in one.exchanges] == ["ping_with_null_id"]
