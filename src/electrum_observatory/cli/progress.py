"""Live progress on stderr: a line that renews itself on a terminal, plain lines elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.text import Text

from electrum_observatory.cli.console import STDERR
from electrum_observatory.cli.planned_visits import in_minutes
from electrum_observatory.report.words import many
from electrum_observatory.scanner.progress import Progress, ScanObserver

_LINE_EVERY_S = 5.0
_LATER_EVERY_S = 60.0
_REFRESHES_PER_SECOND = 4
_HOUR_S = 3600


@contextmanager
def shown_progress(*, quiet: bool = False) -> Iterator[ScanObserver]:
    """Yield an observer that shows what it is told."""
    if quiet:
        yield _Silent()
    elif STDERR.is_terminal:
        with Live(console=STDERR, refresh_per_second=_REFRESHES_PER_SECOND, transient=True) as live:
            yield _LiveLine(live)
    else:
        yield _PlainLines()


class _Silent:
    def progressed(self, progress: Progress) -> None:
        """Show nothing."""


class _LiveLine:
    def __init__(self, live: Live) -> None:
        self._live = live

    def progressed(self, progress: Progress) -> None:
        """Renew the line; the Live display itself limits how often it is drawn."""
        self._live.update(Text(line(progress, STDERR.width)))


class _PlainLines:
    def __init__(self) -> None:
        self._next_s = _LINE_EVERY_S

    def progressed(self, progress: Progress) -> None:
        """Print a line every few seconds of the scan, and after the first minute every minute: visits take hours."""
        if progress.elapsed_s >= self._next_s:
            early = progress.elapsed_s < _LATER_EVERY_S
            self._next_s = progress.elapsed_s + (_LINE_EVERY_S if early else _LATER_EVERY_S)
            STDERR.print(line(progress), markup=False)


def line(progress: Progress, width: int | None = None) -> str:
    """Return one line: what is done, what is left, and for how long; its last parts only where they fit."""
    left = progress.waiting + progress.in_flight + progress.resolving
    parts = [
        f"{'stopping' if progress.stopping else 'scanning'} {progress.done} of {progress.done + left}",
        _remaining(progress, left),
        f"{progress.answered} answered",
        f"{progress.failed} failed",
        f"{progress.refused} refused",
        f"{progress.in_flight} open",
    ]
    if progress.visits_waiting and not progress.stopping:
        parts.insert(1, _further(progress))
    parts = [part for part in parts if part]
    while width is not None and len(parts) > 1 and len(" · ".join(parts)) > width:
        parts.pop()
    return " · ".join(parts)


def _further(progress: Progress) -> str:
    """Say how many visits wait until their machine has rested, and until when at least; a lab rests for no second."""
    visits, until_s = many(progress.visits_waiting, "further visit"), progress.visits_until_s or 0.0
    return f"{visits} to come" + (f", the last in {_duration(until_s)} or later" if round(until_s) else "")


def _remaining(progress: Progress, left: int) -> str:
    """Return the time that is left if nobody new is found; at the end, what happens then."""
    if left == 0 and not progress.visits_waiting:
        return "sealing"
    if progress.eta_s is None or progress.stopping:
        return f"{_duration(progress.elapsed_s)} so far"
    if round(progress.visits_until_s or 0.0) == round(progress.eta_s) > 0:
        return ""  # the further visits have said it
    return f"~{_duration(progress.eta_s)} left"


def _duration(seconds: float) -> str:
    if seconds >= _HOUR_S:
        return in_minutes(seconds)
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
