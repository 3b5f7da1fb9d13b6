"""Every cap of a conversation, at the cap and one above it; the session's own, and those of one probe."""

import json
from dataclasses import replace
from typing import Any

import pytest

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.config import Budgets, Caps, Deadlines, ScanConfig
from electrum_observatory.scanner.probe_visit import ProbeLimits, ProbeVisit
from electrum_observatory.scanner.probes.latency import LatencyProbe
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.session import Session
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.harness import LIMITS
from tests.unit.scanner.scripted import Answer, Pause, ScriptedConnection, ScriptedResolver, error_reply, reply, server
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually
from tests.unit.scanner.visiting import Visited

BANNER_ONLY = ScanConfig(probes=("server_version", "banner"))


def banner(result: bytes) -> Any:
    def answer(message: dict[str, Any]) -> list[bytes]:
        return [b'{"id":' + str(message["id"]).encode() + b',"result":' + result + b"}\n"]

    return server(**{"server.banner": answer})


def visited(script: Any, **changes: Any) -> Visited:
    return Visited(script, config=replace(BANNER_ONLY, **changes))


@pytest.mark.parametrize(
    ("result", "caps", "refused"),
    [
        (b"[[[1]]]", Caps(json_depth=4), None),
        (b"[[[[1]]]]", Caps(json_depth=4), "nested deeper than 4"),
        (b"[%b[]]" % (b"[]," * 15), Caps(json_members=20), None),
        (b"[%b[0]]" % (b"[]," * 15), Caps(json_members=20), "more than 20 elements, names and values"),
        (b"12345", Caps(number_digits=5), None),
        (b"123456", Caps(number_digits=5), "a number of more than 5 digits"),
    ],
)
def test_depth_members_and_digits(result: bytes, caps: Caps, refused: str | None) -> None:
    seen = visited(banner(result), caps=caps)

    if refused is None:
        assert seen.failure("banner")[1] is FailureKind.UNEXPECTED_RESULT, "it was parsed, and is no text"
    else:
        failure = seen.by_probe["banner"].attempt.failure
        assert failure is not None
        assert (failure.kind, failure.detail) == (FailureKind.NOT_JSON, refused)
        assert seen.notebook.ended is FailureKind.NOT_JSON


@pytest.mark.parametrize(("extra", "kind"), [(3, None), (4, FailureKind.TOO_MANY_MESSAGES)])
def test_lines_of_a_visit(extra: int, kind: FailureKind | None) -> None:
    notice = json.dumps({"method": "x", "params": []}).encode() + b"\n"

    def chatty(message: dict[str, Any]) -> list[bytes]:
        return [*[notice] * extra, reply(message["id"], "hello")]

    seen = visited(server(**{"server.banner": chatty}), caps=Caps(messages_per_session=5))

    assert seen.notebook.ended is kind


def test_requests_of_a_visit() -> None:
    for requests, kind in ((2, None), (1, FailureKind.BUDGET_SPENT)):
        seen = visited(server(), budgets=Budgets(requests=requests))

        failure = seen.by_probe["banner"].attempt.failure
        assert (failure and failure.kind) is kind


def test_errors_of_a_visit() -> None:
    def sulking(message: dict[str, Any]) -> list[bytes]:
        if message["method"] == "server.version":
            return [reply(message["id"], ["x", "1.4"])]
        return [error_reply(message["id"], -32601, "no")]

    for errors in (1, 2, 5):
        seen = Visited(sulking, config=ScanConfig(budgets=Budgets(errors=errors)))

        assert seen.notebook.errors == errors
        kinds = {one.attempt.failure.kind for one in seen.notebook.observations if one.attempt.failure}
        assert kinds == {FailureKind.BUDGET_SPENT}


