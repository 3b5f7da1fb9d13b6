"""The engine: from sources to facts, until nobody is left to ask.

One coroutine owns all state. Sources, lookups and visits run beside it in a task group and tell it what they found by
posting to its queue; so there are no locks, and discovery and probing overlap by themselves. Who is queued for a visit
is decided in ``intake``, what follows the routine one in ``examining``.
"""

import asyncio
import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.reference import ChainReference
from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.campaign import Campaign, CampaignSeal, CampaignState
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import StoreError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.ports import Clock, ObservationSink
from electrum_observatory.net.resolve import Resolver
from electrum_observatory.scanner.attempts import bug_attempt, cause_of
from electrum_observatory.scanner.behaviour import Subject
from electrum_observatory.scanner.budget import MachineBudget, machine_key
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.crew import Crew
from electrum_observatory.scanner.dead_ends import DeadEnds
from electrum_observatory.scanner.discovery.base import Source
from electrum_observatory.scanner.examining import Examining
from electrum_observatory.scanner.intake import Intake
from electrum_observatory.scanner.ledger import Ledger, broken_off, with_earlier
from electrum_observatory.scanner.loop_lag import LoopLag
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.pace import Pace
from electrum_observatory.scanner.ports import Dialing
from electrum_observatory.scanner.probes import connection as connection_probe
from electrum_observatory.scanner.probes import opening as opening_probe
from electrum_observatory.scanner.probes.registry import all_probes
from electrum_observatory.scanner.probes.server_version import ServerVersionProbe
from electrum_observatory.scanner.progress import NoObserver, Progress, ScanObserver, ScanOutcome
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.seats import Seat, Seats
from electrum_observatory.scanner.visit import Visitor
from electrum_observatory.scanner.work import Work, once_more

_STARTS_PER_TURN = 8
_MOST_UNWRITTEN = 20_000  # facts that wait for the disk; beyond this nobody new is asked
_MOST_UNWRITTEN_BYTES = 32_000_000  # the same for what servers sent
_COMMIT_EVERY_S = 0.1  # each commit waits for the disk: what one group holds costs little more than a single fact
_PROGRESS_EVERY_S = 0.1
_FIRST_OF_ROUTINE = (connection_probe.PROBE_ID, ServerVersionProbe.id)


