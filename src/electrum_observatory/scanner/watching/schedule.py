"""When rounds are due, and what they ask. By the monotonic clock: nobody who sets the wall clock moves a round."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from electrum_observatory.model.watch import Question

_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A round to come.

    Attributes:
        at_ns: When to ask; monotonic, jitter included.
        questions: What to ask, the histogram first.
        skip_after_ns: When it is no round of its time any more.
    """

    at_ns: int
    questions: tuple[Question, ...]
    skip_after_ns: int


class Schedule:
    """The rounds of a stint, one after the other. All questions are due in the first.

    Questions whose times are nearer to each other than a round may take share one, the earlier. What is pending is not
    asked alone: not every server can tell, and a round has to say who is there.
    """

    def __init__(
        self,
        cadences: Mapping[Question, float],
        *,
        start_ns: int,
        jitter_s: float,
        together_s: float,
        rng: random.Random,
    ) -> None:
        """Take seconds between askings by question, the monotonic start, and what moves and what joins rounds."""
        self._every_ns = {question: round(seconds * _SECOND_NS) for question, seconds in cadences.items()}
        self._next_ns = dict.fromkeys(cadences, start_ns)
        self._start_ns = start_ns
        self._jitter_ns = jitter_s * _SECOND_NS
        self._together_ns = round(together_s * _SECOND_NS)
        self._rng = rng

    def next(self) -> Due:
        """Return the next round, and go on to the one after it."""
        earliest_ns = min(self._next_ns.values())
        due = {one for one, next_ns in self._next_ns.items() if next_ns <= earliest_ns + self._together_ns}
        for question in due:
            self._next_ns[question] += self._every_ns[question]
        if due == {Question.PENDING}:
            due.add(Question.PING)
        jitter_ns = round(self._rng.uniform(-self._jitter_ns, self._jitter_ns))
        return Due(
            at_ns=max(self._start_ns, earliest_ns + jitter_ns),
            questions=tuple(one for one in Question if one in due),
            skip_after_ns=earliest_ns + min(self._every_ns.values()) // 2,
        )
