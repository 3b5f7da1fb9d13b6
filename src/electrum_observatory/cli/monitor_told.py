"""Takes what the monitor tells: keeps the view, writes a line of JSON for each round, says what a person must know."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence

from electrum_observatory.cli.console import write
from electrum_observatory.cli.monitor_digest import digest_of, tips_of
from electrum_observatory.cli.monitor_table import Screen, spell_words
from electrum_observatory.cli.monitor_view import MonitorView
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch import Availability, BlindSpell, Reading, Round, TipNews
from electrum_observatory.scanner.watching.observer import ServerView
from electrum_observatory.store.json_text import strict


class Told:
    """Implements ``scanner.watching.observer.MonitorObserver``.

    Attributes:
        someone_was_up: Whether any server answered in any round.
        first_round: Set once a round is on the disk.
        servers: Returns everybody who is watched; to be set before the monitor runs.
    """

    def __init__(
        self, view: MonitorView, screen: Screen, clock: Clock, *, as_json: bool, leave: Callable[[], None]
    ) -> None:
        """Take what is kept current, where it is shown, and what to call when nobody reads the lines any more."""
        self.someone_was_up = False
        self.first_round = asyncio.Event()
        self.servers: Callable[[], Sequence[ServerView]] = lambda: ()
        self._tips: dict[str, tuple[int, int]] = {}
        self._view = view
        self._screen = screen
        self._clock = clock
        self._as_json = as_json
        self._leave = leave

    def round_made(self, made: Round, readings: Sequence[Reading]) -> None:
        """Show a round that is on the disk."""
        view = self._view
        self._keep_tips(tips_of(made, readings))
        view.heights = self._heights(readings)
        view.rounds += 1
        view.last = digest_of(made, readings, view.heights)
        self.someone_was_up = self.someone_was_up or bool(view.last.found.get(Availability.UP))
        if self._as_json:
            self._write_line(json.dumps(strict(view.last.as_json())))
        self._screen.round_kept(view)
        self.first_round.set()

    def news_came(self, news: Sequence[TipNews]) -> None:
        """Keep the heights."""
        self._view.news += len(news)
        told = {one.endpoint.canonical: (one.received_monotonic_ns, one.height) for one in news}
        self._keep_tips(told)
        self._view.heights.update((name, self._tips[name][1]) for name in told)

    def was_blind(self, spell: BlindSpell) -> None:
        """Say so: it is a gap of ours."""
        self._view.spells.append(spell)
        self.warn(spell_words(spell))

    def left_out(self, endpoint: Endpoint, why: str) -> None:
        """Say who is not watched."""
        self.warn(f"Not watched: {endpoint.canonical}: {why}")

    def warn(self, words: str) -> None:
        """Say something that a person must know, and keep it for the table."""
        self._view.warnings.append((self._clock.now_us(), words))
        self._screen.warned(words)

    def remark(self, words: str) -> None:
        """Say what goes on, where no table shows it."""
        self._screen.remarked(words)

    def _keep_tips(self, tips: Mapping[str, tuple[int, int]]) -> None:
        """Keep what came last of each server, asked for or not: some never tell of a block by themselves.

        The latest, not the greatest, as a branch that a server left may have been higher.
        """
        for name, tip in tips.items():
            if name not in self._tips or tip[0] >= self._tips[name][0]:
                self._tips[name] = tip

    def _heights(self, readings: Sequence[Reading]) -> dict[str, int]:
        """Return the latest heights, and forget those of servers that are watched no more."""
        watched = {one.endpoint.canonical for one in self.servers()} | {one.endpoint.canonical for one in readings}
        self._tips = {name: tip for name, tip in self._tips.items() if name in watched}
        return {name: height for name, (_, height) in self._tips.items()}

    def _write_line(self, text: str) -> None:
        try:
            write(text + "\n")
        except SystemExit:  # whoever read the lines has gone: the watch ends as politely as for a signal
            self._leave()
