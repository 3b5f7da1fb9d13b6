"""What a person is told of further visits: before a scan, and while it runs."""

from dataclasses import replace

import pytest

from electrum_observatory.bitcoin.reference import ChainReference, bundled_reference
from electrum_observatory.cli.planned_visits import AGGRESSIVE, further_visits, in_minutes
from electrum_observatory.cli.progress import line, shown_progress
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.discovery.typed_targets import typed_targets
from electrum_observatory.scanner.plan import ScanPlan, plan_scan
from electrum_observatory.scanner.probes.registry import battery
from electrum_observatory.scanner.progress import Progress
from electrum_observatory.scanner.rules import Rules
from tests.unit.scanner.capture import BITCOIN
from tests.unit.scanner.virtual_time import run_virtually

QUESTIONS = ("header_beyond_tip", "unknown_method", "scripthash_first_use")


def plan(config: ScanConfig, reference: ChainReference | None = None) -> ScanPlan:
    planned: ScanPlan = run_virtually(
        plan_scan(
            config=config,
            sources=[typed_targets(("a.org",), BITCOIN)],
            rules=Rules(),
            now_us=0,
            reference=reference,
        )
    )
    return planned


def test_nothing_is_said_where_no_further_visits_are_made() -> None:
    assert list(further_visits(plan(ScanConfig()))) == []


def test_each_visit_is_told_with_its_cost_and_all_with_the_time_that_they_take_at_least() -> None:
    made = plan(ScanConfig(battery=QUESTIONS))

    assert list(further_visits(made)) == [
        "Then 1 further visit to 1 endpoint of each machine that answers, each after 10 min of rest:",
        f"  visit 1: at most 7 requests over 2 connections, 3 expected errors: {', '.join(QUESTIONS)}",
        "So the campaign takes at least 10 min, for one machine as for many: they rest side by side.",
        "Ctrl-C ends it at any time and keeps what was learned; observatory scan --resume latest makes the rest.",
    ]
    assert made.further_s == 610


def test_of_each_aggressive_visit_it_is_told_in_words_what_is_done_to_the_server() -> None:
    made = plan(ScanConfig(battery=("aggressive",)))

    lines = list(further_visits(made))
    assert {probe.id for probe in battery(["aggressive"])} == set(AGGRESSIVE)
    assert [visit.probes for visit in made.further_visits] == [(probe,) for probe in AGGRESSIVE]
    for probe, words in AGGRESSIVE.items():
        (place,) = [place for place, line in enumerate(lines) if line.endswith(f": {probe}")]
        assert lines[place + 1] == f"    aggressive: {words}"


def test_what_is_left_out_is_told_with_the_reason() -> None:
    config = ScanConfig(battery=("core", "malformed", "header_proof"), visits=1)

    known, unknown = plan(config, bundled_reference("bitcoin")), plan(config)

    lines = list(further_visits(unknown))
    assert "  left out: ping_with_odd_ids: it would take more visits than 1" in lines
    assert "  left out: header_proof: nothing is known of this chain that could be asked about" in lines
    assert known.left_out["header_proof"] == "it would take more visits than 1"
    assert len(unknown.further_visits) == 1


def test_durations_are_told_as_a_person_would() -> None:
    assert [in_minutes(seconds) for seconds in (15, 600, 8_520)] == ["15 s", "10 min", "2 h 22 min"]


RESTING = Progress(
    targets=3,
    resolving=0,
    waiting=0,
    in_flight=0,
    done=3,
    answered=3,
    verified=3,
    failed=0,
    refused=0,
    elapsed_s=20.0,
    busiest_queue=0,
    spacing_s=10.0,
    stopping=False,
    visits_waiting=9,
    visits_until_s=1_790.0,
)


def test_a_log_of_hours_gets_a_line_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress() as observer:
        for second in range(3_600):
            observer.progressed(replace(RESTING, elapsed_s=float(second)))

    assert capsys.readouterr().err.count("scanning 3 of 3") == 60 // 5 + 58


def test_progress_says_how_many_visits_wait_and_for_how_long_at_least() -> None:
    told = "scanning 3 of 3 · 9 further visits to come, the last in 29 min 50 s or later · "
    assert line(RESTING).startswith(told)
    assert "left" not in line(RESTING), "the same time, told twice"
    assert " · ~30 min 00 s left · " in line(replace(RESTING, busiest_queue=180))
    assert "the last in 2 h 22 min or later" in line(replace(RESTING, visits_until_s=8_520.0))
    assert "sealing" not in line(RESTING)
    assert "further visit" not in line(replace(RESTING, stopping=True))
    in_a_lab = replace(RESTING, visits_waiting=1, visits_until_s=0.4)
    assert line(in_a_lab).startswith("scanning 3 of 3 · 1 further visit to come · ")
    assert "sealing" in line(replace(RESTING, visits_waiting=0, visits_until_s=None))
