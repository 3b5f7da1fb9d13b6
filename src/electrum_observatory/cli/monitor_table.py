"""The watch on a screen: a small table that renews itself on a terminal, one plain line per round elsewhere."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from electrum_observatory.analysis.lifecycle.blind_time import blind_stretches, blind_us
from electrum_observatory.cli.console import STDERR, say
from electrum_observatory.cli.durations import duration_words
from electrum_observatory.cli.monitor_digest import RoundDigest, tip_of
from electrum_observatory.cli.monitor_view import MonitorView
from electrum_observatory.cli.times import when
from electrum_observatory.model.watch import Availability, Blindness, BlindSpell
from electrum_observatory.report.sanitise import for_log
from electrum_observatory.report.words import many

_LABEL = 11
_NARROWEST = 20
_NAMES = 3
_HOST = 40
_TO_THE_MINUTE = len("2026-11-20 22:15")
_WHY = {
    Blindness.NOT_RUNNING: "not running",
    Blindness.SUSPENDED: "suspended",
    Blindness.NO_NETWORK: "no network",
    Blindness.CLOCK_STEP: "the clock was set",
    Blindness.LATE: "a round was skipped",
}


class Screen(Protocol):
    """Where a watch is shown."""

    def round_kept(self, view: MonitorView) -> None:
        """A round is on the disk."""

    def warned(self, words: str) -> None:
        """Something is to be told, which stands in the view too."""

    def remarked(self, words: str) -> None:
        """Something goes on that the view shows by itself."""


@contextmanager
def shown_monitor(view: MonitorView, now_us: Callable[[], int], *, quiet: bool) -> Iterator[Screen]:
    """Show a view for the length of the block: as it changes on a terminal that can, else as lines.

    Args:
        view: What is shown; whoever acts changes it.
        now_us: UTC microseconds.
        quiet: Show nothing; remarks still come.
    """
    if quiet:
        yield _Silent()
    elif STDERR.is_terminal and not STDERR.is_dumb_terminal and "NO_COLOR" not in os.environ:
        shown = _Table(view, now_us, STDERR)
        with Live(console=STDERR, get_renderable=shown.render, refresh_per_second=1, transient=False):
            yield shown
    else:
        yield _Lines()


class _Silent:
    def round_kept(self, view: MonitorView) -> None:
        """Show nothing."""

    def warned(self, words: str) -> None:
        """Say it all the same."""
        say(words)

    def remarked(self, words: str) -> None:
        """Say it too: rounds go elsewhere, as data."""
        say(words)


class _Lines:
    def round_kept(self, view: MonitorView) -> None:
        """Say what came of the round."""
        if view.last is not None:
            say(round_line(view.last))

    def warned(self, words: str) -> None:
        """Say it."""
        say(words)

    def remarked(self, words: str) -> None:
        """Say it."""
        say(words)


class _Table:
    """Drawn by rich's own thread once a second, so a terminal that stands still holds up no round."""

    def __init__(self, view: MonitorView, now_us: Callable[[], int], console: Console) -> None:
        self._view = view
        self._now_us = now_us
        self._console = console

    def round_kept(self, view: MonitorView) -> None:
        """Wait for the next second."""

    def warned(self, words: str) -> None:
        """Wait for the next second: the table has a place for it."""

    def remarked(self, words: str) -> None:
        """Wait for the next second: the table shows it."""

    def render(self) -> Group:
        """Draw."""
        return table(replace(self._view), self._now_us(), self._console.width, self._console.height)


def round_line(one: RoundDigest) -> str:
    """Return a round as one line."""
    found = ", ".join(f"{one.found.get(kind, 0)} {kind}" for kind in Availability)
    parts = [f"round {one.number} at {when(one.started_at_us)}: {found}"]
    if one.tip is not None:
        parts.append(f"tip {one.tip}" + (f", {one.behind_in_all} behind it" if one.behind_in_all else ""))
    if one.histograms is not None:
        parts.append(many(one.histograms, "histogram"))
    parts.append(f"took {one.duration_us / 1e6:.1f} s")
    return " · ".join(parts)


def table(view: MonitorView, now_us: int, width: int, height: int) -> Group:
    """Return the lines of a screen; what does not fit is left out from the end of a line, and from the last lines."""
    rows = [
        Text(_fitting(_title(view, now_us), width), style="bold"),
        *(_row(label, parts, width) for label, parts in rows_of(view, now_us)),
        *(Text(_cut(f"{when(at_us)} {words}", width), style="yellow") for at_us, words in tuple(view.warnings)),
    ]
    return Group(*rows[: max(1, height - 1)])


