"""Rounds by column: a year has a hundred thousand, and whoever asks after one server looks at few of them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, overload

import numpy as np

from electrum_observatory.model.watch import Question, Round
from electrum_observatory.model.watch_ports import NOTHING, Numbers

_NUMBERS = ("number", "due_at_us", "started_at_us", "started_monotonic_ns", "duration_us", "lag_max_us")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoundColumns(Sequence[Round]):
    """A sequence of rounds that makes each when it is asked for.

    Attributes:
        number: See :class:`~electrum_observatory.model.watch.Round`, as all columns of numbers.
        due_at_us: Likewise.
        started_at_us: Likewise.
        started_monotonic_ns: Likewise.
        duration_us: Likewise.
        lag_max_us: Likewise.
        boot_at: Position in ``boots``.
        questions_at: Position in ``questions``.
        boots: Boot ids.
        questions: Questions of a round, as a store spells them: separated by commas.
    """

    number: Numbers
    due_at_us: Numbers
    started_at_us: Numbers
    started_monotonic_ns: Numbers
    duration_us: Numbers
    lag_max_us: Numbers
    boot_at: Numbers
    questions_at: Numbers
    boots: Sequence[str]
    questions: Sequence[str]

    @classmethod
    def of(cls, rounds: Sequence[Round]) -> "RoundColumns":
        """Return rounds by column."""
        if isinstance(rounds, cls):
            return rounds
        spelled = [",".join(made.questions) for made in rounds]
        boots, questions = sorted({made.boot_id for made in rounds}), sorted(set(spelled))
        return cls(
            **{name: np.array([getattr(made, name) for made in rounds], dtype=np.int64) for name in _NUMBERS},
            boot_at=np.array([boots.index(made.boot_id) for made in rounds], dtype=np.int64),
            questions_at=np.array([questions.index(one) for one in spelled], dtype=np.int64),
            boots=boots,
            questions=questions,
        )

    @classmethod
    def joined(cls, parts: Sequence["RoundColumns"]) -> "RoundColumns":
        """Return the rounds of several parts, one part behind the other."""
        if not parts:
            return cls.of(())
        boots, questions = np.cumsum([[0, 0], *([len(one.boots), len(one.questions)] for one in parts)], axis=0).T
        return cls(
            **{name: np.concatenate([getattr(one, name) for one in parts]) for name in _NUMBERS},
            boot_at=np.concatenate([one.boot_at + by for one, by in zip(parts, boots, strict=False)]),
            questions_at=np.concatenate([one.questions_at + by for one, by in zip(parts, questions, strict=False)]),
            boots=[boot for one in parts for boot in one.boots],
            questions=[spelled for one in parts for spelled in one.questions],
        )

    def take(self, order: Numbers) -> "RoundColumns":
        """Return the rounds at some places."""
        columns = (one.name for one in fields(self) if one.name not in ("boots", "questions"))
        return replace(self, **{name: getattr(self, name)[order] for name in columns})

    def __len__(self) -> int:
        """Return the number of rounds."""
        return len(self.number)

    @overload
    def __getitem__(self, place: int) -> Round: ...

    @overload
    def __getitem__(self, place: slice) -> "RoundColumns": ...

    def __getitem__(self, place: int | slice) -> "Round | RoundColumns":
        """Return one round, or those of a slice."""
        if isinstance(place, slice):
            return self.take(np.arange(len(self))[place])
        return Round(
            number=int(self.number[place]),
            due_at_us=int(self.due_at_us[place]),
            started_at_us=int(self.started_at_us[place]),
            started_monotonic_ns=int(self.started_monotonic_ns[place]),
            boot_id=self.boots[self.boot_at[place]],
            duration_us=int(self.duration_us[place]),
            questions=tuple(Question(one) for one in self.questions[self.questions_at[place]].split(",") if one),
            lag_max_us=int(self.lag_max_us[place]),
        )


def round_of(row: Sequence[Any]) -> Round:
    """Return a round of a row: number, due, start, monotonic start, boot id, duration, spelled questions, worst lag."""
    number, due_at_us, at_us, monotonic_ns, boot_id, duration_us, questions, lag_us, *_ = row
    return Round(
        number=number,
        due_at_us=due_at_us,
        started_at_us=at_us,
        started_monotonic_ns=monotonic_ns,
        boot_id=boot_id,
        duration_us=duration_us,
        questions=tuple(Question(one) for one in questions.split(",") if one),
        lag_max_us=lag_us,
    )


def positions(keys: Numbers, of: Numbers) -> Numbers:
    """Return where each key stands among the sorted ``keys``; ``NOTHING`` stays."""
    places: Numbers = np.where(of == NOTHING, NOTHING, np.searchsorted(keys, of))
    return places
