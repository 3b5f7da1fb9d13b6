"""How a watch asks: cadences, deadlines, budgets and caps. Plain values; files are read elsewhere."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Self

from electrum_observatory import __version__
from electrum_observatory.model.watch import USUAL_QUESTIONS, Question
from electrum_observatory.net.limits import ConnectionLimits
from electrum_observatory.protocol.versions import PROTOCOL_MAX, PROTOCOL_MIN
from electrum_observatory.protocol.watch_questions import PENDING_IDS

LONGEST_DEADLINE_S = 25.0
"""A round is over by then, so that a cycle stays below half a minute."""
_LOOK_SHARE = 0.8
_MINUTE_S = 60.0
_SCRIPT_HASH = re.compile("[0-9a-f]{64}")
_SHORTEST_SCALED_WAIT_S = 2.0
"""A lab divides its deadlines by the time scale, but a busy machine's own slowness does not shrink with it."""

WATCH_LIMITS = ConnectionLimits(
    max_line_bytes=128_000,
    max_bytes=2_000_000_000,
    max_lines=20_000_000,
    max_lines_per_second=50,
    max_queued_bytes=128_000,
    max_bytes_together=10**13,
)
"""For the dialler of a watch. The longest honest line is a histogram in bins of 100 kvB of a full mempool, some sixty
kilobytes; a connection may live for a year of rounds."""


