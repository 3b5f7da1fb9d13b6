"""A watch as it is joined: its stint goes on from what the watch did before."""

from pathlib import Path

import pytest

from electrum_observatory.cli import monitor_wiring
from electrum_observatory.cli.dial_book import DialBook
from electrum_observatory.cli.monitor_past import Past
from electrum_observatory.cli.settings import load_settings
from electrum_observatory.cli.wiring import Selection
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.watch import Blindness
from electrum_observatory.net.loop import run
from electrum_observatory.scanner.watching.observer import Unobserved
from tests.unit.scanner.watching.scene import MemorySink, endpoint

SERVERS = [endpoint(number) for number in range(5)]


class Nobody:
    """Dials nobody: every connection is refused."""

    def __init__(self, **_wishes: object) -> None:
        pass

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> None:
        raise VisitError(Stage.CONNECT, FailureKind.CONNECT_REFUSED)


@pytest.mark.parametrize(("past", "seen"), [(Past(next_round=7, was_up=frozenset(SERVERS)), 0), (Past(), 5)])
def test_a_stint_goes_on_with_the_number_and_the_voices_of_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, past: Past, seen: int
) -> None:
    monkeypatch.setattr(monitor_wiring, "Dialer", Nobody)
    plan = monitor_wiring.plan_watch(load_settings(), Selection(targets=("s0.example",)), tmp_path, lab=None, note="")
    sink = MemorySink()

    async def one_round() -> None:
        monitor = monitor_wiring.monitor_of(
            plan,
            watch=monitor_wiring.watch_to_keep(plan, None, new=True),
            past=past,
            sink=sink,
            book=DialBook(plan.clock, rest_s=600, spacing_s=0),
            observer=Unobserved(),
        )
        monitor.set_watched(SERVERS)
        await monitor.once()

    run(one_round())

    [(made, readings)] = sink.rounds
    assert (made.number, len(readings)) == (past.next_round, seen)
    assert sink.why_blind() == ([] if seen else [Blindness.NO_NETWORK])
