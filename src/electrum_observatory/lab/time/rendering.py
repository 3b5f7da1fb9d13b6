"""A virtual watch: what a monitor would have written of a world in time, in the columns of ``model.watch_ports``.

The parts are put together here, a day at a time: histograms, all other answers, comings and goings, and the way between
the servers and us, on which questions and replies get late or lost.
"""

import gc
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from electrum_observatory.lab.time.answers import AllAnswers
from electrum_observatory.lab.time.flow import happen
from electrum_observatory.lab.time.forked import forked
from electrum_observatory.lab.time.heap import collect_by_hand, keep_freed_memory
from electrum_observatory.lab.time.histogram_said import HistogramAnswers
from electrum_observatory.lab.time.life import AllLives, blind_spells
from electrum_observatory.lab.time.mempools import Mempools
from electrum_observatory.lab.time.node_fees import estimate_history
from electrum_observatory.lab.time.pending import PendingAnswers
from electrum_observatory.lab.time.plans import WorldPlan
from electrum_observatory.lab.time.rounds import PENDING_S, Chunk, Floats, Found, Numbers, Said, chunk_of, without
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.watch import Availability, BlindSpell, Question
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, NewsColumns, ReadingColumns

CHUNK_S = 86_400
"""A day at a time."""

_UP, _UNKNOWN = AVAILABILITIES.index(Availability.UP), AVAILABILITIES.index(Availability.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rendered:
    """A part of a virtual watch.

    Attributes:
        readings: One row for each server of each round.
        news: The tip news of the same time.
        spells: When nobody watched, each in the part in which it begins: of it there are neither rounds nor news.
    """

    readings: ReadingColumns
    news: NewsColumns
    spells: tuple[BlindSpell, ...]


class Renderer:
    """A world, ready to be watched: any part of it, in any order."""

    def __init__(self, plan: WorldPlan) -> None:
        """Let its history happen."""
        self._plan = plan
        history = happen(plan)
        mempools = Mempools(plan, history)
        lives = AllLives(plan, mempools)
        self._lives = lives
        self._histograms = HistogramAnswers(plan, mempools, lives)
        self._mempools = mempools
        self._answers = AllAnswers(plan, mempools, lives)
        self._pending = PendingAnswers(plan, mempools, lives) if plan.scripts else None

    def work_out_estimates(self, processes: int) -> None:
        """Let every node's fee estimator live through the whole world now, rather than at the first round."""
        estimates = estimate_history(self._mempools, processes=processes)
        self._answers = AllAnswers(self._plan, self._mempools, self._lives, estimates=estimates)

    def render(self, from_s: float, to_s: float, every_s: float, pending_s: float = PENDING_S) -> Rendered:
        """Render the rounds that begin in a time."""
        planned = chunk_of(self._plan, from_s=from_s, to_s=to_s, every_s=every_s, pending_s=pending_s)
        spells = _within(blind_spells(self._plan), planned, self._plan.start_us)
        chunk = without(planned, spells)
        found = self._lives.found(chunk)
        up = (found.availability == _UP) & ~chunk.lost
        said = {Question.HISTOGRAM: self._histograms.said(chunk, up), **self._answers.said(chunk, up)}
        if self._pending is not None:
            said[Question.PENDING] = self._pending.said(chunk)
        begins = self._plan.start_us + round(from_s * 1e6)
        return Rendered(
            readings=self._readings(chunk, found, said),
            news=self._answers.news(chunk),
            spells=tuple(spell for spell in spells if spell.from_us >= begins),
        )

    def _readings(self, chunk: Chunk, found: Found, said: Mapping[Question, Said]) -> ReadingColumns:
        after_s = chunk.asked_s - chunk.sent_s + chunk.back_s
        up = (found.availability == _UP) & ~chunk.lost
        timed_out = (found.availability == _UP) & chunk.lost
        failures = [*found.failures, Failure(stage=Stage.REQUEST, kind=FailureKind.READ_TIMEOUT)]
        failure_at = np.where(timed_out, len(failures) - 1, found.failure_at)
        if self._pending is not None:
            asked = np.array([Question.PENDING in one.questions for one in chunk.rounds])
            failure_at[up & asked[:, None] & self._pending.hang_up] = len(failures)
            failures.append(Failure(stage=Stage.REQUEST, kind=FailureKind.EOF))
        texts, text_at = _join(said)
        servers = len(self._plan.servers)
        return ReadingColumns(
            rounds=chunk.rounds,
            endpoints=[server.endpoint for server in self._plan.servers],
            texts=texts,
            failures=failures,
            round_at=np.repeat(np.arange(len(chunk.rounds)), servers),
            endpoint_at=np.tile(np.arange(servers), len(chunk.rounds)),
            availability=np.where(timed_out, _UNKNOWN, found.availability).ravel(),
            failure_at=failure_at.ravel(),
            sent_us=_microseconds(chunk.sent_s - chunk.at_s[:, None]).ravel(),
            lag_us=np.full(up.size, 500),
            text_at={one: np.where(up, at, NOTHING).ravel() for one, at in text_at.items()},
            after_us={
                one: np.where(up & (text_at[one] != NOTHING), _microseconds(after_s + 0.0002 * place), NOTHING).ravel()
                for place, one in enumerate(said)
            },
        )


def render(
    plan: WorldPlan,
    *,
    from_s: float = 0,
    to_s: float | None = None,
    every_s: float = 300,
    pending_s: float = PENDING_S,
    processes: int = 1,
) -> Iterator[Rendered]:
    """Render a world's rounds in order, a day at a time. The same plan gives the same bytes.

    Args:
        plan: The world.
        from_s: World time of the first round.
        to_s: World time before which the last round begins; None: the world's end.
        every_s: Cadence.
        pending_s: Cadence of asking what is pending, where the world has public scripts.
        processes: How many processes share the days.
    """
    ends = plan.seconds if to_s is None else to_s
    spans = [(at, min(at + CHUNK_S, ends), every_s, pending_s) for at in np.arange(from_s, ends, CHUNK_S).tolist()]
    renderer = Renderer(plan)
    if processes == 1:
        yield from (renderer.render(*span) for span in spans)
        return
    renderer.work_out_estimates(processes)
    with _forked(processes, renderer) as pool:
        coming: deque[Future[Rendered]] = deque()
        for span in spans:
            coming.append(pool.submit(_render_span, *span))
            if len(coming) > processes:
                yield coming.popleft().result()
        yield from (one.result() for one in coming)


_inherited: list[Renderer] = []


@contextmanager
def _forked(processes: int, renderer: Renderer) -> Iterator[ProcessPoolExecutor]:
    """Processes that inherit a world instead of letting it happen again."""
    _inherited[:] = [renderer]
    try:
        with forked(processes, _settle) as pool:
            yield pool
    finally:
        _inherited.clear()


def _settle() -> None:
    keep_freed_memory()
    collect_by_hand()


def _render_span(from_s: float, to_s: float, every_s: float, pending_s: float) -> Rendered:
    gc.collect()
    return _inherited[0].render(from_s, to_s, every_s, pending_s)


def _within(spells: Sequence[BlindSpell], chunk: Chunk, start_us: int) -> tuple[BlindSpell, ...]:
    """The blind spells that touch a chunk."""
    low, high = start_us + round(chunk.from_s * 1e6), start_us + round(chunk.to_s * 1e6)
    return tuple(spell for spell in spells if spell.from_us < high and spell.to_us > low)


def _join(said: Mapping[Question, Said]) -> tuple[Sequence[bytes], dict[Question, Numbers]]:
    """Put the distinct texts of all questions into one list."""
    texts: list[bytes] = []
    text_at: dict[Question, Numbers] = {}
    for question, one in said.items():
        text_at[question] = np.where(one.text_at == NOTHING, NOTHING, one.text_at + len(texts))
        texts.extend(one.texts)
    return texts, text_at


def _microseconds(seconds: Floats) -> Numbers:
    return np.round(seconds * 1e6).astype(np.int64)
