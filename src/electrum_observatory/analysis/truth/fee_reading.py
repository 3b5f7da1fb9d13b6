"""Fee estimates and histograms among the answers, with the policy and the moment that they belong to."""

from collections.abc import Iterable, Mapping, Sequence

from electrum_observatory.analysis.truth.fees import FeeSeen, Policy
from electrum_observatory.analysis.truth.header_reading import HeaderSeen
from electrum_observatory.analysis.truth.histograms import HistogramSeen
from electrum_observatory.analysis.truth.reading import Answer
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.numbers import finite_number

_ESTIMATE = "blockchain.estimatefee"


def read_fees(answers: Sequence[Answer], headers: Iterable[HeaderSeen]) -> tuple[FeeSeen, ...]:
    """Return the estimates in the default mode; those of visits whose tip is not known are left out.

    Mode and relay fee are properties of the node and are learned from all visits of its server; a server that shows
    several relay fees over time has none.
    """
    windows = {(seen.server, seen.visit): seen.height for seen in headers if seen.from_tip}
    relay, lowest = _relay_fees(answers), _mempool_minima(answers)
    modes = _modes(answers)
    return tuple(
        FeeSeen(
            server=answer.server,
            window=windows[answer.server, answer.visit],
            policy=Policy(mode=modes.get(answer.server), relay_fee=relay.get(answer.server)),
            target=answer.params[0],
            btc_per_kvb=_number(answer.result),
            floor=lowest.get((answer.server, answer.visit)),
            quote=answer.quote,
        )
        for answer in answers
        if answer.method == _ESTIMATE
        and len(answer.params) == 1
        and isinstance(answer.params[0], int)
        and (answer.server, answer.visit) in windows
    )


def read_histograms(answers: Iterable[Answer]) -> tuple[HistogramSeen, ...]:
    """Return the histograms whose time is known."""
    return tuple(
        HistogramSeen(server=answer.server, at_s=answer.at_s, bins=bins, quote=answer.quote, clock=answer.clock)
        for answer in answers
        if answer.method == "mempool.get_fee_histogram"
        and answer.at_s is not None
        and (bins := _bins(answer.result)) is not None
    )


def _bins(result: Json) -> tuple[tuple[float, float], ...] | None:
    if not isinstance(result, list):
        return None
    pairs = [
        (rate, size)
        for row in result
        if isinstance(row, list) and len(row) == 2
        for rate, size in [(_number(row[0]), _number(row[1]))]
        if rate is not None and size is not None
    ]
    return tuple(pairs) if len(pairs) == len(result) else None


def _number(value: Json) -> float | None:
    """Return a number that is not negative: -1 means that there is none."""
    number = finite_number(value)
    return number if number is not None and number >= 0 else None


def _relay_fees(answers: Iterable[Answer]) -> Mapping[str, float]:
    seen: dict[str, set[float]] = {}
    for answer in answers:
        value = None
        if answer.method == "blockchain.relayfee":
            value = _number(answer.result)
        elif answer.method == "mempool.get_info" and isinstance(answer.result, dict):
            value = _number(answer.result.get("minrelaytxfee"))
        if value is not None:
            seen.setdefault(answer.server, set()).add(value)
    return {server: next(iter(values)) for server, values in seen.items() if len(values) == 1}


def _mempool_minima(answers: Iterable[Answer]) -> Mapping[tuple[str, str], float]:
    return {
        (answer.server, answer.visit): value
        for answer in answers
        if answer.method == "mempool.get_info" and isinstance(answer.result, dict)
        for value in [_number(answer.result.get("mempoolminfee"))]
        if value is not None
    }


def _modes(answers: Iterable[Answer]) -> Mapping[str, str]:
    """Return server to the mode that its default equals, where one connection was asked for all three."""
    asked: dict[tuple[str, str, int], dict[str, float]] = {}
    for answer in answers:
        match answer.method, answer.params, _number(answer.result):
            case "blockchain.estimatefee", (int(target), *named), float(value):
                name = str(named[0]).lower() if named else "default"
                asked.setdefault((answer.server, answer.connection, target), {})[name] = value
    equal: dict[str, set[str]] = {}
    for (server, *_), values in asked.items():
        if {"default", "economical", "conservative"} <= values.keys():
            equal.setdefault(server, set()).add(_mode(values))
    return {server: mode for server, names in equal.items() if (mode := _one_of(names)) is not None}


def _mode(values: Mapping[str, float]) -> str:
    names = [name for name in ("economical", "conservative") if values[name] == values["default"]]
    return names[0] if len(names) == 1 else "either" if names else "neither"


def _one_of(names: set[str]) -> str | None:
    """Return the one mode that the comparisons allow; "neither" is two moments that were mixed, and tells nothing."""
    telling = names - {"either", "neither"}
    if len(telling) == 1:
        return next(iter(telling))
    return "either" if not telling and "either" in names else None
