"""Fee estimates that are far from those of equals: robust z within one policy and about one block.

bitcoind answers means of its own buckets, clamped from below to its mempool minimum and its relay fee; in quiet times
everybody answers the floor, and that weighs nothing. Nodes of one version and one relay fee, asked at the same height
or one block apart (some programs keep an answer until the next block), may still differ widely when blocks are full; so
the spread is measured, and one far value is not enough.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from electrum_observatory.analysis.truth.backends import Backends, backend_of
from electrum_observatory.analysis.truth.finding import Finding, Quote, finding

SMALLEST_GROUP = 5
"""Backends of one policy that are needed for a comparison, the one that is compared among them."""

FAR = 6.0
"""Robust z from which a value is far."""

FACTOR = 2.5
"""And by that much: nodes of one policy differ by a factor of two in busy times, and a few may agree by chance."""

WINDOWS = 2
"""Heights of the tip at which a server must be far, always to the same side."""

_APART = 1

_SPACING = 0.05
"""Buckets of the estimator lie 5 % apart: no spread is taken for smaller (bitcoind ``policy/fees``, FEE_SPACING)."""

_TO_SIGMA = 1.4826
"""1 / Φ⁻¹(3/4): the median absolute deviation of normal values, as their sigma."""

_MANY = 100
"""Among so many, who is compared counts among the others too: it moves no median, and saves comparing all with all."""

_NEAR_FLOOR = 1.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What must be equal for estimates to be compared.

    Attributes:
        mode: Which mode the node takes by default ("economical" from Core 28, "conservative" before), or "either" as
            long as both gave the same; None where it was not learned.
        relay_fee: Coins per 1000 virtual bytes; None where it was not learned.
    """

    mode: str | None
    relay_fee: float | None

    @property
    def known(self) -> bool:
        """Whether both are known; others have no equals."""
        return self.mode is not None and self.relay_fee is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSeen:
    """One estimate.

    Attributes:
        server: Who gave it.
        window: Height of its tip at that time.
        policy: See :class:`Policy`.
        target: Blocks.
        btc_per_kvb: The estimate; None where there was none.
        floor: The lowest that its node could answer (mempool minimum, relay fee), as far as it was learned.
        quote: The reply.
    """

    server: str
    window: int
    policy: Policy
    target: int
    btc_per_kvb: float | None
    floor: float | None
    quote: Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    seen: FeeSeen
    z: float
    usual: float
    agreed: bool

    @property
    def far(self) -> bool:
        by_factor = abs(math.log((self.seen.btc_per_kvb or 1) / self.usual)) >= math.log(FACTOR)
        return self.agreed and by_factor and abs(self.z) >= FAR


def judge_fees(estimates: Sequence[FeeSeen], backends: Backends) -> tuple[Finding, ...]:
    """Judge the estimates of all servers.

    A server is named where, at two heights at least, most of its estimates that say anything are far from the median of
    its equals, all to the same side.
    """
    weighty = _weighing(estimates)
    groups: dict[tuple[Policy, int], list[FeeSeen]] = {}
    for seen in weighty:
        if seen.policy.known:
            groups.setdefault((seen.policy, seen.target), []).append(seen)
    far: dict[str, list[_Compared]] = {}
    compared: dict[str, list[FeeSeen]] = {}
    for group in groups.values():
        for one in _compare(group, backends):
            compared.setdefault(one.seen.server, []).append(one.seen)
            if one.far:
                far.setdefault(one.seen.server, []).append(one)
    return (*_named(far, compared), *_insufficient(estimates, weighty, compared))