def rows_of(view: MonitorView, now_us: int) -> Sequence[tuple[str, Sequence[str]]]:
    """Return label and parts of each line, the most important part first."""
    last = view.last
    rows: list[tuple[str, Sequence[str]]] = [
        ("rounds", _rounds(view, now_us)),
        ("servers", _servers(view, now_us)),
        ("tip", _tip(view)),
    ]
    if last is not None and last.histograms is not None:
        rows.append(("histograms", [f"{last.histograms:,} distinct", f"of {last.found.get(Availability.UP, 0):,} up"]))
    if last is not None:
        rows.append(("our timing", _timing(last)))
    rows.append(("campaigns", [view.campaign or _next_campaign(view, now_us)]))
    rows.append(("blind", _blind(tuple(view.spells))))
    rows.append(("disk", _disk(view)))
    return rows


def _title(view: MonitorView, now_us: int) -> Sequence[str]:
    running = duration_words((now_us - view.began_us) / 1e6)
    return [f"watch {view.watch_id}", f"stopping after {running}" if view.stopping else f"for {running}"]


def _rounds(view: MonitorView, now_us: int) -> Sequence[str]:
    parts = [f"{view.rounds:,} done"]
    if view.next_due_us is not None and not view.stopping:
        parts.append(f"next in {duration_words((view.next_due_us - now_us) / 1e6)}")
    if view.last is not None:
        parts.append(f"the last took {view.last.duration_us / 1e6:.1f} s")
    return parts


def _servers(view: MonitorView, now_us: int) -> Sequence[str]:
    parts = [f"{view.watched:,} watched"]
    if view.last is not None:
        parts += [f"{view.last.found.get(kind, 0):,} {kind}" for kind in Availability]
    elif view.watched:
        parts.append(f"{view.connected:,} connected")
    if view.joining_us is not None:
        soon = duration_words(max(0, view.joining_us - now_us) / 1e6)
        parts.insert(1 if view.last is None else len(parts), f"{view.resting:,} found, joining within {soon}")
    return parts


def _tip(view: MonitorView) -> Sequence[str]:
    tip = tip_of(tuple(view.heights.values()))
    if tip is None:
        return ["not told yet"]
    parts = [f"{tip:,}"]
    if view.last is not None and view.last.behind_in_all:
        names = ", ".join(f"{_short(host)} −{blocks}" for host, blocks in view.last.behind[:_NAMES])
        parts.append(f"{view.last.behind_in_all} behind it in the last round")
        parts.append(names)
    elif view.last is not None:
        parts.append("nobody behind it in the last round")
    return parts


def _timing(last: RoundDigest) -> Sequence[str]:
    lag = f"loop {last.lag_max_us / 1_000:.1f} ms late at most"
    return [lag] if last.read_spread_us is None else [f"all asked within {last.read_spread_us / 1e6:.2f} s", lag]


def _next_campaign(view: MonitorView, now_us: int) -> str:
    if view.next_campaign_us is None:
        return "none planned"
    return f"next in {duration_words((view.next_campaign_us - now_us) / 1e6)}"


def _blind(spells: Sequence[BlindSpell]) -> Sequence[str]:
    blind = [one for one in spells if one.why is not Blindness.CLOCK_STEP]  # a clock that was set hid nothing
    if not blind:
        return ["never"]
    latest = blind[-1]
    return [
        f"{many(len(blind_stretches(blind)), 'spell')} of ours, {duration_words(blind_us(blind) / 1e6)}",
        f"the latest: {_WHY[latest.why]}, to {(when(latest.to_us) or '')[:_TO_THE_MINUTE]}",
    ]


def _disk(view: MonitorView) -> Sequence[str]:
    parts = [] if view.data_bytes is None else [f"{size_words(view.data_bytes)} kept"]
    return parts if view.free_bytes is None else [*parts, f"{size_words(view.free_bytes)} free"]


def spell_words(spell: BlindSpell) -> str:
    """Return a blind spell as one line."""
    if spell.why is Blindness.CLOCK_STEP:
        return f"The clock was set by {spell.step_us / 1e6:+.1f} s; it is noted."
    lasted = duration_words((spell.to_us - spell.from_us) / 1e6)
    return f"We saw nothing for {lasted}, to {when(spell.to_us)}: {_WHY[spell.why]}. It is noted as a gap of ours."


def size_words(size: int) -> str:
    """Return a number of bytes as people read it: ``1.2 GB``."""
    for unit, least in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= least:
            return f"{size / least:.1f} {unit}"
    return f"{size} B"


def _row(label: str, parts: Sequence[str], width: int) -> Text:
    room = max(_NARROWEST, width - _LABEL)
    return Text.assemble((f"{label:<{_LABEL}}", "dim"), _fitting(parts, room), no_wrap=True, overflow="ellipsis")


def _fitting(parts: Sequence[str], width: int) -> str:
    """Join as many parts as fit, the first always."""
    kept = [for_log(one) for one in parts]
    while len(kept) > 1 and len(" · ".join(kept)) > width:
        kept.pop()
    return _cut(" · ".join(kept), width)


def _cut(words: str, width: int) -> str:
    words = for_log(words)
    return words if len(words) <= width else words[: max(0, width - 1)] + "…"


def _short(host: str) -> str:
    return host if len(host) <= _HOST else f"{host[: _HOST - 1]}…"
