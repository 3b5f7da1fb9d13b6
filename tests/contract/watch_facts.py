"""Watches and what they saw, made up for tests of the stores."""

import itertools
from collections.abc import Sequence

from hypothesis import strategies as st

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.watch import (
    USUAL_QUESTIONS,
    Answer,
    Availability,
    Question,
    Reading,
    Round,
    Stint,
    TipNews,
    Watch,
)

START_US = 1_795_000_000_000_000  # 18 November 2026
SECOND_US = 1_000_000
ROUND_US = 300 * SECOND_US
BOOT = "5e1c7d0a-boot"
HOSTILE = "\x00 \x1b[2J \u202e ' \" ); DROP TABLE readings; -- \n ⚡"

_numbers = itertools.count(1)

ENDPOINTS = (
    Endpoint(host="one.example", port=50002, transport=Transport.SSL, address="192.0.2.1"),
    Endpoint(host="one.example", port=50001, transport=Transport.TCP, address="192.0.2.1"),
    Endpoint(host="2001:db8::5", port=50004, transport=Transport.WSS, address="2001:db8::5"),
    Endpoint(host=f"{'a' * 56}.onion", port=50001, transport=Transport.TCP),
    Endpoint(host="xn--bcher-kva.example", port=443, transport=Transport.SSL),
)


def new_watch(note: str = "") -> Watch:
    """A watch that no other test has."""
    return Watch(
        watch_id=f"20261118T110640Z-local-{next(_numbers):06x}",
        vantage="local",
        network="mainnet",
        started_at_us=START_US,
        config={"every": {"histogram": 300}, "text": HOSTILE},
        config_sha256="0" * 64,
        overlay={"name": "lab", "time_scale": 60.0},
        note=note,
    )


def stint_at(at_us: int = START_US, *, monotonic_us: int | None = None, boot_id: str = BOOT) -> Stint:
    """A stint; unless told, the monotonic clock agrees with the wall."""
    return Stint(
        started_at_us=at_us,
        started_monotonic_ns=(at_us - START_US if monotonic_us is None else monotonic_us) * 1000 + 1,
        boot_id=boot_id,
        tool_version="0.1.0",
        config={"pid": 1},
    )


def round_at(at_us: int, number: int, *, questions: Sequence[Question] = USUAL_QUESTIONS) -> Round:
    """A round of 4 s."""
    return Round(
        number=number,
        due_at_us=at_us - 1500,
        started_at_us=at_us,
        started_monotonic_ns=(at_us - START_US) * 1000 + 1,
        boot_id=BOOT,
        duration_us=4 * SECOND_US,
        questions=tuple(questions),
        lag_max_us=120,
    )


def nth_round(number: int) -> Round:
    """One of a series, five minutes apart; the first begins with the watch."""
    return round_at(START_US + (number - 1) * ROUND_US, number)


def answered(endpoint: Endpoint = ENDPOINTS[0], **data: bytes) -> Reading:
    """A reading with answers by the question's name."""
    answers = {Question(name): Answer(data=text, after_us=80_000 + len(text)) for name, text in data.items()}
    return Reading(endpoint=endpoint, availability=Availability.UP, sent_us=900, lag_us=40, answers=answers)


def refused(endpoint: Endpoint = ENDPOINTS[1], detail: str = "") -> Reading:
    """A reading of a server that refused us."""
    failure = Failure(stage=Stage.CONNECT, kind=FailureKind.CONNECT_REFUSED, detail=detail)
    return Reading(endpoint=endpoint, availability=Availability.REFUSED, failure=failure)


def news_at(at_us: int, endpoint: Endpoint = ENDPOINTS[0], *, height: int = 900_000, first: bool = False) -> TipNews:
    """News of a tip."""
    return TipNews(
        endpoint=endpoint,
        received_at_us=at_us,
        received_monotonic_ns=(at_us - START_US) * 1000 + 1,
        boot_id=BOOT,
        lag_us=7,
        height=height,
        header=height.to_bytes(80, "little"),
        first=first,
    )


_texts = st.sampled_from((b"", b"\x00", b'{"id":20,"result":[]}\n')) | st.binary(max_size=40)
_answers = st.builds(Answer, data=_texts, after_us=st.integers(0, 1 << 40))
_details = st.sampled_from(("", HOSTILE)) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_failures = st.builds(
    Failure, stage=st.sampled_from(tuple(Stage)), kind=st.sampled_from(tuple(FailureKind)), detail=_details
)
_spoken = st.fixed_dictionaries(
    {
        "availability": st.sampled_from(tuple(Availability)),
        "failure": st.none() | _failures,
        "sent_us": st.none() | st.integers(0, 1 << 40),
        "lag_us": st.integers(0, 1 << 40),
        "answers": st.dictionaries(st.sampled_from(tuple(Question)), _answers),
    }
)
_readings = st.dictionaries(st.sampled_from(ENDPOINTS), _spoken).map(
    lambda said: tuple(Reading(endpoint=endpoint, **fields) for endpoint, fields in said.items())
)

rounds = st.lists(_readings, min_size=1, max_size=6).map(
    lambda made: [(nth_round(number), readings) for number, readings in enumerate(made, start=1)]
)
"""Up to six rounds of five minutes with what was said in each."""

news = st.lists(
    st.builds(
        lambda minute, endpoint, height, first: news_at(
            START_US + minute * 60 * SECOND_US, endpoint, height=height, first=first
        ),
        st.integers(0, 30),
        st.sampled_from(ENDPOINTS),
        st.integers(0, 1 << 31),
        st.booleans(),
    ),
    max_size=8,
).map(lambda told: sorted(told, key=lambda one: one.received_at_us))
"""Tip news of half an hour, in the order of arrival."""
