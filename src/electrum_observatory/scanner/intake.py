"""From what sources and servers tell to endpoints in their machine's queue: look-ups, our rules, peace.

Belongs to the engine's owner. Reading a source and looking a name up run beside it, and post what they found.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.address import is_address
from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import ObservatoryError
from electrum_observatory.model.failure import Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.ports import Clock
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.net.resolve import Resolver
from electrum_observatory.scanner.admission import Refusal, endpoint_of, withheld_endpoints
from electrum_observatory.scanner.attempts import JsonAttempt
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.crew import Crew
from electrum_observatory.scanner.discovery.base import Source
from electrum_observatory.scanner.frontier import Target
from electrum_observatory.scanner.heard import Heard
from electrum_observatory.scanner.hearsay import sightings_of
from electrum_observatory.scanner.ledger import Ledger
from electrum_observatory.scanner.lookup import look_up
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.probes import connection as connection_probe
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.seats import Seats
from electrum_observatory.scanner.work import Work


class Intake:
    """Decides who is queued for a routine visit, and records why anybody is not.

    Attributes:
        resolver: Looks names up.
        frontier: What was told of so far.
        admission: The judge of addresses.
    """

    def __init__(
        self,
        *,
        config: ScanConfig,
        rules: Rules,
        resolver: Resolver,
        clock: Clock,
        ledger: Ledger,
        notebook: Callable[[Endpoint], Notebook],
        queue: Callable[[Work], None],
        post: Callable[[Callable[[], None]], None],
    ) -> None:
        """Take the rules and borders, where facts go, who queues a visit, and how the owner is told."""
        self.resolver = resolver
        self.frontier = rules.frontier(config)
        self.admission = rules.admission(config, self.frontier)
        self._config = config
        self._network = NETWORKS[config.network]
        self._clock = clock
        self._ledger = ledger
        self._notebook = notebook
        self._queue_work = queue
        self._post = post
        self._heard = Heard(self.frontier, self._network, most=config.caps.targets_per_reply)
        self._history = rules.history
        self._earlier = rules.earlier
        self._settled_targets = rules.earlier.settled_targets()
        self._seats = Seats(
            seats=config.resolves_at_once,
            open_at_once=config.resolves_open_at_once,
            moment_s=config.deadlines.aside_s,
            freed=lambda: post(lambda: None),
        )

    def start_reading(self, crew: Crew, sources: Sequence[Source]) -> None:
        """Read the sources, each by itself."""
        for source in sources:
            crew.start(crew.readers, self._read(source))

    def take_up_next(self, crew: Crew) -> bool:
        """Take up the next target, where one waits and a lookup may begin; say whether it was so."""
        target = self.frontier.take() if self._seats.free else None
        if target is not None:
            self._take_up(crew, target)
        return target is not None

    def hear(self, work: Work, observations: Sequence[Observation]) -> None:
        """Take what a server told of others."""
        for told in sightings_of(observations, self._network, self._heard):
            self._on_told(told.sightings, work.depth + 1, work.endpoint)
            if told.beyond:
                self.frontier.leave_out(told.beyond, work.endpoint.endpoint_id)

    def refuse_withheld(self) -> None:
        """Give up on the targets whose unusual port nobody vouched for."""
        for target in self.frontier.drop_withheld():
            for endpoint in withheld_endpoints(target):
                if not self._earlier.is_settled(endpoint):
                    self._refuse(self.admission.refuse_port(target, endpoint))

    def conclude_undialled(self, endpoint: Endpoint, attempt: JsonAttempt) -> None:
        """Record why an endpoint is not dialled."""
        notebook = self._notebook(endpoint)
        notebook.note(connection_probe.PROBE_ID, connection_probe.VERSION, attempt)
        self._ledger.conclude(notebook.observations)

    async def _read(self, source: Source) -> None:
        sightings: list[Sighting] = []
        now_us = self._clock.now_us()
        try:
            async for one in source.sightings():
                sightings += [one if one.seen_at_us is not None else replace(one, seen_at_us=now_us)]
            failure = None
        except ObservatoryError as error:
            failure = str(error)
        self._post(functools.partial(self._on_read, sightings, failure))

    def _on_read(self, sightings: Sequence[Sighting], failure: str | None) -> None:
        if failure is None:
            self._ledger.counts["sources_read"] += 1
        else:
            self._ledger.source_errors.append(failure)
        self._on_told(self._earlier.news(sightings), 0, None)

    def _on_told(self, sightings: Sequence[Sighting], depth: int, speaker: Endpoint | None) -> None:
        kept = self.frontier.offer(sightings, depth=depth, trusted=depth == 0, speaker=speaker)
        self._ledger.tell(kept)

    def _take_up(self, crew: Crew, target: Target) -> None:
        unresolved = endpoint_of(target, None)
        if self._earlier.is_settled(unresolved):
            return
        refusal = self.admission.refuse_host(target)
        if refusal is not None:
            self._refuse(refusal)
        elif is_address(target.host):
            self._admit(target, (target.host,))
        elif unresolved.is_onion or not self._config.resolve_here:
            if self.admission.admits_unresolved(target, unresolved):
                self._queue(unresolved, target.depth)
        elif target.addresses:
            self._admit(target, [one for one in target.addresses if one is not None])
        else:
            crew.start(crew.lookups, self._look_up(target), self._seats.take().leave)

    async def _look_up(self, target: Target) -> None:
        addresses, attempt = await look_up(self.resolver, target.host)
        if addresses:
            self._post(functools.partial(self._admit, target, addresses))
        elif target.key not in self._settled_targets:  # else it did resolve, in an earlier sitting
            self._post(functools.partial(self.conclude_undialled, endpoint_of(target, None), attempt))

    def _admit(self, target: Target, addresses: Sequence[str]) -> None:
        if self._earlier.settled:
            addresses = [one for one in addresses if not self._earlier.is_settled(endpoint_of(target, one))]
        endpoints, refusals = self.admission.judge(target, addresses, before=self._settled_targets[target.key])
        for refusal in refusals:
            self._refuse(refusal)
        for endpoint in endpoints:
            self._queue(endpoint, target.depth)

    def _queue(self, endpoint: Endpoint, depth: int) -> None:
        rest = self._history.rest(endpoint, now_us=self._clock.now_us(), budgets=self._config.budgets)
        if rest is not None:
            self.conclude_undialled(endpoint, Attempt.failed(Stage.POLICY, rest.kind, rest.words))
        else:
            self._queue_work(Work(endpoint=endpoint, depth=depth))

    def _refuse(self, refusal: Refusal) -> None:
        self.conclude_undialled(refusal.endpoint, Attempt.failed(Stage.POLICY, refusal.kind, refusal.detail))
