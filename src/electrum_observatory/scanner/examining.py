"""The further visits of a running scan: who waits until its machine has rested, and what follows each connection.

Belongs to the engine's owner and has no coroutine of its own but the calls themselves; see ``revisits`` for what an
endpoint gets, ``resting`` for when, and ``battery`` for how a connection is made.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from electrum_observatory.model.observation import Observation
from electrum_observatory.model.ports import Clock
from electrum_observatory.scanner.battery import BatteryCaller
from electrum_observatory.scanner.behaviour import Subject
from electrum_observatory.scanner.budget import MachineBudget, machine_key
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.ledger import Ledger
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.pace import Alarm
from electrum_observatory.scanner.ports import Dialing
from electrum_observatory.scanner.resting import Resting
from electrum_observatory.scanner.revisits import Revisits
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.work import Work


class Examining:
    """Spaces visits to machines that are examined, and keeps what their connections bring."""

    def __init__(
        self,
        *,
        config: ScanConfig,
        subject: Subject,
        dialer: Dialing,
        clock: Clock,
        budget: MachineBudget[Work],
        ledger: Ledger,
        wake: Callable[[], None],
    ) -> None:
        """Take the borders, the queue that connections are put into, and what is woken when somebody has rested."""
        self._caller = BatteryCaller(dialer=dialer, clock=clock, config=config, subject=subject)
        self._revisits = Revisits(config, subject)
        self._rest_s = config.budgets.revisit_s
        self._resting: Resting[Work] = Resting(self._rest_s)
        self._clock = clock
        self._budget = budget
        self._ledger = ledger
        self._alarm = Alarm(wake)

    @property
    def waiting(self) -> int:
        """Visits that wait, those that will follow them included."""
        return self._resting.visits(_visits)

    @property
    def until_s(self) -> float | None:
        """Seconds until the last of them may begin, at the earliest; None where none waits."""
        now_s = _now_s()
        last_s = self._resting.last_due_s(_visits, now_s)
        return None if last_s is None else max(0.0, last_s - now_s)

    def go_on(self, rules: Rules) -> None:
        """Queue what earlier sittings of the campaign left over, of those who may still be asked."""
        for one in rules.examined_before():
            machine = machine_key(one.endpoint)
            last_us = max(one.last_asked_us, rules.history.last_dial_us(one.endpoint))
            ago_s = max(0.0, (self._clock.now_us() - last_us) / 1e6)
            self._resting.rest_until(machine, _now_s() + self._rest_s - ago_s, held=bool(one.put))
            examination = self._revisits.go_on(one)
            if examination is not None:
                self._put(machine, Work(endpoint=one.endpoint, depth=0, examination=examination))

    def keeps_back(self, machine: str, work: Work) -> bool:
        """Take a routine visit to a machine under examination, which then has to rest before it; say whether it is."""
        if not self._resting.holds(machine):
            return False
        self._resting.put(machine, replace(work, rested=True), first=True)
        return True

    def begun(self, machine: str, work: Work) -> None:
        """Say that a connection begins."""
        if not work.rested:
            self._resting.begun(machine)

    def ended(self, machine: str) -> None:
        """Say that a routine visit has ended, or that it was not made."""
        self._resting.ended(machine, _now_s())

    def after_routine(self, machine: str, work: Work, observations: Sequence[Observation], notebook: Notebook) -> None:
        """Queue the further visits that an endpoint gets after a routine visit that brought these observations.

        What it will not be asked is noted in the notebook.
        """
        examination = self._revisits.after_routine(observations)
        if examination is None:
            return
        self._revisits.note_left_out(notebook)
        self._ledger.add(notebook.observations)
        self._put(machine, Work(endpoint=work.endpoint, depth=work.depth, examination=examination))

    def call_who_has_rested(self) -> None:
        """Hand whoever has rested to the queue, and be woken when the next one has."""
        for machine, work in self._resting.take_due(_now_s(), busy=self._budget.is_waited_for):
            self._budget.put(machine, work)
        self._alarm.set(self._resting.next_due_s(busy=self._budget.is_waited_for))

    async def call(self, notebook: Notebook, work: Work) -> None:
        """Make the next connection of an endpoint's further visits."""
        assert work.examination is not None
        await self._caller.call(notebook, self._revisits.call(work.examination))

    def called(self, machine: str, work: Work, notebook: Notebook, *, stopping: bool) -> None:
        """Keep what a connection brought; go on with the visit, or rest until the next."""
        assert work.examination is not None
        left, same_visit = self._revisits.after_call(work.examination, notebook)
        self._ledger.add(notebook.observations)
        if left is not None and same_visit and not stopping:
            self._budget.put(machine, replace(work, examination=left), next_in_turn=True)
            return
        self._ledger.counts["visits"] += not same_visit
        self._resting.ended(machine, _now_s())
        if left is not None:
            self._put(machine, replace(work, examination=left))

    def drop_waiting(self) -> list[Work]:
        """Forget and return everything that waits."""
        self._alarm.set(None)
        return self._resting.drop_waiting()

    def _put(self, machine: str, work: Work) -> None:
        self._resting.put(machine, replace(work, rested=True))


def _visits(work: Work) -> int:
    return work.visits


def _now_s() -> float:
    return asyncio.get_running_loop().time()
