"""The handshake: what versions a server agrees to, and how it takes odd, late and missing ones."""

from collections.abc import Iterator
from typing import Any

from electrum_observatory.analysis.builds.aspects.model import Observation
from electrum_observatory.analysis.builds.aspects.outcome import CLOSED, RESULT, SILENT, outcome
from electrum_observatory.analysis.builds.requests import ABSENT
from electrum_observatory.analysis.builds.turns import Conversation, Turn
from electrum_observatory.protocol.versions import parse_version

_LOW, _LOWEST_AS_NUMBER = (1, 4), 1.4
_REFUSED_RANGE = "refused range"
_OLDEST, _NEWEST_BUT_ONE, _NEWEST = (1, 1), (1, 6), (1, 7)


def handshake(conversation: Conversation) -> Iterator[Observation]:
    """Read every handshake of a connection, and what was answered without one."""
    for turn in conversation.turns:
        if turn.request.method == "server.version":
            for aspect, value in _version(turn):
                yield Observation(aspect, value, turn.exchange)
        elif turn.first and turn.request.plain and (taken := _unshaken(turn)) is not None:
            yield Observation("before_handshake", taken, turn.exchange)


def _version(turn: Turn) -> Iterator[tuple[str, str]]:
    taken = outcome(turn)
    if taken is None or (taken != RESULT and not turn.request.plain):
        return  # a refusal may then be of the message's form and not of the version
    if turn.shaken:
        yield "second_handshake", taken
        return
    aspect = _asked(turn.request.params)
    if aspect is None:
        return
    if taken == RESULT:
        if (version := _agreed(turn)) is not None:
            yield aspect, version
    elif not aspect.startswith("agreed") or taken in (CLOSED, SILENT):
        yield aspect, taken
    elif "Range(" in taken:
        yield aspect, _REFUSED_RANGE
    else:
        yield "range_refused", taken  # by a guest list or a front end: no word about versions


def _agreed(turn: Turn) -> str | None:
    """Return the version agreed on; None for the bare 1 with which ElectrumX dismisses a client it does not want."""
    result = turn.reply.value.get("result") if turn.reply is not None else None
    return str(result[1]) if isinstance(result, list) and len(result) == 2 else None


def _asked(params: Any) -> str | None:
    """Name the way of asking; None for one that no program takes in a way of its own."""
    if params is ABSENT or params == []:
        return "handshake_without_params"
    if isinstance(params, dict):
        return "handshake_named"
    if not isinstance(params, list):
        return None
    if len(params) == 1:
        return "handshake_name_only"
    if len(params) > 2:
        return "handshake_third_param"
    return _offered(params[1])


def _offered(version: Any) -> str | None:
    if isinstance(version, list) and len(version) == 2 and all(isinstance(end, str) for end in version):
        low, high = (parse_version(end) for end in version)
        if low is None or high is None:
            return None
        if low > high:
            return "handshake_reversed"
        return f"agreed_up_to_{version[1]}" if low <= _LOW <= high else None
    if isinstance(version, float):
        return "handshake_number" if version == _LOWEST_AS_NUMBER else None
    if isinstance(version, str):
        return _single(version)
    return None


def _single(version: str) -> str | None:
    number = parse_version(version)
    if number == _NEWEST_BUT_ONE:
        return "handshake_1.6"
    if number is None or number > _NEWEST or number < _OLDEST:
        return "handshake_unsupported"
    return None


def _unshaken(turn: Turn) -> str | None:
    """Tell how a first message other than the handshake was taken: answered, or refused with or without the notices."""
    taken = outcome(turn)
    if taken in (None, CLOSED, SILENT):
        return None
    if turn.notifications:
        return f"notices {','.join(sorted(set(turn.notifications)))}; {taken}"
    return taken if "identify" in taken else "answered"
