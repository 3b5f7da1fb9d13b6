"""The watch on a screen: what matters stays on narrow ones, and no server's name acts on it."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console

from electrum_observatory.cli.monitor_digest import RoundDigest
from electrum_observatory.cli.monitor_table import round_line, size_words, spell_words, table
from electrum_observatory.cli.monitor_view import MonitorView
from electrum_observatory.model.watch import Availability, Blindness, BlindSpell, Question

NOON = 1_795_262_400_000_000
MINUTE = 60_000_000
DIGEST = RoundDigest(
    number=4711,
    due_at_us=NOON,
    started_at_us=NOON,
    duration_us=2_140_000,
    questions=tuple(Question),
    watched=1003,
    found={Availability.UP: 941, Availability.REFUSED: 40, Availability.UNKNOWN: 22},
    histograms=138,
    read_spread_us=1_020_000,
    lag_max_us=3_400,
    tip=870_123,
    behind=(("electrum.slow.example", 5), ("late.example", 1), ("later.example", 1), ("last.example", 1)),
    behind_in_all=4,
)


def full_view() -> MonitorView:
    view = MonitorView(
        watch_id="20261121T173000Z-local-abc123",
        began_us=NOON - 3 * 86_400_000_000,
        rounds=862,
        last=DIGEST,
        next_due_us=NOON + 4 * MINUTE,
        watched=1003,
        resting=12,
        joining_us=NOON + 3 * MINUTE,
        next_campaign_us=NOON + 200 * MINUTE,
        heights={"a": 870_123, "b": 870_123, "c": 870_118},
        data_bytes=1_234_567_890,
        free_bytes=340_000_000_000,
        spells=[BlindSpell(why=Blindness.NO_NETWORK, from_us=NOON - 30 * MINUTE, to_us=NOON - 20 * MINUTE)],
    )
    view.warnings.append((NOON, "Only 1.2 GB are free on the disk of data: make room there."))
    return view


def drawn(view: MonitorView, width: int, height: int = 24) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False, soft_wrap=True).print(table(view, NOON, width, height))
    return out.getvalue().splitlines()


def test_a_screen_of_usual_size_shows_it_all() -> None:
    assert drawn(full_view(), 80) == [
        "watch 20261121T173000Z-local-abc123 · for 3 d",
        "rounds     862 done · next in 4 min · the last took 2.1 s",
        "servers    1,003 watched · 941 up · 40 refused · 22 unknown",
        "tip        870,123 · 4 behind it in the last round",
        "histograms 138 distinct · of 941 up",
        "our timing all asked within 1.02 s · loop 3.4 ms late at most",
        "campaigns  next in 3 h 20 min",
        "blind      1 spell of ours, 10 min · the latest: no network, to 2026-11-21 11:40",
        "disk       1.2 GB kept · 340.0 GB free",
        "2026-11-21 12:00:00 Only 1.2 GB are free on the disk of data: make room there.",
    ]


def test_a_wide_screen_names_who_is_behind() -> None:
    assert "4 behind it in the last round · electrum.slow.example −5, late.example −1, later.example −1" in "\n".join(
        drawn(full_view(), 120)
    )


@pytest.mark.parametrize("width", [20, 32, 50, 80, 200])
@pytest.mark.parametrize("view", [full_view, lambda: MonitorView(watch_id="w", began_us=NOON)])
def test_no_line_is_longer_than_the_screen(width: int, view: Callable[[], MonitorView]) -> None:
    lines = drawn(view(), width)

    assert max(map(len, lines)) <= max(width, 31)
    assert lines[1].startswith("rounds")


def test_a_low_screen_keeps_the_first_lines() -> None:
    assert [line.split()[0] for line in drawn(full_view(), 80, height=5)] == ["watch", "rounds", "servers", "tip"]


def test_before_the_first_round_it_says_who_is_waited_for() -> None:
    view = MonitorView(
        watch_id="w",
        began_us=NOON,
        resting=8,
        joining_us=NOON + 3 * MINUTE,
        campaign="discovery: scanning 3 of 9 · 2 answered",
    )

    lines = drawn(view, 80)

    assert "servers    0 watched · 8 found, joining within 3 min" in lines
    assert "campaigns  discovery: scanning 3 of 9 · 2 answered" in lines


def test_blind_time_counts_once_and_a_clock_that_was_set_is_none() -> None:
    view = full_view()
    view.spells += [
        BlindSpell(why=Blindness.SUSPENDED, from_us=NOON - 32 * MINUTE, to_us=NOON - 21 * MINUTE),
        BlindSpell(why=Blindness.CLOCK_STEP, from_us=NOON, to_us=NOON + 180 * MINUTE, step_us=180 * MINUTE),
    ]
    assert "blind      1 spell of ours, 12 min · the latest: suspended, to 2026-11-21 11:39" in drawn(view, 80)

    view.spells = view.spells[-1:]
    assert "blind      never" in drawn(view, 80)


def test_hostile_names_and_words_act_on_no_terminal() -> None:
    view = full_view()
    view.last = replace(DIGEST, behind=(("\x1b[2Jgone\u202e", 9),), behind_in_all=1)
    view.warnings.append((NOON, "Not watched: \x1b]0;mine\x07[bold]x[/bold]: no"))

    shown = "\n".join(drawn(view, 200))

    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\x07" not in shown
    assert "⟨ESC⟩[2Jgone" in shown
    assert "[bold]x[/bold]" in shown


def test_a_round_is_one_plain_line() -> None:
    assert round_line(DIGEST) == (
        "round 4711 at 2026-11-21 12:00:00: 941 up, 40 refused, 22 unknown · tip 870123, 4 behind it · "
        "138 histograms · took 2.1 s"
    )


def test_gaps_are_said_to_be_ours() -> None:
    gap = BlindSpell(why=Blindness.SUSPENDED, from_us=NOON - 90_000_000, to_us=NOON)
    step = BlindSpell(why=Blindness.CLOCK_STEP, from_us=NOON, to_us=NOON, step_us=-3_600_000_000)

    assert spell_words(gap) == (
        "We saw nothing for 1 min 30 s, to 2026-11-21 12:00:00: suspended. It is noted as a gap of ours."
    )
    assert spell_words(step) == "The clock was set by -3600.0 s; it is noted."


@pytest.mark.parametrize(
    ("size", "words"), [(12, "12 B"), (1_000, "1.0 kB"), (1_940_000_000, "1.9 GB"), (4 * 10**12, "4.0 TB")]
)
def test_sizes_are_said_shortly(size: int, words: str) -> None:
    assert size_words(size) == words