_PENDING_BYTES = 512_000
"""What may be told of one script: more than four thousand pending transactions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadences:
    """Seconds from one asking to the next, by question; questions of equal cadence share their rounds."""

    histogram_s: float = 300.0
    tip_s: float = 300.0
    fee_floor_s: float = 300.0
    estimates_s: float = 300.0
    ping_s: float = 300.0
    pending_s: float = 3_600.0

    def of(self, questions: Iterable[Question]) -> Mapping[Question, float]:
        """Return the cadence of each of some questions."""
        return {question: getattr(self, f"{question}_s") for question in questions}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dials:
    """How politely connections are opened.

    Attributes:
        at_once: Dials that are under way at the same time. Half of a network may be gone, and each of those takes ten
            seconds to say so.
        per_second: Dials that begin within a second: a TLS handshake costs milliseconds, which others' stamps pay for.
        spacing_s: From one new connection to a machine to the next.
        held_per_machine: Connections that are held with one machine; further endpoints of it are left out.
        dial_s: Longest wait for a connection, its handshakes included.
        first_backoff_s: Wait after the first failure; it doubles from failure to failure. No wait is longer than four
            fifths of the shortest cadence, so that every round has looked at every server.
    """

    at_once: int = 64
    per_second: float = 50.0
    spacing_s: float = 10.0
    held_per_machine: int = 2
    dial_s: float = 45.0
    first_backoff_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What a held connection says, and what it takes.

    Attributes:
        client_name: What we call ourselves.
        versions: Protocol versions that are offered: both ends of a range, or one alone. A server that answers a range
            with an error or hangs up on it is offered the first of them alone the next time.
        reply_s: Longest wait for the reply to the handshake or to a sign of life that was asked for.
        keepalive_s: After so long without a line, or up to a half sooner, a ping is sent. Servers drop clients that
            were silent for ten minutes, and home routers forget connections sooner.
        lines_per_minute: Lines a server may send within a minute, or from round to round where that is shorter; a round
            brings a dozen, a burst of blocks a few more.
        bytes_per_minute: Bytes of lines within the same time.
    """

    client_name: str = f"electrum-observatory/{__version__}"
    versions: tuple[str, ...] = (PROTOCOL_MIN, PROTOCOL_MAX)
    reply_s: float = 20.0
    keepalive_s: float = 120.0
    lines_per_minute: int = 120
    bytes_per_minute: int = 256_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchingConfig:
    """Everything that may be set about a watch's engine.

    Attributes:
        cadences: How often each question is asked.
        dials: How connections are opened.
        manners: What they say and take.
        jitter_s: A round is asked up to so much before or after its time, all servers together.
        deadline_s: Longest wait for the replies of a round; padding servers answer a second late.
        spread_s: Time within which the questions of a round leave: all at once, replies would queue up before us and
            wait for their stamps.
        settle_s: Longest wait for everybody's first look before the first round.
        heartbeat_s: From one sign of life in the store to the next.
        lag_every_s: From one look at our own event loop to the next; shorter delays may be missed.
        forget_after_s: A server that no list names any more, and that was not up for so long, is dropped.
        scripts: Public scripts whose pending transactions every server is asked for, as the protocol spells their
            hashes: 64 digits of hexadecimal, the SHA-256 of the script in reversed order. Without any nobody is asked.
            Never anybody's private ones: every watched server learns them.
    """

    cadences: Cadences = field(default_factory=Cadences)
    dials: Dials = field(default_factory=Dials)
    manners: Manners = field(default_factory=Manners)
    jitter_s: float = 10.0
    deadline_s: float = 20.0
    spread_s: float = 2.0
    settle_s: float = 90.0
    heartbeat_s: float = 10.0
    lag_every_s: float = 0.01
    forget_after_s: float = 7 * 86_400.0
    scripts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be kept to."""
        _check_scripts(self.scripts)
        if not 0 < self.deadline_s <= LONGEST_DEADLINE_S:
            raise ValueError(f"a round's deadline of {self.deadline_s:g} s is not in 0–{LONGEST_DEADLINE_S:g} s")
        if not 0 <= self.spread_s < self.deadline_s:
            raise ValueError(f"a round's questions cannot leave within {self.spread_s:g} s of {self.deadline_s:g} s")
        needed = 2 * self.jitter_s + self.deadline_s
        if self.jitter_s < 0 or needed > self.shortest_s:
            raise ValueError(f"rounds every {self.shortest_s:g} s may need {needed:g} s each")
        if not 1 <= len(self.manners.versions) <= 2:
            raise ValueError("one protocol version is offered, or both ends of a range")

    @property
    def limits(self) -> ConnectionLimits:
        """What a connection may bring."""
        if not self.scripts:
            return WATCH_LIMITS
        return replace(WATCH_LIMITS, max_line_bytes=_PENDING_BYTES, max_queued_bytes=_PENDING_BYTES)

    @property
    def held_manners(self) -> Manners:
        """What a held connection says and takes, with room for answers about scripts."""
        room = len(self.scripts) * _PENDING_BYTES
        return replace(self.manners, bytes_per_minute=self.manners.bytes_per_minute + room)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is asked at all: of pending transactions only where there are scripts."""
        return tuple(Question) if self.scripts else USUAL_QUESTIONS

    @property
    def every_s(self) -> Mapping[Question, float]:
        """Seconds from one asking to the next, of what is asked at all."""
        return self.cadences.of(self.questions)

    @property
    def shortest_s(self) -> float:
        """The shortest of these: no two rounds are nearer to each other."""
        return min(self.every_s.values())

    @property
    def minute_s(self) -> float:
        """What caps are counted over."""
        return min(_MINUTE_S, self.shortest_s)

    @property
    def longest_backoff_s(self) -> float:
        """The longest wait between two dials of a server that is away."""
        return _LOOK_SHARE * self.shortest_s

    @property
    def silence_s(self) -> float:
        """After so long without a line from anybody, nobody hears us: everybody was asked for one meanwhile."""
        return self.manners.keepalive_s + self.manners.reply_s

    def in_time_of(self, time_scale: float) -> Self:
        """Return the configuration for a world whose periods are divided by ``time_scale``.

        Waits for others keep a length that a busy machine can meet.
        """
        if time_scale == 1:
            return self
        shortest_s = self.shortest_s / time_scale
        jitter_s = self.jitter_s / time_scale
        deadline_s = max(self.deadline_s / time_scale, min(_SHORTEST_SCALED_WAIT_S, shortest_s - 2 * jitter_s))
        return replace(
            self,
            cadences=replace(
                self.cadences,
                **{one.name: getattr(self.cadences, one.name) / time_scale for one in fields(self.cadences)},
            ),
            dials=replace(
                self.dials,
                spacing_s=self.dials.spacing_s / time_scale,
                dial_s=max(self.dials.dial_s / time_scale, _SHORTEST_SCALED_WAIT_S),
                first_backoff_s=self.dials.first_backoff_s / time_scale,
            ),
            manners=replace(
                self.manners,
                reply_s=max(self.manners.reply_s / time_scale, _SHORTEST_SCALED_WAIT_S),
                keepalive_s=self.manners.keepalive_s / time_scale,
            ),
            jitter_s=jitter_s,
            deadline_s=deadline_s,
            spread_s=self.spread_s / time_scale,
            settle_s=max(self.settle_s / time_scale, _SHORTEST_SCALED_WAIT_S),
            heartbeat_s=self.heartbeat_s / time_scale,
            forget_after_s=self.forget_after_s / time_scale,
        )


def _check_scripts(scripts: Sequence[str]) -> None:
    if len(scripts) > len(PENDING_IDS):
        raise ValueError(f"{len(scripts)} scripts are more than the {len(PENDING_IDS)} that a watch asks for")
    for script in scripts:
        if _SCRIPT_HASH.fullmatch(script) is None:
            raise ValueError(f"{script[:80]!r} is no script hash: 64 digits of hexadecimal, in lower case")
    if len(set(scripts)) < len(scripts):
        raise ValueError("a script is named twice")
