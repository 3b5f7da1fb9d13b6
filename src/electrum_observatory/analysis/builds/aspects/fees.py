"""Fees: how small numbers are written, which targets and modes are taken."""

import json
import re
from collections.abc import Iterator
from typing import Any

from electrum_observatory.analysis.builds.aspects.histogram import histogram_readings
from electrum_observatory.analysis.builds.aspects.model import Observation
from electrum_observatory.analysis.builds.aspects.outcome import outcome
from electrum_observatory.analysis.builds.turns import Turn

_FEE_METHODS = frozenset({"blockchain.relayfee", "blockchain.estimatefee", "mempool.get_info"})
_TIP = "blockchain.headers.subscribe"
_TOO_FAR = 1_009
_NO_TARGET = 2**31
"""No node reads such a target, so what comes back is an answer to another question."""

_CONSTANT = 0.0001
_ODD_TARGET = 26
_DIGITS_OF_A_NODE = 8
_CHANGES_OF_A_BLOCK = 1
_USUAL_MODES = frozenset({"ECONOMICAL", "CONSERVATIVE"})


def fees(turns: tuple[Turn, ...]) -> Iterator[Observation]:
    """Read fee numbers, fee questions and fee histograms."""
    for turn in turns:
        for aspect, value in _turn(turn):
            yield Observation(aspect, value, turn.exchange)
    yield from _repeated(turns)


def _repeated(turns: tuple[Turn, ...]) -> Iterator[Observation]:
    """Compare answers to one estimate that was asked again while no new block was told of to a subscriber.

    One change may be of a block that is told of only seconds later (field reference §5.3); two are not.
    """
    told: dict[str, list[Any]] | None = None
    for turn in turns:
        if _TIP in turn.notifications:
            return  # from then on answers may differ with the block
        result = turn.reply.value.get("result") if turn.reply and isinstance(turn.reply.value, dict) else None
        if turn.request.method == _TIP and isinstance(result, dict):
            told = told or {}
        elif turn.request.method == "blockchain.estimatefee" and told is not None and _is_estimate(result):
            asked = json.dumps(turn.request.params)
            before = told.setdefault(asked, [])
            if not before or before[-1] != result:
                before.append(result)
            if len(before) > _CHANGES_OF_A_BLOCK + 1:
                yield Observation("estimate_repeated", "changed", turn.exchange)


def _is_estimate(result: Any) -> bool:
    return type(result) in (int, float) and result > 0


def _turn(turn: Turn) -> Iterator[tuple[str, str]]:
    method = turn.request.method
    reply = turn.reply if turn.reply is not None and isinstance(turn.reply.value, dict) else None
    result = reply.value.get("result") if reply is not None else None
    if method in _FEE_METHODS and reply is not None and "result" in reply.value:
        for text in reply.form.floats:
            if (spelling := _spelling(text)) is not None:
                yield "small_numbers", spelling
            if method == "blockchain.estimatefee":
                yield "fee_digits", "noisy" if _decimals(text) > _DIGITS_OF_A_NODE else "plain"
    if method == "blockchain.estimatefee" and turn.request.plain and turn.ready:
        yield from _estimate(turn)
        if type(result) in (int, float):
            yield "estimate_value", "0.0001" if result == _CONSTANT else "another"
    elif method == "mempool.get_fee_histogram":
        yield from histogram_readings(result)


def _spelling(text: str) -> str | None:
    """Tell how a number below 0.0001 is written; None for larger ones, which everybody writes alike."""
    if not 0 < abs(float(text)) < 1e-4:
        return None
    if "E" in text:
        return "E-n"
    if re.search(r"e-\d\d", text):
        return "e-0n"
    return "e-n" if "e" in text else "0.0000n"


def _decimals(text: str) -> int:
    """Return the decimal places that a number written out in full would have."""
    mantissa, _, exponent = text.lower().partition("e")
    return len(mantissa.partition(".")[2]) - int(exponent or 0)


def _estimate(turn: Turn) -> Iterator[tuple[str, str]]:
    params = turn.request.params
    taken = outcome(turn)
    if taken is None or not isinstance(params, list) or not params:
        return
    if len(params) == 1 and type(params[0]) is int:
        if _TOO_FAR <= params[0] < _NO_TARGET or params[0] == 0:
            yield "estimate_beyond" if params[0] else "estimate_zero", taken
        elif params[0] == _ODD_TARGET:
            yield "estimate_26", taken
        elif params[0] < 0:
            yield "estimate_negative", taken
    elif len(params) == 2 and isinstance(params[1], str) and type(params[0]) is int:
        yield _mode(params[1]), taken


def _mode(mode: str) -> str:
    if mode in _USUAL_MODES:
        return "estimate_mode_upper"
    return "estimate_mode_lower" if mode.upper() in _USUAL_MODES else "estimate_mode_junk"