def middle_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Return the median and the median absolute deviation, as a sigma of normal values."""
    middle = median(values)
    return middle, _TO_SIGMA * median(abs(value - middle) for value in values)


def _weighing(estimates: Sequence[FeeSeen]) -> list[FeeSeen]:
    """Return the estimates that say anything: there, above the floor, and not the same for every target."""
    values: dict[tuple[str, int], set[float]] = {}
    for seen in estimates:
        if seen.btc_per_kvb is not None:
            values.setdefault((seen.server, seen.window), set()).add(seen.btc_per_kvb)
    return [
        seen
        for seen in estimates
        if seen.btc_per_kvb is not None
        and seen.btc_per_kvb > 0
        and not _at_floor(seen, seen.btc_per_kvb)
        and len(values[seen.server, seen.window]) > 1
    ]


def _at_floor(seen: FeeSeen, value: float) -> bool:
    floors = [floor for floor in (seen.floor, seen.policy.relay_fee) if floor is not None]
    return any(value <= floor * _NEAR_FLOOR for floor in floors)


def _compare(group: Sequence[FeeSeen], backends: Backends) -> Iterator[_Compared]:
    """Compare each with the other backends at about the same height; a backend votes with its median."""
    votes: dict[int, dict[str, list[float]]] = {}
    for seen in group:
        for window in range(seen.window - _APART, seen.window + _APART + 1):
            of_window = votes.setdefault(window, {})
            of_window.setdefault(backend_of(seen.server, backends), []).append(math.log(seen.btc_per_kvb or 1))
    medians = {
        window: {name: median(values) for name, values in of_window.items()} for window, of_window in votes.items()
    }
    of_others: dict[tuple[int, str], tuple[float, float, bool]] = {}
    for seen in group:
        voters, own = medians[seen.window], backend_of(seen.server, backends)
        if len(voters) < SMALLEST_GROUP:
            continue
        key = seen.window, own if len(voters) < _MANY else ""
        if key not in of_others:
            of_others[key] = _usual(voters, without=key[1])
        middle, spread, agreed = of_others[key]
        z = (math.log(seen.btc_per_kvb or 1) - middle) / max(spread, _SPACING)
        yield _Compared(seen=seen, z=z, usual=math.exp(middle), agreed=agreed)


def _usual(voters: Mapping[str, float], *, without: str) -> tuple[float, float, bool]:
    """Return median and spread of the others, and whether most lie near: where halves differ, neither is the usual."""
    middle, spread = middle_and_spread([value for name, value in voters.items() if name != without])
    near = sum(abs(value - middle) < math.log(FACTOR) for value in voters.values())
    return middle, spread, 2 * near > len(voters)


def _named(far: Mapping[str, Sequence[_Compared]], compared: Mapping[str, Sequence[FeeSeen]]) -> Iterator[Finding]:
    for server, all_far in sorted(far.items()):
        for up in (True, False):
            one_side = [one for one in all_far if (one.z > 0) == up]
            windows = {one.seen.window for one in one_side}
            if len(windows) >= WINDOWS and 2 * len(one_side) > len(compared[server]):
                ratio = median((one.seen.btc_per_kvb or 0) / one.usual for one in one_side)
                words = (
                    f"its fee estimates are {ratio:.2g} times those of servers with the same policy, at "
                    f"{len(windows)} heights ({len(one_side)} of {len(compared[server])} estimates)"
                )
                yield finding("fees_far_from_equals", server, words, [one.seen.quote for one in one_side])


def _insufficient(
    estimates: Sequence[FeeSeen], weighty: Sequence[FeeSeen], compared: Mapping[str, Sequence[FeeSeen]]
) -> Iterator[Finding]:
    """Say of whom nothing could be compared, and why."""
    saying = {seen.server for seen in weighty}
    few = f"fewer than {SMALLEST_GROUP} backends of its policy gave estimates at about the same height"
    mute = "its estimates say nothing: there are none, they lie at the floor, or are one value for every target"
    heights = {server: len({seen.window for seen in of_server}) for server, of_server in compared.items()}
    quotes: dict[str, list[Quote]] = {}
    for seen in estimates:
        quotes.setdefault(seen.server, []).append(seen.quote)
    for server, own in sorted(quotes.items()):
        if heights.get(server, 0) >= WINDOWS:
            continue
        once = f"its estimates could be compared at {heights.get(server)} height only, of {WINDOWS} that are needed"
        words = once if server in heights else few if server in saying else mute
        yield finding("fees_not_comparable", server, words, own)
