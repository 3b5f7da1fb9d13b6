"""Keep a watch in front of a person or a service manager: rounds, campaigns beside them, signals, and how it ended."""

import asyncio
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path

from electrum_observatory.cli.collecting import rarer_collections
from electrum_observatory.cli.console import say
from electrum_observatory.cli.durations import duration_words
from electrum_observatory.cli.exits import Exit
from electrum_observatory.cli.monitor_campaigns import Campaigns, Surroundings
from electrum_observatory.cli.monitor_housekeeping import Housekeeping, show_life
from electrum_observatory.cli.monitor_joining import Joining
from electrum_observatory.cli.monitor_late import LateMonitor
from electrum_observatory.cli.monitor_past import Past, past_of
from electrum_observatory.cli.monitor_plan import warning_of_scripts
from electrum_observatory.cli.monitor_signals import Signals
from electrum_observatory.cli.monitor_table import shown_monitor
from electrum_observatory.cli.monitor_told import Told
from electrum_observatory.cli.monitor_view import MonitorView
from electrum_observatory.cli.monitor_wiring import WatchPlan, dial_book, monitor_of, watch_to_keep
from electrum_observatory.cli.monitor_words import lasting_words
from electrum_observatory.cli.named_targets import named_endpoints
from electrum_observatory.cli.times import when
from electrum_observatory.cli.watch_stores import open_watch_sink, open_watch_source
from electrum_observatory.model.watch import Blindness, BlindSpell, Watch
from electrum_observatory.model.watch_ports import WatchSink
from electrum_observatory.net.loop import run
from electrum_observatory.net.supervisor import READY, STOPPING, supervisor
from electrum_observatory.report.words import many
from electrum_observatory.scanner.attempts import cause_of
from electrum_observatory.scanner.watching.observer import Standing
from electrum_observatory.store.live import LiveStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How long a watch is kept, and how it is told.

    Attributes:
        once: Make one round and end.
        for_s: End after so many seconds; None for never.
        new: Begin another watch, whatever there is.
        as_json: A line of JSON on stdout for each round that is on the disk.
        store_url: Where readings go instead of the data folder.
    """

    once: bool = False
    for_s: float | None = None
    new: bool = False
    as_json: bool = False
    store_url: str | None = None


def run_watch(plan: WatchPlan, wishes: Wishes) -> Exit:
    """Keep a watch until it is told to end.

    Raises:
        StoreError: The data folder is locked, unwritable or full; what was acknowledged before stays.
        KeyboardInterrupt: Aborted by a second signal; what was acknowledged stays.
    """
    try:
        with rarer_collections():
            return run(_Keeping(plan, wishes).keep())
    except asyncio.CancelledError as error:
        say("Aborted; every round that was told of stays.")
        raise KeyboardInterrupt from error


class _Keeping:
    """One stint, from opening the store to its end."""

    def __init__(self, plan: WatchPlan, wishes: Wishes) -> None:
        self._plan = plan
        self._wishes = wishes
        self._stopped = asyncio.Event()
        self._signals = Signals(self._stopped.set)
        self._unheard = False
        self._view: MonitorView
        self._told: Told
        self._monitor: LateMonitor
        self._joining: Joining
        self._campaigns: Campaigns
        self._housekeeping: Housekeeping

    async def keep(self) -> Exit:
        plan, wishes = self._plan, self._wishes
        with ExitStack() as opened:
            opened.enter_context(lasting_words(lambda: None if wishes.as_json else self._leave()))
            store = opened.enter_context(LiveStore.open(plan.data, plan.clock, files_apart=True))
            sink = opened.enter_context(_sink(store, plan, wishes.store_url))
            with open_watch_source(plan.data, wishes.store_url) as source:
                watch = watch_to_keep(plan, source, new=wishes.new)
                past = past_of(source, watch)
            say(_greeting(watch, past, plan.data))
            if plan.watching.scripts:
                say(warning_of_scripts(plan))
            self._view = MonitorView(watch_id=watch.watch_id, began_us=plan.clock.now_us())
            screen = opened.enter_context(shown_monitor(self._view, plan.clock.now_us, quiet=wishes.as_json))
            self._told = Told(self._view, screen, plan.clock, as_json=wishes.as_json, leave=self._leave)
            self._join(store, sink, watch, past)
            opened.enter_context(self._signals)
            await (self._once() if wishes.once else self._go_on())
        return self._exit()

    def _join(self, store: LiveStore, sink: WatchSink, watch: Watch, past: Past) -> None:
        plan, once = self._plan, self._wishes.once
        book = dial_book(plan, past, once=once)
        self._monitor = LateMonitor(
            lambda: monitor_of(plan, watch=watch, past=past, sink=sink, book=book, observer=self._told)
        )
        self._told.servers = lambda: self._monitor.servers
        self._joining = Joining(
            watching=self._monitor,
            book=book,
            view=self._view,
            clock=plan.clock,
            remark=self._told.remark,
            current=past.watched,
            reconnect=not once,
            limit=plan.selection.limit,
        )
        self._campaigns = Campaigns(
            Surroundings(
                prepare=plan.campaign,
                store=store,
                data=plan.data,
                scope=plan.scope,
                found_under=plan.settings,
                due=plan.due,
                book=book,
                remember_s=plan.watching.forget_after_s,
                named=lambda: named_endpoints(plan.scan, self._told.warn),
            ),
            joining=self._joining,
            view=self._view,
            clock=plan.clock,
            warn=self._told.warn,
            remark=self._told.remark,
            current=past.watched,
        )
        self._housekeeping = Housekeeping(
            plan.data,
            clock=plan.clock,
            view=self._view,
            warn=self._told.warn,
            disk_low_bytes=plan.settings.monitor.disk_low_bytes,
            seal_days=lambda told: (store.seal_watches(told=told), store.compact_watches(told=told)),
            leave_off=store.leave_off,
        )

    # --- ways to keep it

    async def _go_on(self) -> None:
        """Watch until stopped or until the time is over."""
        told = supervisor()
        try:
            async with asyncio.TaskGroup() as tasks:
                campaigns = tasks.create_task(self._campaigns.run())
                watching = tasks.create_task(self._watch())
                tasks.create_task(self._housekeeping.run())
                beside = (
                    tasks.create_task(show_life(told, self._view, self._refresh)),
                    tasks.create_task(self._show_the_gap_before()),
                )
                told.tell(READY)
                await self._until_stopped()
                told.tell(STOPPING)
                self._view.stopping = True
                self._campaigns.stop()
                self._housekeeping.stop()
                watching.cancel()
                await asyncio.wait([watching, campaigns])
                for one in beside:
                    one.cancel()
        except BaseExceptionGroup as group:
            raise cause_of(group) from group

    async def _watch(self) -> None:
        """Begin the stint as soon as there is somebody to watch."""
        await self._joining.somebody.wait()
        await self._monitor.run()

    async def _show_the_gap_before(self) -> None:
        """Show for how long nobody watched before this stint, as the store knows it."""
        await self._told.first_round.wait()
        before = await asyncio.to_thread(self._spells_before)
        self._view.spells[:0] = before

    def _spells_before(self) -> list[BlindSpell]:
        with open_watch_source(self._plan.data, self._wishes.store_url) as source:
            spells = source.spells(self._view.watch_id)
        return [one for one in spells if one.why is Blindness.NOT_RUNNING and one.to_us >= self._view.began_us]

    async def _once(self) -> None:
        """Find out who is there if it is time, wait until they have rested, make one round."""
        try:
            async with asyncio.TaskGroup() as tasks:
                making = tasks.create_task(self._find_and_make_a_round())
                stopping = tasks.create_task(self._stop_when_told(making))
                await asyncio.wait([making])
                stopping.cancel()
        except BaseExceptionGroup as group:
            raise cause_of(group) from group

    async def _find_and_make_a_round(self) -> None:
        await self._campaigns.read()
        kind = None if self._campaigns.begins_with_names else self._campaigns.due()
        if kind is not None:
            await self._campaigns.make(kind)
        left_s = self._joining.hand_over()
        if left_s and kind is not None:
            say(f"The round begins in {duration_words(self._plan.rest_s)} at the latest, when all have rested.")
        while left_s and kind is not None:
            await asyncio.sleep(left_s)
            left_s = self._joining.hand_over()
        if left_s:
            say(f"{many(self._view.resting, 'server')} asked a few minutes ago, and left in peace this time.")
        if self._view.watched and not self._stopped.is_set():
            await self._monitor.once()
        await asyncio.to_thread(self._housekeeping.look_at_disk)
        await self._housekeeping.seal_when_due()

    async def _stop_when_told(self, making: asyncio.Task[None]) -> None:
        await self._stopped.wait()
        self._campaigns.stop()
        if not self._campaigns.is_making:
            making.cancel()

    async def _until_stopped(self) -> None:
        try:
            async with asyncio.timeout(self._wishes.for_s):
                await self._stopped.wait()
        except TimeoutError:
            return

    def _refresh(self) -> None:
        self._view.next_due_us = self._monitor.next_round_us
        if self._view.last is None:  # afterwards the round says more
            self._view.connected = sum(one.standing is Standing.HELD for one in self._monitor.servers)

    def _leave(self) -> None:
        """End as politely as for a signal: whoever read the rounds has gone."""
        self._unheard = True
        self._stopped.set()

    def _exit(self) -> Exit:
        if self._signals.came:
            return Exit.INTERRUPTED
        left_in_peace = self._view.resting and not self._view.rounds  # nobody was asked, so nobody failed to answer
        if not (self._told.someone_was_up or self._unheard or left_in_peace):
            return Exit.NOTHING_ANSWERED
        return Exit.PARTIAL if self._campaigns.had_bugs else Exit.DONE


def _sink(store: LiveStore, plan: WatchPlan, store_url: str | None) -> AbstractContextManager[WatchSink]:
    """Return where readings go; campaigns beside the watch go to the data folder in either case."""
    return nullcontext(store.watching()) if store_url is None else open_watch_sink(plan.data, store_url, plan.clock)


def _greeting(watch: Watch, past: Past, data: Path) -> str:
    where = f"{watch.watch_id} ({watch.network}, in {data})"
    if not past.begun:
        return f"Watch {where} begins."
    last = f"; its last was at {when(past.last_round_us)}" if past.last_round_us is not None else ""
    return f"Watch {where} goes on with round {past.next_round}{last}."
