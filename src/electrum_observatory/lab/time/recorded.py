"""What real nodes said of themselves while they were watched, read back from a recording.

The format is one JSON document a line, the first with ``format`` and ``version``: a line that introduces a transaction
(``txid``, ``weight``, ``size``, ``fee_sat``), or one that says what changed at a node at a moment (``at_s``, ``node``,
``added``, ``removed``, and where they changed ``height``, ``header``, ``relay_fee``, ``mempool_min_fee``,
``estimates``). Nothing is made up here: between two looks a node counts as the earlier one found it.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from electrum_observatory.lab.state import MempoolTransaction
from electrum_observatory.model.errors import InputError

FORMAT, VERSION = "electrum-observatory-node-outputs", 1
_SAT_PER_COIN = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeMoment:
    """One node from one look to the next that found something else.

    Attributes:
        at_s: Seconds since the recording began.
        mempool: Its transactions.
        height: Of its tip.
        header: Of its tip, 80 bytes.
        relay: ``minrelaytxfee``, satoshi per 1000 virtual bytes.
        minimum: ``mempoolminfee``, likewise.
        estimates: Target to ``estimatesmartfee``, likewise; 0 where it had none.
    """

    at_s: float
    mempool: tuple[MempoolTransaction, ...]
    height: int
    header: bytes
    relay: int
    minimum: int
    estimates: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The nodes of a recording.

    Attributes:
        program: What the nodes call themselves.
        moments: By node, in order of time.
        seconds: When the last line was written.
    """

    program: str
    moments: Mapping[str, Sequence[NodeMoment]]
    seconds: float

    def at(self, node: str, at_s: float) -> NodeMoment:
        """Return a node as it was at a time; before its first look as that found it."""
        moments = self.moments[node]
        return moments[max(bisect_right(moments, at_s, key=lambda one: one.at_s) - 1, 0)]


def read_recording(path: Path) -> Recording:
    """Read a recording.

    Raises:
        InputError: It cannot be read, or is none.
    """
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return _recording(lines)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        what = "no recording of node outputs; docs/lab/time.md has the format"
        raise InputError(f"{path}: {what} ({error!r})") from error


def _recording(lines: Sequence[dict[str, Any]]) -> Recording:
    first, *others = lines
    if (first["format"], first["version"]) != (FORMAT, VERSION):
        raise ValueError(f"format {first['format']!r}, version {first['version']!r}")
    known: dict[str, MempoolTransaction] = {}
    states: dict[str, dict[str, Any]] = {node: {"held": {}} for node in first["nodes"]}
    moments: dict[str, list[NodeMoment]] = {node: [] for node in first["nodes"]}
    last = 0.0
    for line in others:
        if "txid" in line:
            known[line["txid"]] = _transaction(line)
            continue
        state, last = states[line["node"]], float(line["at_s"])
        _change(state, line, known)
        moments[line["node"]].append(_moment(last, state))
    if not all(moments.values()):
        raise ValueError("a node of which nothing is said")
    return Recording(program=first["program"], moments=moments, seconds=last)


def _transaction(line: Mapping[str, Any]) -> MempoolTransaction:
    return MempoolTransaction(
        fee_sat=line["fee_sat"], weight=line["weight"], size=line["size"], segwit=line["weight"] != 4 * line["size"]
    )


def _change(state: dict[str, Any], line: Mapping[str, Any], known: Mapping[str, MempoolTransaction]) -> None:
    held: dict[str, MempoolTransaction] = state["held"]
    for txid in line["removed"]:
        del held[txid]
    held.update({txid: known[txid] for txid in line["added"]})
    state.update({key: value for key, value in line.items() if key not in ("added", "removed", "node", "at_s")})


def _moment(at_s: float, state: Mapping[str, Any]) -> NodeMoment:
    return NodeMoment(
        at_s=at_s,
        mempool=tuple(state["held"].values()),
        height=state["height"],
        header=bytes.fromhex(state["header"]),
        relay=_sat(state["relay_fee"]),
        minimum=_sat(state["mempool_min_fee"]),
        estimates={int(target): max(_sat(value), 0) for target, value in state["estimates"].items()},
    )


def _sat(coins: float) -> int:
    return round(coins * _SAT_PER_COIN)


def tips(moments: Iterable[NodeMoment]) -> list[tuple[float, int, bytes]]:
    """Return when a node had each new tip: seconds, height, header."""
    found: list[tuple[float, int, bytes]] = []
    for one in moments:
        if not found or found[-1][2] != one.header:
            found.append((one.at_s, one.height, one.header))
    return found
