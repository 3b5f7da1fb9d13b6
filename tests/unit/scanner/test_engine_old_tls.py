"""The engine and servers that speak old TLS only: a second connection, spaced and counted."""

import asyncio
from typing import Any

import pytest

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.neighbours import NAMES, A, run
from tests.unit.scanner.scripted import (
    CLOSE,
    ScriptedDialer,
    server,
)
from tests.unit.scanner.virtual_time import run_virtually

OLD_TLS = VisitError(Stage.TLS, FailureKind.TLS_HANDSHAKE, "unsupported protocol")


OLD = f"ssl://a.org:50002@{A}"


class OldDialer(ScriptedDialer):
    """Every server fails without old TLS, and answers (or fails as said) with it."""

    def __init__(self, scan: Scan, then: VisitError | None, legacy_s: float) -> None:
        super().__init__(scan.dialer.answers)
        self.legacy: list[bool] = []
        self._then = then
        self._legacy_s = legacy_s

    async def connect(self, endpoint, *, legacy_tls=False):
        self.legacy.append(legacy_tls)
        failure = self._then if legacy_tls else OLD_TLS
        if failure is None:
            return await super().connect(endpoint)
        self.dials.append((asyncio.get_running_loop().time(), endpoint))
        await asyncio.sleep(self._legacy_s if legacy_tls else 0.02)
        raise failure


def old_scan(script: Any, *, then: VisitError | None = None, legacy_s: float = 0.02) -> tuple[Scan, OldDialer]:
    scan = Scan({(A, 50002): script}, targets=["a.org:50002:s"], names=NAMES)
    dialer = OldDialer(scan, then, legacy_s)
    scan.dialer.connect = dialer.connect  # type: ignore[method-assign]
    return scan, dialer


def test_old_tls_is_tried_on_a_second_connection_that_is_spaced_and_counted() -> None:
    scan, dialer = old_scan(server())

    outcome = run(scan)

    assert [round(at) for at, _ in dialer.dials] == [0, 10]
    assert dialer.legacy == [False, True]
    assert scan.sink.failures() == {}
    assert scan.sink.rows("server_version")[OLD].attempt.result is not None
    counted = ("answered", "failed", "endpoints", "connections", "retried_legacy_tls")
    assert [outcome.counts[name] for name in counted] == [1, 0, 1, 2, 1]


def test_a_server_that_fails_with_old_tls_too_is_one_failure_that_tells_of_both() -> None:
    scan, dialer = old_scan(server(), then=VisitError(Stage.TLS, FailureKind.EOF))

    outcome = run(scan)

    failure = scan.sink.rows("connection")[OLD].attempt.failure
    assert (failure.stage, failure.kind) == (Stage.TLS, FailureKind.TLS_HANDSHAKE)
    assert failure.detail == "unsupported protocol; old versions too: eof"
    assert len(dialer.dials) == 2
    assert [outcome.counts[name] for name in ("failed", "endpoints", "connections")] == [1, 1, 2]


def test_an_old_server_that_closes_on_the_range_is_asked_plainly_over_old_tls() -> None:
    def eps(message):
        if message["method"] == "server.version" and isinstance(message["params"][1], list):
            return [CLOSE]
        return server()(message)

    scan, dialer = old_scan(eps)
    outcome = run(scan)

    assert dialer.legacy == [False, True, True]
    assert [round(at) for at, _ in dialer.dials] == [0, 10, 20]
    assert scan.sink.rows("server_version")[OLD].attempt.result["retried_plain"]
    assert outcome.counts["connections"] == 3


@pytest.mark.parametrize(("stop_at_s", "dials"), [(5, 1), (11, 2)])
def test_a_stop_before_or_during_the_dial_with_old_tls_breaks_the_visit_off(stop_at_s: float, dials: int) -> None:
    scan, dialer = old_scan(server(), then=VisitError(Stage.TLS, FailureKind.EOF), legacy_s=30)

    async def main():
        asyncio.get_running_loop().call_later(stop_at_s, scan.engine.stop)
        return await scan.run()

    run_virtually(main())

    failure = scan.sink.rows("connection")[OLD].attempt.failure
    assert (failure.stage, failure.kind) == (Stage.TLS, FailureKind.CANCELLED)
    assert failure.detail.startswith("tls_handshake (unsupported protocol), and stopped")
    assert len(dialer.dials) == dials
