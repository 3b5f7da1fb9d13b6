"""What one round comes to in a dozen numbers: what a person sees of it, and what a JSON line says of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from electrum_observatory.model.watch import Availability, Question, Reading, Round
from electrum_observatory.store.times import to_iso

_MOST_NAMES = 8
_LEAST_VOICES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundDigest:
    """One round that is on the disk.

    Attributes:
        number: As in the store.
        due_at_us: UTC microseconds at which the cadence wanted it.
        started_at_us: UTC microseconds.
        duration_us: Until the last reply, or until waiting ended.
        questions: What was asked.
        watched: Servers with a reading.
        found: How many were up, refused, unknown.
        histograms: Distinct histograms, as sent; None where nobody was asked for one.
        read_spread_us: From the first server's questions leaving to the last one's; None where none left.
        lag_max_us: The latest that our own event loop ran.
        tip: The greatest height that two servers have reached, or the only one has; None where none was told.
        behind: Host and number of blocks for those below it, the furthest first; at most eight.
        behind_in_all: How many are below it.
    """

    number: int
    due_at_us: int
    started_at_us: int
    duration_us: int
    questions: tuple[Question, ...]
    watched: int
    found: Mapping[Availability, int]
    histograms: int | None
    read_spread_us: int | None
    lag_max_us: int
    tip: int | None
    behind: tuple[tuple[str, int], ...]
    behind_in_all: int

    def as_json(self) -> dict[str, Any]:
        """Return what one line of ``--json`` holds."""
        return {
            "round": self.number,
            "due_at": to_iso(self.due_at_us),
            "started_at": to_iso(self.started_at_us),
            "duration_ms": self.duration_us / 1_000,
            "questions": self.questions,
            "watched": self.watched,
            **{one.value: self.found.get(one, 0) for one in Availability},
            "histograms": self.histograms,
            "read_spread_ms": None if self.read_spread_us is None else self.read_spread_us / 1_000,
            "lag_max_ms": self.lag_max_us / 1_000,
            "tip": self.tip,
            "behind": self.behind_in_all,
        }


def digest_of(made: Round, readings: Sequence[Reading], heights: Mapping[str, int]) -> RoundDigest:
    """Sum up a round; ``heights`` is what each server told of its tip last, by canonical endpoint."""
    up = [one for one in readings if one.availability is Availability.UP]
    told = {one.endpoint.host: heights[one.endpoint.canonical] for one in up if one.endpoint.canonical in heights}
    tip = tip_of(told.values())
    below = [(host, tip - height) for host, height in told.items() if tip is not None and height < tip]
    below.sort(key=lambda one: (-one[1], one[0]))
    sent = [one.sent_us for one in readings if one.sent_us is not None]
    return RoundDigest(
        number=made.number,
        due_at_us=made.due_at_us,
        started_at_us=made.started_at_us,
        duration_us=made.duration_us,
        questions=made.questions,
        watched=len(readings),
        found=Counter(one.availability for one in readings),
        histograms=_distinct(up) if Question.HISTOGRAM in made.questions else None,
        read_spread_us=max(sent) - min(sent) if sent else None,
        lag_max_us=made.lag_max_us,
        tip=tip,
        behind=tuple(below[:_MOST_NAMES]),
        behind_in_all=len(below),
    )


def tip_of(heights: Iterable[int]) -> int | None:
    """Return the greatest height that two have reached: one alone may say what it likes, unless it is the only one."""
    highest = sorted(heights, reverse=True)
    return highest[min(_LEAST_VOICES, len(highest)) - 1] if highest else None


def tips_of(made: Round, readings: Sequence[Reading]) -> dict[str, tuple[int, int]]:
    """Return when each server answered, in monotonic nanoseconds, and with which height, by canonical endpoint."""
    read: dict[bytes, int | None] = {}
    tips: dict[str, tuple[int, int]] = {}
    for one in readings:
        answer = one.answers.get(Question.TIP)
        if answer is None:
            continue
        if answer.data not in read:  # most are equal
            read[answer.data] = _height(answer.data)
        height = read[answer.data]
        if height is not None:
            at_ns = made.started_monotonic_ns + 1_000 * ((one.sent_us or 0) + answer.after_us)
            tips[one.endpoint.canonical] = (at_ns, height)
    return tips


def _height(line: bytes) -> int | None:
    """Return the height in a reply to ``blockchain.headers.subscribe``; None where there is none."""
    try:
        reply = msgspec.json.decode(line.strip())
    except (msgspec.DecodeError, RecursionError):
        return None
    result = reply.get("result") if isinstance(reply, dict) else None
    height = result.get("height") if isinstance(result, dict) else None
    return height if type(height) is int and 0 <= height < 2**31 else None


def _distinct(readings: Sequence[Reading]) -> int:
    """Count the distinct histograms: one program's equal answers are equal bytes, and an error is none."""
    answers = {one.answers[Question.HISTOGRAM].data for one in readings if Question.HISTOGRAM in one.answers}
    return sum(b'"result"' in one and b'"result":null' not in one.replace(b" ", b"") for one in answers)
