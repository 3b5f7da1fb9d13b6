"""One visit, from the dial to the last outcome."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.config import Deadlines, ScanConfig
from electrum_observatory.scanner.probe_visit import ProbeVisit
from electrum_observatory.scanner.probes.registry import PROBE_IDS
from electrum_observatory.scanner.visit import LAST_PING_ID
from tests.factories import make_endpoint
from tests.unit.scanner.scripted import (
    CLOSE,
    OneRead,
    Pause,
    error_reply,
    reply,
    server,
)
from tests.unit.scanner.virtual_time import VirtualClock
from tests.unit.scanner.visiting import Visited


def test_the_handshake_is_the_first_message_and_pings_come_before_the_questions() -> None:
    visited = Visited(server())

    assert visited.methods[:4] == ["server.version", "server.ping", "server.ping", "server.ping"]
    assert visited.methods[-2:] == ["blockchain.estimatefee", "server.features"]
    assert set(visited.by_probe) == {"connection", *PROBE_IDS}


def test_every_outcome_has_its_times_and_the_bytes_it_was_read_from() -> None:
    padded = b'{"jsonrpc":"2.0","result":"Hi","id":40' + b" " * 900 + b"}\r\n"

    visited = Visited(server(**{"server.banner": lambda _message: [Pause(0.5), padded]}))

    banner = visited.by_probe["banner"]
    assert [witness.data for witness in banner.witnesses] == [padded]
    assert banner.witnesses[0].label == "40"
    assert banner.witnesses[0].received_monotonic_ns == pytest.approx(0.52e9)
    assert banner.started_at_us == VirtualClock.epoch_us + 20_000
    assert (banner.duration_us, banner.boot_id) == (500_000, "virtual")
    assert (banner.loop_lag_us, banner.vantage, banner.probe_version) == (0, "local", 1)


def test_a_certificate_has_no_meaning_without_tls_and_is_read_with_it() -> None:
    assert Visited(server()).by_probe["tls_certificate"].attempt.status is AttemptStatus.NOT_APPLICABLE
    assert Visited(server(), endpoint=make_endpoint()).by_probe["tls_certificate"].witnesses


def test_a_dial_that_fails_leaves_one_row() -> None:
    visited = Visited(VisitError(Stage.TLS, FailureKind.PLAIN_TEXT_ON_TLS, "no TLS here"))

    assert list(visited.by_probe) == ["connection"]
    assert visited.failure("connection") == (Stage.TLS, FailureKind.PLAIN_TEXT_ON_TLS)


def test_tls_that_fails_is_marked_for_one_more_try_with_old_versions() -> None:
    refused = VisitError(Stage.TLS, FailureKind.TLS_HANDSHAKE, "unsupported protocol")

    assert Visited(refused).notebook.tls_refused
    assert not Visited(refused, legacy_tls=True).notebook.tls_refused
    assert not Visited(VisitError(Stage.TLS, FailureKind.PLAIN_TEXT_ON_TLS)).notebook.tls_refused
    assert not Visited(server()).notebook.tls_refused


def test_a_handshake_that_fails_leaves_no_rows_for_the_questions() -> None:
    visited = Visited(lambda _message: [b"220 mail.example.org ESMTP\r\n"])

    assert visited.failure("server_version") == (Stage.NEGOTIATE, FailureKind.NOT_JSON)
    assert set(visited.by_probe) == {"connection", "server_version", "tls_certificate", "reverse_dns"}
    assert visited.by_probe["connection"].attempt.status is AttemptStatus.COMPLETED
    assert [one.label for one in visited.by_probe["connection"].witnesses] == ["unintelligible"]
    assert not visited.notebook.range_refused


def test_a_server_that_closes_on_the_range_is_marked_for_one_more_try() -> None:
    assert Visited(lambda _message: [CLOSE]).notebook.range_refused
    assert not Visited(lambda _message: [CLOSE], plain=True).notebook.range_refused


def test_a_server_that_refuses_every_version_answered_and_is_asked_nothing_more() -> None:
    visited = Visited(lambda message: [error_reply(message["id"], -32003, "Unsupported version")])

    assert visited.by_probe["server_version"].attempt.result["error"]["code"] == -32003
    assert visited.methods == ["server.version", "server.version"]


SPEAKS_1_6 = {"server.version": ["ElectrumX 1.20.0", "1.6"], "mempool.get_info": {"mempoolminfee": 1e-05}}


def not_asked(visited: Visited) -> dict[str, str]:
    spared = AttemptStatus.NOT_APPLICABLE
    return {probe: one.attempt.reason for probe, one in visited.by_probe.items() if one.attempt.status is spared}


def test_no_server_is_asked_what_its_protocol_version_is_known_to_lack() -> None:
    old, new = Visited(server()), Visited(server(**SPEAKS_1_6))

    assert "mempool.get_info" not in old.methods
    assert "blockchain.relayfee" not in new.methods
    assert not_asked(old)["mempool_info"] == "less than protocol 1.6 was negotiated, which has no such method"
    assert not_asked(new)["relay_fee"] == "protocol 1.6 was negotiated, which has no such method"
    assert (old.notebook.errors, new.notebook.errors) == (0, 0)


def test_an_esplora_build_is_not_asked_for_features_since_some_close_on_it() -> None:
    visited = Visited(server(**{"server.version": ["electrs-esplora 0.4.1", "1.4"]}))

    assert not_asked(visited)["features"] == "electrs-esplora 0.4.1 is known to lack server.features"
    assert "server.features" not in visited.methods


def test_a_server_that_closes_on_a_method_under_another_name_loses_only_that() -> None:
    """Field reference §2.1: "unknown method" closes the connection; replies come strictly in order."""
    results = server()

    visited = Visited(lambda message: [CLOSE] if message["method"] == "server.features" else results(message))

    failed = {probe for probe, one in visited.by_probe.items() if one.attempt.status is AttemptStatus.FAILED}
    assert failed == {"features"}
    assert visited.failure("features") == (Stage.REQUEST, FailureKind.EOF)


def test_padding_servers_that_answer_once_a_second_are_asked_everything() -> None:
    answers = server()

    visited = Visited(lambda message: [Pause(1.0), *answers(message)])

    assert all(one.attempt.status is not AttemptStatus.FAILED for one in visited.by_probe.values())


def test_a_server_that_drips_is_left_when_the_conversation_is_over() -> None:
    answers = server()
    config = ScanConfig(deadlines=Deadlines(session_s=30, request_s=20, probe_s=60))

    visited = Visited(lambda message: [Pause(8), *answers(message)], config=config)

    assert visited.seconds == pytest.approx(30.02)
    assert visited.failure("features") == (Stage.REQUEST, FailureKind.SESSION_TIMEOUT)
    assert visited.by_probe["server_version"].attempt.status is AttemptStatus.COMPLETED


def test_a_probe_that_waits_too_long_in_the_queue_has_its_own_deadline() -> None:
    answers = server()
    config = ScanConfig(deadlines=Deadlines(probe_s=5))

    visited = Visited(lambda message: [Pause(4), *answers(message)], config=config)

    assert visited.failure("latency") == (Stage.REQUEST, FailureKind.READ_TIMEOUT)


def test_a_bug_in_a_probe_is_told_as_ours_with_its_line_and_costs_nothing_else(monkeypatch) -> None:
    class Broken(Exception):
        pass

    def broken(_reply: Any) -> Any:
        raise Broken("oops")

    monkeypatch.setattr("electrum_observatory.scanner.probes.peers.read_peers", broken)

    visited = Visited(server())

    failure = visited.by_probe["peers"].attempt.failure
    assert failure is not None
    assert failure.kind is FailureKind.BUG_IN_OBSERVATORY
    assert "Broken at test_visit.py:" in failure.detail
    assert failure.detail.endswith("oops")
    failed = [one.probe for one in visited.by_probe.values() if one.attempt.status is AttemptStatus.FAILED]
    assert failed == ["peers"]


@pytest.mark.parametrize("at_once", [False, True])
def test_what_comes_after_the_handshake_s_reply_fails_the_questions_however_soon_it_comes(at_once: bool) -> None:
    def talkative(message: dict[str, Any]) -> list[Any]:
        lines = (reply(message["id"], ["x", "1.4"]), b"no JSON\n")
        return [OneRead(lines)] if at_once else [*lines]

    visited = Visited(server(**{"server.version": talkative}))

    assert visited.by_probe["server_version"].attempt.result is not None
    assert visited.failure("latency") == visited.failure("banner") == (Stage.REQUEST, FailureKind.NOT_JSON)


@pytest.mark.parametrize(
    ("probe", "broken", "stage"),
    [
        ("tls_certificate", "scanner.probes.tls_certificate.read_tls_certificate", Stage.TLS),
        ("reverse_dns", "scanner.probe_visit.ProbeVisit.resolve_pointer", Stage.RESOLVE),
        ("latency", "scanner.probe_visit.ProbeVisit.request", Stage.REQUEST),
        ("banner", "scanner.probes.banner.text_or_null", Stage.REQUEST),
    ],
)
def test_a_bug_is_filed_under_the_step_of_its_probe(monkeypatch, probe: str, broken: str, stage: Stage) -> None:
    config = replace(ScanConfig(), probes=(probe,))
    request = ProbeVisit.request

    def fail(*args: Any) -> Any:
        if "server.version" in args:
            return request(*args)
        raise ZeroDivisionError

    monkeypatch.setattr(f"electrum_observatory.{broken}", fail)

    visited = Visited(server(), endpoint=make_endpoint(), config=config)

    assert visited.failure(probe) == (stage, FailureKind.BUG_IN_OBSERVATORY)


def test_a_name_server_that_takes_too_long_is_no_silence_of_the_server(monkeypatch) -> None:
    async def slow(*_args: Any) -> Any:
        await asyncio.sleep(100)

    monkeypatch.setattr("electrum_observatory.scanner.probe_visit.ProbeVisit.resolve_pointer", slow)
    answers = server()

    visited = Visited(lambda message: [Pause(5), *answers(message)])

    assert visited.failure("reverse_dns") == (Stage.RESOLVE, FailureKind.DNS_TIMEOUT)


def test_probes_that_are_switched_off_are_not_put() -> None:
    visited = Visited(server(), config=replace(ScanConfig(), probes=("banner",)))

    assert visited.methods == ["server.version", "server.banner"]
    assert set(visited.by_probe) == {"connection", "server_version", "banner"}


@pytest.mark.parametrize("cancel_after_s", [0.0, 0.01, 0.02, 0.5, 1.5, 2.5, 3.9, 4.1, 6.0])
def test_a_visit_can_be_cut_short_at_any_moment_and_keeps_what_it_learned(cancel_after_s: float) -> None:
    answers = server()

    visited = Visited(lambda message: [Pause(1.0), *answers(message)], cancel_after_s=cancel_after_s)

    assert visited.seconds == pytest.approx(cancel_after_s)
    for connection in visited.dialer.connections:
        assert connection.aborted
    cut = [one for one in visited.by_probe.values() if one.attempt.failure is not None]
    assert all(one.attempt.failure.kind is FailureKind.CANCELLED for one in cut)
    if cancel_after_s >= 1.5:
        assert visited.by_probe["server_version"].attempt.status is AttemptStatus.COMPLETED
        assert "latency" in visited.by_probe


def test_replies_that_come_late_or_unasked_stay_as_witnesses_of_the_connection() -> None:
    news = b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[]}\n'
    answers = server()

    visited = Visited(lambda message: [news, *answers(message)])

    witnesses = visited.by_probe["connection"].witnesses
    assert len(witnesses) == 8
    assert {(one.label, one.data) for one in witnesses} == {("notification", news)}
    assert visited.notebook.notifications == 17


def test_a_reply_that_only_the_tolerant_parser_reads_is_a_result_and_says_so() -> None:
    line = b'{"jsonrpc":"2.0","result":"\\ud800","id":%d}\n'
    banner = server(**{"server.banner": lambda message: [line % message["id"]]})

    visited, strict = Visited(banner), Visited(server())

    assert visited.by_probe["banner"].attempt.status is AttemptStatus.COMPLETED
    assert [one.label for one in visited.by_probe["connection"].witnesses] == ["tolerant"]
    assert (visited.notebook.tolerant, strict.notebook.tolerant) == (1, 0)


@pytest.mark.parametrize(("dead", "words"), [(False, "a ping after it was answered"), (True, "nor was a ping after")])
def test_a_server_silent_by_design_is_told_from_a_dead_one_by_a_last_ping(dead: bool, words: str) -> None:
    """Field reference §2.3: EPS answers nothing to methods that it does not know."""
    answers = server(**SPEAKS_1_6)

    def eps(message):
        silent = message["method"] in ("server.features", "mempool.get_info") or (
            dead and message["id"] == LAST_PING_ID
        )
        return [] if silent else answers(message)

    visited = Visited(eps)

    assert visited.methods[-1] == "server.ping"
    failed = {probe: one.attempt.failure.detail for probe, one in visited.by_probe.items() if one.attempt.failure}
    assert set(failed) == {"features", "mempool_info"}
    assert all(detail.startswith("no reply to") and words in detail for detail in failed.values())


def test_a_server_that_answers_everything_or_nothing_gets_no_last_ping() -> None:
    first = server()

    whole = Visited(server())
    mute = Visited(lambda message: first(message) if message["method"] == "server.version" else [])

    assert whole.methods[-1] == "server.features"
    assert mute.notebook.requests == 7, "the handshake, and as many as may still come to errors"


def test_the_same_script_gives_the_same_facts_again() -> None:
    first, second = Visited(server()), Visited(server())

    assert first.notebook.observations == second.notebook.observations
