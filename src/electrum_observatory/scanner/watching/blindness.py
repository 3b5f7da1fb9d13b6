"""Whether we ourselves could see: clocks, sleep, and our own network. What we missed is nobody's outage."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch import Blindness, BlindSpell

LARGEST_DRIFT_US = 1_000_000
"""What the two clocks may disagree by before it is called a step (design: one second)."""
LONGEST_STALL_NS = 5_000_000_000
"""A process that did not get to run for so long has missed what happened meanwhile."""
ENOUGH_VOICES = 5
"""So many servers do not fall silent at once by themselves."""
_FADING = 0.5 ** (1 / 12)
"""What is left of the memory of voices from one round to the next: half of it in a dozen rounds, an hour."""
_SPELLS_KEPT = 64
_NS_PER_US = 1_000


class ClockWatch:
    """Compares the clocks whenever it is asked, which has to be every second or so.

    Attributes:
        before_ns: Monotonic time of the look before the latest.
    """

    def __init__(self, clock: Clock, slept_ns: Callable[[], int] | None = None) -> None:
        """Take the clock, and how long the machine has slept since its boot where that can be told.

        Linux stops the monotonic clock while it sleeps, so a sleep looks like a step of the wall clock otherwise.
        """
        self._clock = clock
        self._slept = slept_ns or (lambda: 0)
        self._wall_us, self._monotonic_ns = clock.now_us(), clock.monotonic_ns()
        self._slept_ns = self._slept()
        self.before_ns = self._monotonic_ns

    def look(self) -> BlindSpell | None:
        """Return what happened to time since the last call; None where it just passed."""
        before_us, before_slept_ns = self._wall_us, self._slept_ns
        self.before_ns = self._monotonic_ns
        self._wall_us, self._monotonic_ns = self._clock.now_us(), self._clock.monotonic_ns()
        self._slept_ns = self._slept()
        slept_ns = self._slept_ns - before_slept_ns
        passed_ns = self._monotonic_ns - self.before_ns + slept_ns
        step_us = self._wall_us - before_us - passed_ns // _NS_PER_US
        if abs(step_us) > LARGEST_DRIFT_US:
            return BlindSpell(why=Blindness.CLOCK_STEP, from_us=before_us, to_us=self._wall_us, step_us=step_us)
        if passed_ns > LONGEST_STALL_NS:
            return BlindSpell(why=Blindness.SUSPENDED, from_us=before_us, to_us=self._wall_us)
        return None


@dataclass(frozen=True, slots=True)
class _Span:
    from_ns: int
    to_ns: int


class Sight:
    """Remembers when we saw nothing, and notices when everybody falls silent at once.

    Attributes:
        lost: Whether nobody could be heard at the end of the latest round, nor was since.
        sign: Set whenever somebody is heard; cleared by whoever waits for that.
    """

    def __init__(self, clock: Clock, silence_s: float) -> None:
        """Take after how much silence of all it is certain that nobody hears us."""
        self._clock = clock
        self._silence_ns = round(silence_s * 1_000_000_000)
        self._last_sign_ns = clock.monotonic_ns()
        self._spans: deque[_Span] = deque(maxlen=_SPELLS_KEPT)
        self._stalls: deque[_Span] = deque(maxlen=_SPELLS_KEPT)
        self._awake_ns: int | None = None
        self._voices = 0.0  # fades, as a round that heard three of a thousand is no measure of the next
        self._latest = 0
        self._someone_was_up = False
        self.lost = False
        self.sign = asyncio.Event()

    def expect(self, voices: int) -> None:
        """Take how many of those watched were up before this stint; it counts until somebody is up in it."""
        if not self._someone_was_up:
            self._voices, self._latest = float(voices), voices

    def note_sign(self, at_ns: int) -> BlindSpell | None:
        """Note that somebody was heard; return the spell that this ends: of a lost network, or of too long a silence.

        No silence is a lost network for the time in which we ourselves did not get to run.
        """
        was_lost, self.lost = self.lost, False
        self.sign.set()
        before_ns, self._last_sign_ns = self._last_sign_ns, max(at_ns, self._last_sign_ns)
        silent_ns = at_ns - before_ns - self._stalled_ns(before_ns, at_ns)
        silence = silent_ns > self._silence_ns and self._voices >= ENOUGH_VOICES
        return self._no_network(before_ns, at_ns) if silence or (was_lost and at_ns > before_ns) else None

    def judge_round(self, *, up: int, refused: int, watched: int, ended_ns: int) -> BlindSpell | None:
        """Return the spell that a round belongs to in which nobody could be seen, if it is one.

        With enough voices before, that nobody is up is enough, even where connections are refused: a firewall of ours
        does that. Of a few, most have to have been up, and nothing at all may have come back.
        """
        if up:
            self._voices, self._latest = max(up, self._voices * _FADING), up
            self._someone_was_up = True
            return None
        many = self._voices >= ENOUGH_VOICES
        most = self._latest > 1 and 2 * self._latest > watched and not refused
        if not (many or most):
            return None
        self.lost = True
        before_ns, self._last_sign_ns = self._last_sign_ns, ended_ns
        return self._no_network(before_ns, ended_ns)

    def note_no_witness(self, now_ns: int) -> BlindSpell:
        """Note that those who had just answered could not be heard any more; return the spell."""
        self.lost = True
        before_ns, self._last_sign_ns = self._last_sign_ns, now_ns
        return self._no_network(before_ns, now_ns)

    def is_dark(self, now_ns: int) -> bool:
        """Whether it seems that nobody can be reached just now."""
        return self.lost or (self._voices >= ENOUGH_VOICES and now_ns - self._last_sign_ns > self._silence_ns)

    def note_awake(self, at_ns: int) -> None:
        """Note that this process runs; to be called every second or so: what is heard later may be told of a stall."""
        self._awake_ns = at_ns

    def note_stall(self, from_ns: int, to_ns: int) -> None:
        """Note a time in which this process did not get to run; on the monotonic clock, it may have no length."""
        self._stalls.append(_Span(from_ns, to_ns))

    def was_blind(self, from_ns: int, to_ns: int) -> bool:
        """Whether we missed part of a span of the monotonic clock."""
        return any(span.from_ns <= to_ns and from_ns <= span.to_ns for span in (*self._spans, *self._stalls))

    def _stalled_ns(self, from_ns: int, to_ns: int) -> int:
        """Return for how much of a time this process did not get to run, with what the clocks are yet to be asked."""
        stalls = list(self._stalls)
        if self._awake_ns is not None and to_ns - self._awake_ns > LONGEST_STALL_NS:
            stalls.append(_Span(self._awake_ns, to_ns))
        return sum(max(0, min(to_ns, one.to_ns) - max(from_ns, one.from_ns)) for one in stalls)

    def _no_network(self, from_ns: int, to_ns: int) -> BlindSpell:
        self._spans.append(_Span(from_ns, to_ns))
        wall_us = self._clock.now_us() - self._clock.monotonic_ns() // _NS_PER_US
        return BlindSpell(
            why=Blindness.NO_NETWORK, from_us=wall_us + from_ns // _NS_PER_US, to_us=wall_us + to_ns // _NS_PER_US
        )
