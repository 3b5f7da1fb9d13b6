"""Rounds by servers: the readings of a watch as matrices, from a store or straight from whoever rendered them.

Rows are rounds, columns servers. Whatever is absent is ``NOTHING`` (-1): a server that was not yet known, a question
that was not asked in that round, an answer that did not come. Answers stay bytes here; ``answers`` reads them, each
distinct one once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch import BlindSpell, Question, Round
from electrum_observatory.model.watch_ports import NOTHING, NewsColumns, Numbers, ReadingColumns


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WatchTable:
    """The readings of T rounds and N servers.

    Attributes:
        rounds: T rounds, by time.
        endpoints: N servers.
        at_us: UTC microseconds of each round's start; shape (T,).
        availability: Index of ``AVAILABILITIES``; shape (T, N).
        asked_us: UTC microseconds at which the questions left, counted on the monotonic clock from the round's start;
            shape (T, N).
        answered_us: By question: UTC microseconds at which its last reply came; shape (T, N).
        text_at: By question: index of ``texts``; shape (T, N).
        texts: Distinct answers.
        news: Tip news of the same time.
        spells: Blind spells of the watch.
    """

    rounds: Sequence[Round]
    endpoints: Sequence[Endpoint]
    at_us: Numbers
    availability: Numbers
    asked_us: Numbers
    answered_us: Mapping[Question, Numbers]
    text_at: Mapping[Question, Numbers]
    texts: Sequence[bytes]
    news: NewsColumns | None
    spells: Sequence[BlindSpell]


def table_of(columns: ReadingColumns, news: NewsColumns | None = None, spells: Sequence[BlindSpell] = ()) -> WatchTable:
    """Arrange columns as matrices. Where a server has two readings in a round the later row counts."""
    shape = (len(columns.rounds), len(columns.endpoints))
    place = (columns.round_at, columns.endpoint_at)
    at_us = np.array([one.started_at_us for one in columns.rounds], dtype=np.int64)
    asked_us = _matrix(shape, place, _after(at_us[columns.round_at], columns.sent_us))
    answered_us = {
        question: _matrix(shape, place, _after(at_us[columns.round_at] + columns.sent_us, after_us))
        for question, after_us in columns.after_us.items()
    }
    return WatchTable(
        rounds=columns.rounds,
        endpoints=columns.endpoints,
        at_us=at_us,
        availability=_matrix(shape, place, columns.availability),
        asked_us=asked_us,
        answered_us=answered_us,
        text_at={question: _matrix(shape, place, text_at) for question, text_at in columns.text_at.items()},
        texts=columns.texts,
        news=news,
        spells=spells,
    )


def _after(start_us: Numbers, offset_us: Numbers) -> Numbers:
    return np.where(offset_us == NOTHING, NOTHING, start_us + offset_us)


def _matrix(shape: tuple[int, int], place: tuple[Numbers, Numbers], values: Numbers) -> Numbers:
    matrix = np.full(shape, NOTHING, dtype=np.int64)
    matrix[place] = values
    return matrix