@pytest.mark.parametrize(("seconds", "kind"), [(29.9, None), (30.1, FailureKind.SESSION_TIMEOUT)])
def test_seconds_of_a_visit(seconds: float, kind: FailureKind | None) -> None:
    slow = server(**{"server.banner": lambda message: [Pause(seconds), reply(message["id"], "hello")]})

    seen = visited(slow, deadlines=Deadlines(session_s=30, request_s=60, probe_s=60))

    assert seen.notebook.ended is kind


@pytest.mark.parametrize(("seconds", "fails"), [(29.9, False), (30.1, True)])
def test_seconds_of_a_probe(seconds: float, fails: bool) -> None:
    slow = server(**{"server.banner": lambda message: [Pause(seconds), reply(message["id"], "hello")]})

    seen = visited(slow, deadlines=Deadlines(session_s=60, request_s=60, probe_s=30))

    assert (seen.by_probe["banner"].attempt.failure is not None) is fails
    if fails:
        assert seen.failure("banner") == (Stage.REQUEST, FailureKind.READ_TIMEOUT)
    assert seen.notebook.ended is None


def test_bytes_of_a_probe_are_its_own_affair() -> None:
    greeting = b'"' + b"hello " * 50 + b'"'
    size = len(visited(banner(greeting)).by_probe["banner"].witnesses[0].data)

    fits = visited(banner(greeting), caps=Caps(bytes_per_probe=size))
    above = visited(banner(greeting), caps=Caps(bytes_per_probe=size - 1))

    assert fits.by_probe["banner"].attempt.result is not None
    assert above.failure("banner") == (Stage.REQUEST, FailureKind.TOO_MANY_BYTES)
    assert above.by_probe["banner"].witnesses, "the bytes are kept all the same"
    assert above.notebook.ended is None, "the conversation goes on"


def ask_as_probe(answer: Answer, limits: ProbeLimits, calls: int) -> Any:
    """Let a careless probe put its first request again and again."""
    probe = LatencyProbe(pings=3)

    async def run() -> Any:
        connection = ScriptedConnection(answer)
        session = Session(connection, VirtualClock(), LIMITS)
        view = ProbeVisit(
            probe=probe,
            session=session,
            facts=connection.facts,
            resolver=ScriptedResolver(),
            may_look_up=Rules().may_look_up,
            client_name="x",
            limits=limits,
        )
        connection.hand_over(session)
        try:
            for number in range(calls):
                await view.request(probe.first_id + number % 3, "server.ping")
        except VisitError as error:
            return error.failure.kind
        except ValueError as error:
            return str(error)
        finally:
            connection.abort()
        return len(connection.sent)

    return run_virtually(run())


def test_requests_of_a_probe() -> None:
    limits = ProbeLimits(bytes=1_000, errors=6)

    assert ask_as_probe(server(), limits, 3) == 3
    assert ask_as_probe(server(), limits, 4) == "4 requests, where the probe's own cost is 3"


def test_errors_of_a_probe() -> None:
    sulking = server(**{"server.ping": lambda message: [error_reply(message["id"], -1, "no")]})

    assert ask_as_probe(sulking, ProbeLimits(bytes=1_000, errors=3), 3) == 3
    assert ask_as_probe(sulking, ProbeLimits(bytes=1_000, errors=2), 3) is FailureKind.BUDGET_SPENT


def test_a_conversation_that_a_cap_ended_is_counted_by_its_cap() -> None:
    scan = Scan(
        {("5.9.1.2", 50001): banner(b"[" * 99), ("5.9.1.3", 50001): server()},
        targets=["5.9.1.2:50001:t", "5.9.1.3:50001:t"],
    )

    counts = run_virtually(scan.run()).counts

    assert {name: number for name, number in counts.items() if name.startswith("ended_")} == {"ended_not_json": 1}


@pytest.mark.parametrize(
    "wrong",
    [{"json_depth": 0}, {"json_depth": 201}, {"number_digits": 0}, {"number_digits": 4301}],
)
def test_caps_that_would_harm_our_own_parsers_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ScanConfig(caps=Caps(**wrong))
