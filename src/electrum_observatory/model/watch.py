"""A watch: the same few questions put to many servers at the same moments, for months.

A campaign asks each server much, once; a watch asks little, again and again, over connections that stay open. Its
nouns: the **watch** (one configuration, one vantage) runs in **stints** (one process each). A stint makes **rounds**,
in which everybody is asked at one moment; what one server said in one round is a **reading**. Between rounds servers
tell of new blocks by themselves: **tip news**. Where we were not looking there is a **blind spell**, which says so:
nothing may be concluded about a server from a time at which nobody asked it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure
from electrum_observatory.model.observation import Json


class Question(StrEnum):
    """What a round asks; a column each in every store, a cadence each in the configuration.

    ``PENDING`` is asked only where a watch was given public scripts: which unconfirmed transactions touch them.
    """

    HISTOGRAM = "histogram"
    TIP = "tip"
    FEE_FLOOR = "fee_floor"
    ESTIMATES = "estimates"
    PING = "ping"
    PENDING = "pending"


USUAL_QUESTIONS: tuple[Question, ...] = tuple(one for one in Question if one is not Question.PENDING)
"""What every watch asks."""


class Availability(StrEnum):
    """How a server was found in a round.

    Attributes:
        UP: It answered at least one question.
        REFUSED: The host is there and did not serve us: it refused or closed the connection, or said that it is full.
        UNKNOWN: Nothing came back: it may be down, or the path to it.
    """

    UP = "up"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Blindness(StrEnum):
    """Why we saw nothing for a while.

    Attributes:
        NOT_RUNNING: No stint ran: stopped, killed or rebooted.
        SUSPENDED: The process did not get to run: the machine slept, or was far too busy.
        NO_NETWORK: Nobody at all could be reached, so nothing is said about anybody.
        CLOCK_STEP: The wall clock was set; times before and after it disagree by the step.
        LATE: A round was skipped because the one before it still ran.
    """

    NOT_RUNNING = "not_running"
    SUSPENDED = "suspended"
    NO_NETWORK = "no_network"
    CLOCK_STEP = "clock_step"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is watched, from where.

    Attributes:
        watch_id: ``20261120T221500Z-<vantage>-<6 hex>``, as campaigns are named.
        vantage: Where it runs.
        network: Id of the network whose genesis is expected.
        started_at_us: UTC microseconds of its first stint.
        config: The whole resolved configuration of its first stint.
        config_sha256: Digest of the configuration's canonical JSON.
        overlay: The lab's identity overlay, as campaigns keep it; None on a real network.
        note: Free text of the person who runs it.
    """

    watch_id: str
    vantage: str
    network: str
    started_at_us: int
    config: Mapping[str, Json]
    config_sha256: str
    overlay: Mapping[str, Json] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stint:
    """One process that keeps a watch.

    Attributes:
        started_at_us: UTC microseconds.
        started_monotonic_ns: The same instant on the monotonic clock of ``boot_id``.
        boot_id: Names the boot.
        tool_version: Version of Electrum Observatory.
        config: The whole resolved configuration of this stint.
    """

    started_at_us: int
    started_monotonic_ns: int
    boot_id: str
    tool_version: str
    config: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One moment at which everybody was asked.

    Attributes:
        number: Counts the rounds of a watch from 1, over all its stints.
        due_at_us: UTC microseconds at which the cadence wanted it, its jitter included.
        started_at_us: UTC microseconds at which the first question left.
        started_monotonic_ns: The same instant on the monotonic clock of ``boot_id``.
        boot_id: Names the boot.
        duration_us: Monotonic time until the last reply, or until waiting ended.
        questions: What was asked in this round.
        lag_max_us: The latest that our own event loop ran during the round.
    """

    number: int
    due_at_us: int
    started_at_us: int
    started_monotonic_ns: int
    boot_id: str
    duration_us: int
    questions: tuple[Question, ...]
    lag_max_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came in reply to one question of a round.

    Attributes:
        data: The reply lines as they came, terminators included and padding runs of replies taken out, in the order in
            which they were asked. Request ids are fixed for each question, so equal answers of one program are equal
            bytes. A JSON-RPC error is an answer.
        after_us: Monotonic time from the question's leaving to its last reply.
    """

    data: bytes
    after_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One server in one round.

    Attributes:
        endpoint: Whom we asked.
        availability: How it was found.
        failure: What broke, where something did. It may be there beside answers.
        sent_us: When the questions left, microseconds after the round's start; None where none did.
        lag_us: How late our event loop ran when the replies came.
        answers: By question. What was asked of a server that is up and is not here was not answered in time.
    """

    endpoint: Endpoint
    availability: Availability
    failure: Failure | None = None
    sent_us: int | None = None
    lag_us: int = 0
    answers: Mapping[Question, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TipNews:
    """A server told us of a tip by itself.

    Attributes:
        endpoint: Who.
        received_at_us: UTC microseconds.
        received_monotonic_ns: The same instant on the monotonic clock of ``boot_id``.
        boot_id: Names the boot.
        lag_us: How late our event loop ran then.
        height: Of the tip.
        header: Its 80 bytes.
        first: Whether it is the reply to the subscription rather than news: it dates nothing.
    """

    endpoint: Endpoint
    received_at_us: int
    received_monotonic_ns: int
    boot_id: str
    lag_us: int
    height: int
    header: bytes
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindSpell:
    """A time of our own in which nobody was watched.

    Attributes:
        why: The reason.
        from_us: UTC microseconds of the last sign of watching before it.
        to_us: UTC microseconds of the first sign after it.
        step_us: By how much the wall clock was set; 0 for the other reasons.
    """

    why: Blindness
    from_us: int
    to_us: int
    step_us: int = 0
