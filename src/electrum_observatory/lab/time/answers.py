"""What servers answer to everything but the histogram, to the byte: TIP, FEE_FLOOR, ESTIMATES and PING; and their news.

The numbers come from ``fees`` and ``tips``, the lines from the personalities (``reply_lines``).
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.time.fees import Asked, NodeFees, ServerFees
from electrum_observatory.lab.time.floors import increment
from electrum_observatory.lab.time.life import AllLives
from electrum_observatory.lab.time.mempools import Mempools
from electrum_observatory.lab.time.node_fees import Estimates, estimate_history
from electrum_observatory.lab.time.plans import WorldPlan
from electrum_observatory.lab.time.reply_lines import LineWriter, NodeFacts
from electrum_observatory.lab.time.rounds import Chunk, Numbers, Said
from electrum_observatory.lab.time.tip_news import TipNews
from electrum_observatory.lab.time.tips import Tips
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING, NewsColumns


class _Lines:
    """The distinct answers to one question, and who gave which when."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._places: dict[bytes, int] = {}
        self.text_at = np.full(shape, NOTHING, dtype=np.int64)

    def put(self, rows: Numbers, server: int, keys: Numbers, write: Callable[[tuple[int, ...]], bytes]) -> None:
        """Take a server's answers in some rounds: rows of numbers, written anew where they differ from the last."""
        begins = np.flatnonzero(np.append(True, (keys[1:] != keys[:-1]).any(axis=1)))
        texts = map(write, map(tuple, keys[begins].tolist()))
        places = [self._places.setdefault(text, len(self._places)) for text in texts]
        self.text_at[rows, server] = np.repeat(places, np.diff(begins, append=len(keys)))

    def said(self) -> Said:
        return Said(texts=tuple(self._places), text_at=self.text_at)


class AllAnswers:
    """The answers of a world's servers (``rounds.Answers``)."""

    def __init__(
        self, plan: WorldPlan, mempools: Mempools, lives: AllLives, *, estimates: Estimates | None = None
    ) -> None:
        """Args: ``estimates`` are those of ``estimate_history``, where somebody has worked them out already."""
        self._plan = plan
        self._mempools = mempools
        self._lives = lives
        self._given = estimates
        self._tips = Tips(plan, mempools, lives)
        keys = [(one.personality, one.version, one.negotiated) for one in plan.servers]
        writers = {key: LineWriter(personality=key[0], version=key[1], negotiated=key[2]) for key in keys}
        self._writers = [writers[key] for key in keys]

    def said(self, chunk: Chunk, heard: NDArray[np.bool_] | None = None) -> Mapping[Question, Said]:
        """Answer TIP, FEE_FLOOR, ESTIMATES and PING as if every server were there.

        Args:
            chunk: When servers are asked.
            heard: Round by server: which answers matter; the others are left out. None: all.
        """
        lines = {
            question: _Lines(chunk.asked_s.shape)
            for question in (Question.TIP, Question.FEE_FLOOR, Question.ESTIMATES, Question.PING)
        }
        for rows, asked in self._asked(chunk, np.ones(chunk.lost.shape, dtype=np.bool_) if heard is None else heard):
            self._answer_tip(lines[Question.TIP], rows, asked)
            self._answer_floor(lines[Question.FEE_FLOOR], rows, asked)
            self._answer_estimates(lines[Question.ESTIMATES], rows, asked)
            self._answer_ping(lines[Question.PING], rows, asked)
        return {question: one.said() for question, one in lines.items()}

    def news(self, chunk: Chunk) -> NewsColumns:
        """Return the tip news that arrives in the chunk."""
        return self._news.columns(chunk)

    @cached_property
    def _fees(self) -> ServerFees:
        estimates = estimate_history(self._mempools) if self._given is None else self._given
        return ServerFees(self._plan, NodeFees(self._mempools, estimates), self._tips, self._lives)

    @cached_property
    def _news(self) -> TipNews:
        absences = [self._lives.absences(server) for server in range(len(self._plan.servers))]
        return TipNews(self._plan, self._tips, absences)

    def _asked(self, chunk: Chunk, heard: NDArray[np.bool_]) -> Iterator[tuple[Numbers, Asked]]:
        """Yield the questions of a chunk, by server and the node that it stands on then."""
        numbers = np.array([one.number for one in chunk.rounds], dtype=np.uint64)
        for server in range(len(self._plan.servers)):
            for node in np.unique(chunk.node_at[:, server]).tolist():
                rows = np.flatnonzero((chunk.node_at[:, server] == node) & heard[:, server])
                if len(rows):
                    moments = chunk.asked_s[rows, server]
                    yield rows, Asked(server=server, node=node, moments=moments, rounds=numbers[rows])

    def _answer_tip(self, lines: _Lines, rows: Numbers, asked: Asked) -> None:
        timeline, writer, raw = self._tips.timeline(asked.server, asked.node), self._writers[asked.server], self._tips
        keys = timeline.at(asked.moments)[:, None]

        def write(key: tuple[int, ...]) -> bytes:
            (place,) = key
            return writer.tip(int(timeline.height[place]), raw.headers.raw[timeline.header[place]])

        lines.put(rows, asked.server, keys, write)

    def _answer_floor(self, lines: _Lines, rows: Numbers, asked: Asked) -> None:
        node, writer = self._plan.nodes[asked.node], self._writers[asked.server]
        keys = self._fees.minimum(asked)[:, None]

        def write(key: tuple[int, ...]) -> bytes:
            return writer.fee_floor(NodeFacts.of(node, increment=increment(node.relay_floor), minimum=key[0]))

        lines.put(rows, asked.server, keys, write)

    def _answer_estimates(self, lines: _Lines, rows: Numbers, asked: Asked) -> None:
        writer = self._writers[asked.server]
        lines.put(rows, asked.server, self._fees.estimates(asked), writer.estimates)

    def _answer_ping(self, lines: _Lines, rows: Numbers, asked: Asked) -> None:
        writer = self._writers[asked.server]
        lines.put(rows, asked.server, np.zeros((len(rows), 1), dtype=np.int64), lambda _: writer.ping())
