"""Outcomes of the questions that programs take differently."""

from collections.abc import Iterator
from functools import lru_cache

from electrum_observatory.analysis.builds.aspects.asked import QUESTIONS
from electrum_observatory.analysis.builds.aspects.model import Observation
from electrum_observatory.analysis.builds.aspects.outcome import RESULT, outcome
from electrum_observatory.analysis.builds.requests import SHORT, Asked, read_request
from electrum_observatory.analysis.builds.turns import Turn

NOT_2_0 = '-32600 "jsonrpc" is not "2.0"'
REFUSED_ON_FIRST = "version_member_refused_on_first"
_REPEATS_INPUT = (
    "-32700 Failed to parse Json from string: ",
    "-32600 invalid request: ",
    "-32700 Invalid JSON: ",
    "-31999 Unexpected response (id: ",
)


def answers(turns: tuple[Turn, ...]) -> Iterator[Observation]:
    """Read the outcome of every question that is asked."""
    for turn in turns:
        asked = _asked(turn)
        value = outcome(turn) if asked else None
        if value is not None:
            for aspect in asked:
                yield Observation(_of_another_connection(aspect, value), _shortened(aspect, value), turn.exchange)


def _asked(turn: Turn) -> tuple[str, ...]:
    """Return what a turn asks. The same few questions go to every server, so it is worked out once for short ones."""
    place = turn.ready, turn.alone, turn.first, turn.after_v2
    if len(turn.request.text) <= SHORT:
        return _asked_again(turn.request.text, place)
    return _aspects(Asked(turn.request, *place))


@lru_cache(maxsize=4_096)
def _asked_again(text: bytes, place: tuple[bool, bool, bool | None, bool | None]) -> tuple[str, ...]:
    return _aspects(Asked(read_request(text), *place))


def _aspects(asked: Asked) -> tuple[str, ...]:
    return tuple(question.aspect for question in QUESTIONS if question.asks(asked))


def _of_another_connection(aspect: str, value: str) -> str:
    """Name what was answered: words that belong to a later message, on a first one, are read as those of a later."""
    refused = aspect == "version_member_missing_first" and value == NOT_2_0
    return REFUSED_ON_FIRST if refused else aspect


def _shortened(aspect: str, value: str) -> str:
    """Leave out what an answer says of the backend or repeats of the question."""
    if aspect == "position_beyond":
        return value.partition(" (>")[0]
    if aspect == "id_list":
        return value.partition('"id": [')[0].partition('"id": {')[0]
    if value.startswith(_REPEATS_INPUT):
        return value.partition(":")[0].removesuffix(" (id")
    if aspect == "header_as_text" and "out of range" in value:
        return RESULT  # read as a number, of a height that the chain has not reached
    if aspect == "transaction_unknown" and value.startswith("2 "):
        return "imitable daemon error" if value.startswith("2 daemon error: DaemonError(") else "bare daemon error"
    return value