class Engine:
    """Runs one campaign, once."""

    def __init__(
        self,
        *,
        campaign: Campaign,
        config: ScanConfig,
        sources: Sequence[Source],
        rules: Rules,
        dialer: Dialing,
        resolver: Resolver,
        sink: ObservationSink,
        clock: Clock,
        observer: ScanObserver | None = None,
        reference: ChainReference | None = None,
    ) -> None:
        self._campaign = campaign
        self._config = config
        self._sources = sources
        self._sink = sink
        self._clock = clock
        self._observer = observer or NoObserver()
        self._visitor = Visitor(
            dialer=dialer,
            resolver=resolver,
            may_look_up=rules.may_look_up,
            clock=clock,
            config=config,
            probes=all_probes(pings=config.pings),
        )
        self._rules = rules
        self._budget: MachineBudget[Work] = MachineBudget(at_once=config.budgets.connections_at_once)
        self._dead_ends = DeadEnds(names=config.budgets.failed_names)
        network = NETWORKS[config.network]
        self._ledger = Ledger(network, sink, rules.earlier.counts)
        self._examining = Examining(
            config=config,
            subject=Subject(
                network=network,
                reference=reference,
                client_name=config.client_name,
                campaign=campaign.campaign_id,
            ),
            dialer=dialer,
            clock=clock,
            budget=self._budget,
            ledger=self._ledger,
            wake=self._wake,
        )
        self._intake = Intake(
            config=config,
            rules=rules,
            resolver=resolver,
            clock=clock,
            ledger=self._ledger,
            notebook=self._notebook,
            queue=self._queue,
            post=self._post,
        )
        self._lag = LoopLag()
        self._events: asyncio.Queue[Callable[[], None]] = asyncio.Queue()
        self._stopping = False
        self._started_ns = 0
        self._spacing_s = config.budgets.spacing_s
        self._commits = Pace(_COMMIT_EVERY_S, self._wake)
        self._progress_reports = Pace(_PROGRESS_EVERY_S, self._wake)
        self._visit_seats = Seats(
            seats=config.concurrency,
            open_at_once=config.open_at_once,
            moment_s=config.deadlines.aside_s,
            freed=self._wake,
        )

    async def run(self) -> ScanOutcome:
        """Scan until done or stopped, and seal the campaign.

        Cancelling the task that runs this aborts at once and leaves the campaign open; :meth:`stop` is the polite way.

        Raises:
            StoreError: The sink could not keep a batch; what was committed before stays.
        """
        await self._sink.open_campaign(self._campaign)
        try:
            await self._scan()
        except StoreError:
            raise
        except Exception:
            await self._ledger.commit(self._counts)
            await self._seal(CampaignState.FAILED)
            raise
        state = CampaignState.CANCELLED if self._stopping else CampaignState.COMPLETE
        if self._sources and len(self._ledger.source_errors) == len(self._sources):
            state = CampaignState.FAILED
        return await self._seal(state)

    def stop(self) -> None:
        """Start nothing new, let visits in flight end or cut them short after a moment, and seal as cancelled."""
        if not self._stopping:
            self._stopping = True
            self._wake()

    # --- the owner

    async def _scan(self) -> None:
        self._started_ns = self._clock.monotonic_ns()
        self._examining.go_on(self._rules)
        try:
            async with asyncio.TaskGroup() as tasks:
                crew = Crew(tasks, self._post)
                crew.start(crew.beside, self._lag.measure())
                self._intake.start_reading(crew, self._sources)
                await self._own(crew)
                if self._stopping:
                    await self._wind_down(crew)
                crew.cancel(crew.beside)
        except BaseExceptionGroup as group:
            raise cause_of(group) from group

    async def _own(self, crew: Crew) -> None:
        """Start what may start, commit what is known, wait for news; until stopped or nothing is left."""
        while not self._stopping:
            self._start_what_may(crew)
            if self._idle(crew):
                self._intake.refuse_withheld()
            self._commit(crew)
            if self._idle(crew) and not crew.commits:
                self._observer.progressed(self._progress(crew))
                return
            await self._next_event()

    async def _wind_down(self, crew: Crew) -> None:
        crew.cancel(crew.readers, crew.lookups)
        crew.start(crew.beside, self._cut_short(crew))
        while crew.busy or crew.commits or not self._events.empty():
            await self._next_event()
            self._commit(crew)
        self._drop_waiting()
        await self._ledger.commit(self._counts)
        self._observer.progressed(self._progress(crew))

    async def _next_event(self) -> None:
        event = await self._events.get()
        event()
        while not self._events.empty():
            self._events.get_nowait()()

    def _commit(self, crew: Crew) -> None:
        """Hand the sink what is new, beside everything else: a slow disk holds up no conversation."""
        if self._ledger.pending and not crew.commits and (not crew.busy or self._full or self._commits.take()):
            crew.start(crew.commits, self._ledger.commit(self._counts))
        if self._progress_reports.take():  # the observer always hears of the last change of a burst
            self._observer.progressed(self._progress(crew))

    @property
    def _full(self) -> bool:
        """Whether as much waits for the disk as may."""
        return self._ledger.pending > _MOST_UNWRITTEN or self._ledger.unwritten_bytes > _MOST_UNWRITTEN_BYTES

    def _idle(self, crew: Crew) -> bool:
        waiting = self._intake.frontier.queued or self._budget.waiting or self._examining.waiting
        return not (crew.busy or waiting or not self._events.empty())

    def _post(self, event: Callable[[], None]) -> None:
        self._events.put_nowait(event)

    def _wake(self) -> None:
        self._post(lambda: None)

    def _start_what_may(self, crew: Crew) -> None:
        """Start what has a seat, a few in one turn of the loop: what already runs keeps its measure of time."""
        if self._full:
            return
        self._examining.call_who_has_rested()
        for _ in range(_STARTS_PER_TURN):
            taken = self._budget.take() if self._visit_seats.free else None
            took_up = self._intake.take_up_next(crew)
            if taken is not None:
                self._begin(crew, *taken)
            if taken is None and not took_up:
                return
        asyncio.get_running_loop().call_soon(self._wake)

    def _begin(self, crew: Crew, machine: str, work: Work) -> None:
        self._examining.begun(machine, work)
        first = not (work.earlier or work.examination)
        against = self._dead_ends.words_against(work.endpoint) if first else None
        if against is not None:
            self._intake.conclude_undialled(
                work.endpoint, Attempt.failed(Stage.POLICY, FailureKind.OTHER_NAMES_FAILED, against)
            )
            self._budget.ended(machine)
            self._budget.cooled(machine)
            self._examining.ended(machine)
            return
        notebook = self._notebook(work.endpoint)
        seat = self._visit_seats.take(notebook.heard)
        ended = functools.partial(self._on_visited, machine, work, notebook, seat)
        crew.start(crew.visits, self._visit(work, notebook), ended)
        if self._config.budgets.spacing_s > 0:
            crew.start(crew.beside, self._cool(machine))
        else:
            self._budget.cooled(machine)

    def _queue(self, work: Work) -> None:
        machine = machine_key(work.endpoint)
        if not self._examining.keeps_back(machine, work):
            self._budget.put(machine, work)

    # --- visits

    async def _visit(self, work: Work, notebook: Notebook) -> None:
        try:
            if work.examination is not None:
                await self._examining.call(notebook, work)
            else:
                await self._visitor.visit(notebook, plain=work.plain, legacy_tls=work.legacy_tls)
        except Exception as error:  # noqa: BLE001  a bug outside any probe costs one visit, not the campaign
            self._ledger.counts["bugs"] += 1
            for probe in _FIRST_OF_ROUTINE if work.examination is None else (opening_probe.PROBE_ID,):
                if notebook.attempt_of(probe) is None:
                    notebook.note(probe, 1, bug_attempt(error, stage=Stage.REQUEST))
                    return

    async def _cool(self, machine: str) -> None:
        began_ns = self._clock.monotonic_ns()
        await self._clock.sleep(self._config.budgets.spacing_s)
        self._post(functools.partial(self._on_cooled, machine, (self._clock.monotonic_ns() - began_ns) / 1e9))

    def _on_cooled(self, machine: str, seconds: float) -> None:
        self._budget.cooled(machine)
        self._spacing_s = seconds

    async def _cut_short(self, crew: Crew) -> None:
        await self._clock.sleep(self._config.deadlines.stop_grace_s)
        crew.cancel(crew.visits)

    def _on_visited(self, machine: str, work: Work, notebook: Notebook, seat: Seat) -> None:
        seat.leave()
        self._budget.ended(machine)
        self._ledger.count_visit(notebook)
        if work.examination is not None:
            self._examining.called(machine, work, notebook, stopping=self._stopping)
            return
        self._examining.ended(machine)
        again = None if self._stopping else once_more(work, notebook, self._ledger.counts)
        if again is not None:
            # One name after the other: see DeadEnds.
            self._budget.put(machine, replace(again, rested=False), next_in_turn=True)
            return
        observations = with_earlier(notebook.observations, work.earlier)
        if self._stopping and once_more(work, notebook, Counter()) is not None:
            observations = broken_off(observations)
        if observations:
            self._ledger.conclude(observations)
            self._dead_ends.note(work.endpoint, observations)
        self._intake.hear(work, observations)
        self._examining.after_routine(machine, work, observations, self._notebook(work.endpoint))

    # --- the end

    def _drop_waiting(self) -> None:
        dropped = [*self._budget.drop_waiting(), *self._examining.drop_waiting()]
        for work in dropped:
            if work.earlier:
                self._ledger.conclude(broken_off(work.earlier))
        further = [work for work in dropped if work.examination is not None]
        self._ledger.counts["visits_left"] = sum(work.visits for work in further)
        unvisited = sum(not work.earlier for work in dropped) - len(further)
        self._ledger.counts["unvisited"] = self._intake.frontier.queued + unvisited

    def _counts(self) -> dict[str, int]:
        return self._ledger.sealed_counts(
            self._intake.frontier.counts,
            self._intake.admission.counts,
            self._intake.frontier.causes.sealed(),
            targets=self._intake.frontier.known,
            loop_lag_max_us=self._lag.worst_us,
        )

    async def _seal(self, state: CampaignState) -> ScanOutcome:
        counts = self._counts()
        seal = CampaignSeal(
            campaign_id=self._campaign.campaign_id, state=state, sealed_at_us=self._clock.now_us(), counts=counts
        )
        await self._sink.seal_campaign(seal)
        return ScanOutcome(state=state, counts=counts, source_errors=tuple(self._ledger.source_errors))

    def _progress(self, crew: Crew) -> Progress:
        counts = self._ledger.counts
        return Progress(
            targets=self._intake.frontier.known,
            resolving=self._intake.frontier.queued + len(crew.lookups),
            waiting=self._budget.waiting,
            in_flight=len(crew.visits),
            done=counts["endpoints"],
            answered=counts["answered"],
            verified=counts["verified"],
            failed=counts["failed"] + counts["unresolved"],
            refused=counts["refused"],
            elapsed_s=(self._clock.monotonic_ns() - self._started_ns) / 1e9,
            busiest_queue=self._budget.longest_queue,
            spacing_s=self._spacing_s,
            stopping=self._stopping,
            visits_waiting=self._examining.waiting,
            visits_until_s=self._examining.until_s,
        )

    def _notebook(self, endpoint: Endpoint) -> Notebook:
        return Notebook(campaign=self._campaign, endpoint=endpoint, clock=self._clock, lag=self._lag)
