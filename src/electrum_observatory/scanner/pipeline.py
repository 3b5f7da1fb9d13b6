"""The questions that are asked in one breath, without a task for each: replies are read once a probe has them all."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure, FailureKind
from electrum_observatory.model.observation import Witness
from electrum_observatory.net.deadline import Deadline
from electrum_observatory.scanner.attempts import JsonAttempt, failed_attempt, not_done_within
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.probe_visit import ProbeLimits, check_size, witness_of
from electrum_observatory.scanner.probes.base import Handshake, PipelinedProbe, Received
from electrum_observatory.scanner.session import Question, Request, Session
from electrum_observatory.scanner.storable import storable

Asking: TypeAlias = tuple[PipelinedProbe[Any], Sequence[Request]]


class Pipeline:
    """Puts all pipelined probes to one server after the other. Holds no state of a visit."""

    def __init__(
        self,
        probes: Sequence[PipelinedProbe[Any]],
        limits: ProbeLimits,
        seconds: float,
        most: Mapping[str, int] | None = None,
    ) -> None:
        """Take the probes and their limits.

        Args:
            probes: In the order in which they are asked.
            limits: What each may bring.
            seconds: How long all may take, their places in the queue included.
            most: How many servers are asked, by the id of a probe that is not for all.
        """
        self._asking: Sequence[Asking] = [(probe, _requests(probe)) for probe in probes]
        self._limits = limits
        self._seconds = seconds
        self._left = dict(most or {})

    async def put(self, session: Session, notebook: Notebook, handshake: Handshake) -> None:
        """Ask everything that this server is not spared, and wait until every outcome is noted."""
        asking: list[Asking] = []
        for probe, requests in self._asking:
            reason = probe.not_asked(handshake)
            if reason is not None:
                notebook.note(probe.id, probe.version, Attempt.not_applicable(reason))
            elif self._left.get(probe.id) == 0:
                notebook.note(probe.id, probe.version, Attempt.not_scheduled("enough others were asked"))
            else:
                asking.append((probe, requests))
                if probe.id in self._left:
                    self._left[probe.id] -= 1
        breath = _Breath(session, notebook, self._limits)
        try:
            with Deadline(self._seconds):
                await breath.ask(asking)
        except TimeoutError:
            breath.cut_short(FailureKind.READ_TIMEOUT, not_done_within(self._seconds))
        except asyncio.CancelledError:
            breath.cut_short(FailureKind.CANCELLED)
            raise


class _Breath:
    """What was asked of one server, and who still waits."""

    def __init__(self, session: Session, notebook: Notebook, limits: ProbeLimits) -> None:
        self.session = session
        self.notebook = notebook
        self.limits = limits
        self.began = notebook.moment()
        self._waiting: set[_Put] = set()
        self._answered: list[_Put] = []
        self._loop = asyncio.get_running_loop()
        self._over = self._loop.create_future()

    async def ask(self, asking: Sequence[Asking]) -> None:
        puts = [_Put(probe, requests, self) for probe, requests in asking]
        self._waiting.update(puts)
        for put in puts:
            put.ask()
        if puts:
            await self._over

    def cut_short(self, kind: FailureKind, detail: str = "") -> None:
        for put in [*self._waiting]:
            put.conclude(Attempt.failed(self.session.stage, kind, detail), put.witnesses())

    def answered(self, put: "_Put") -> None:
        """Read the replies to a probe in a turn of the loop of their own: whoever brought them holds them until then.

        A list of peers takes many times the memory of its line.
        """
        if not self._answered:
            self._loop.call_soon(self._read)
        self._answered.append(put)

    def concluded(self, put: "_Put") -> None:
        self._waiting.discard(put)
        if not self._waiting and not self._over.done():
            self._over.set_result(None)

    def _read(self) -> None:
        answered, self._answered = self._answered, []
        for put in answered:
            if put in self._waiting:
                put.read()


class _Put:
    """One probe that is put to one server."""

    __slots__ = ("_breath", "_outcomes", "_probe", "_questions", "_requests")

    def __init__(self, probe: PipelinedProbe[Any], requests: Sequence[Request], breath: _Breath) -> None:
        self._probe = probe
        self._requests = requests
        self._breath = breath
        self._outcomes: dict[int, Received | Failure] = {}
        self._questions: Sequence[Question] = ()

    def ask(self) -> None:
        self._questions = [self._breath.session.submit(request, self._take) for request in self._requests]

    def read(self) -> None:
        witnesses = self.witnesses()
        try:
            attempt: JsonAttempt = Attempt.completed(storable(self._result()))
        except Exception as error:  # noqa: BLE001  a bug of ours must never look like a strange server
            attempt = failed_attempt(error, stage=self._breath.session.stage)
        self.conclude(attempt, witnesses)

    def conclude(self, attempt: JsonAttempt, witnesses: Sequence[Witness]) -> None:
        """Note the outcome; nothing more is waited for."""
        for question in self._questions:
            question.dropped = True
        self._questions = ()  # which hold us: no cycles, or each visit would stay until the collector looks
        self._breath.notebook.conclude(self._probe.id, self._probe.version, attempt, self._breath.began, witnesses)
        self._breath.concluded(self)

    def witnesses(self) -> list[Witness]:
        """Return the replies that came, in the order asked."""
        outcomes = ((request.id, self._outcomes.get(request.id)) for request in self._requests)
        return [witness_of(request_id, one) for request_id, one in outcomes if isinstance(one, Received)]

    def _take(self, request: Request, outcome: Received | Failure) -> None:
        self._outcomes[request.id] = outcome
        if len(self._outcomes) == len(self._requests):
            self._breath.answered(self)

    def _result(self) -> Any:
        """Read the replies, and let go of them."""
        outcomes = [self._outcomes.pop(request.id) for request in self._requests]
        replies = [one.reply for one in outcomes if isinstance(one, Received)]
        check_size(sum(len(reply.line) for reply in replies), self._breath.limits, self._breath.session.stage)
        for one in outcomes:
            if isinstance(one, Failure):
                raise VisitError(one.stage, one.kind, one.detail)
        return self._probe.read(*replies)


def _requests(probe: PipelinedProbe[Any]) -> Sequence[Request]:
    return [Request.of(probe.first_id + place, probe.method, params) for place, params in enumerate(probe.params)]
